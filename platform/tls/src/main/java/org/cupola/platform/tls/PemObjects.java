package org.cupola.platform.tls;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/** What of PEM needs a library; apart from {@link Pem}, so that it is loaded only where it is used. Errors as there. */
final class PemObjects {
    private PemObjects() {}

    /** An unencrypted key in PKCS#8, PKCS#1 (RSA) or SEC1 (EC) form; the first of the text. */
    static PrivateKey privateKey(String pem) {
        try (var parser = new PEMParser(new StringReader(pem))) {
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                if (block instanceof PEMKeyPair pair) {
                    return jdkKey(pair.getPrivateKeyInfo());
                }
                if (block instanceof PrivateKeyInfo info) {
                    return jdkKey(info);
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("not a usable PEM private key: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("no unencrypted PEM private key found");
    }

    /** The first public key of the text; empty when there is none. */
    static Optional<PublicKey> publicKey(String pem) {
        try (var parser = new PEMParser(new StringReader(pem))) {
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                if (block instanceof SubjectPublicKeyInfo info) {
                    return Optional.of(jdkKey(info));
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("not a usable PEM public key: " + e.getMessage(), e);
        }
        return Optional.empty();
    }

    /** Certificates and public keys as they are; private keys as PKCS#8. */
    static String write(Object... certificatesAndKeys) {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            for (Object item : certificatesAndKeys) {
                writer.writeObject(item instanceof PrivateKey key ? new JcaPKCS8Generator(key, null) : item);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /**
     * The JDK's own kind of key. Libraries register a provider of theirs for moments, process-wide, and a key made by it then
     * would not fit the certificate's, which the JDK makes.
     */
    private static PrivateKey jdkKey(PrivateKeyInfo info) throws IOException {
        Optional<String> algorithm = algorithm(info.getPrivateKeyAlgorithm());
        if (algorithm.isEmpty()) {
            return new JcaPEMKeyConverter().getPrivateKey(info);
        }
        try {
            return KeyFactory.getInstance(algorithm.get()).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a usable PEM private key: " + e.getMessage(), e);
        }
    }

    private static PublicKey jdkKey(SubjectPublicKeyInfo info) throws IOException {
        Optional<String> algorithm = algorithm(info.getAlgorithm());
        if (algorithm.isEmpty()) {
            return new JcaPEMKeyConverter().getPublicKey(info);
        }
        try {
            return KeyFactory.getInstance(algorithm.get()).generatePublic(new X509EncodedKeySpec(info.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a usable PEM public key: " + e.getMessage(), e);
        }
    }

    private static Optional<String> algorithm(AlgorithmIdentifier identifier) {
        if (identifier.getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption)) {
            return Optional.of("RSA");
        }
        return identifier.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)
                ? Optional.of("EC")
                : Optional.empty();
    }
}
