package org.cupola.platform.tls;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Who we are in a TLS handshake: a private key and its certificate chain, leaf first. Immutable.
 *
 * <p>Its {@code toString} shows the subject, never the key.
 */
public record TlsIdentity(PrivateKey key, List<X509Certificate> chain) {
    public TlsIdentity {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("chain: empty (expected: at least the leaf certificate)");
        }
    }

    /** @throws IllegalArgumentException when a file cannot be read, or the key does not belong to the certificate */
    public static TlsIdentity read(Path certificateFile, Path keyFile) {
        var identity = new TlsIdentity(Pem.privateKey(keyFile), Pem.certificates(certificateFile));
        if (!identity.matches()) {
            throw new IllegalArgumentException(keyFile + ": does not belong to the certificate in " + certificateFile);
        }
        return identity;
    }

    public static TlsIdentity parse(String certificatePem, String keyPem) {
        var identity = new TlsIdentity(Pem.privateKey(keyPem), Pem.certificates(certificatePem));
        if (!identity.matches()) {
            throw new IllegalArgumentException("the private key does not belong to the certificate");
        }
        return identity;
    }

    public X509Certificate certificate() {
        return chain.getFirst();
    }

    private boolean matches() {
        return KeyPairs.belongTogether(key, certificate().getPublicKey());
    }

    @Override
    public String toString() {
        return "TlsIdentity[" + certificate().getSubjectX500Principal() + "]";
    }
}
