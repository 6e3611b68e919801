package org.cupola.platform.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
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

/** Certificates and keys in PEM text. Errors are {@link IllegalArgumentException} that name what was expected. */
public final class Pem {
    private static final String CERTIFICATE_BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String CERTIFICATE_END = "-----END CERTIFICATE-----";

    private Pem() {}

    /** All certificates of the text, in order; other blocks are skipped. At least one must be there. */
    public static List<X509Certificate> certificates(String pem) {
        List<X509Certificate> certificates = new ArrayList<>();
        int begin = pem.indexOf(CERTIFICATE_BEGIN);
        while (begin >= 0) {
            int end = pem.indexOf(CERTIFICATE_END, begin);
            if (end < 0) {
                throw new IllegalArgumentException("a PEM certificate without its END line");
            }
            end += CERTIFICATE_END.length();
            certificates.add(certificate(pem.substring(begin, end)));
            begin = pem.indexOf(CERTIFICATE_BEGIN, end);
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("no PEM certificate found");
        }
        return List.copyOf(certificates);
    }

    public static List<X509Certificate> certificates(Path file) {
        return reading(file, () -> certificates(Files.readString(file)));
    }

    /** An unencrypted key in PKCS#8, PKCS#1 (RSA) or SEC1 (EC) form; the first of the text. */
    public static PrivateKey privateKey(String pem) {
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

    public static PrivateKey privateKey(Path file) {
        return reading(file, () -> privateKey(Files.readString(file)));
    }

    /** A public key ({@code PUBLIC KEY} block), or that of a certificate. */
    public static PublicKey publicKey(String pem) {
        try (var parser = new PEMParser(new StringReader(pem))) {
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                if (block instanceof SubjectPublicKeyInfo info) {
                    return jdkKey(info);
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("not a usable PEM public key: " + e.getMessage(), e);
        }
        return certificates(pem).getFirst().getPublicKey();
    }

    /** Certificates and public keys as they are; private keys as PKCS#8. */
    public static String write(Object... certificatesAndKeys) {
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

    private static X509Certificate certificate(String block) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(block.getBytes(StandardCharsets.US_ASCII)));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("not a usable PEM certificate: " + e.getMessage(), e);
        }
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private static <T> T reading(Path file, Reading<T> reading) {
        try {
            return reading.read();
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": cannot be read: " + e, e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }
}
