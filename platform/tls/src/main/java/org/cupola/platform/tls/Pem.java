package org.cupola.platform.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Certificates and keys in PEM text. Errors are {@link IllegalArgumentException} that name what was expected. */
public final class Pem {
    private static final String CERTIFICATE_BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String CERTIFICATE_END = "-----END CERTIFICATE-----";
    private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String KEY_END = "-----END PRIVATE KEY-----";

    /** Object identifiers 1.2.840.113549.1.1.1 and 1.2.840.10045.2.1 in DER. */
    private static final byte[] RSA = HexFormat.of().parseHex("06092a864886f70d010101");

    private static final byte[] ELLIPTIC = HexFormat.of().parseHex("06072a8648ce3d0201");

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
        return plainKey(pem).orElseGet(() -> PemObjects.privateKey(pem));
    }

    /**
     * The key when it is in PKCS#8, for RSA or elliptic curves, and nothing is wrong with it. Most are, and the library for
     * all others takes long to load: its jars are signed, which bars them from a start-up cache.
     */
    private static Optional<PrivateKey> plainKey(String pem) {
        int begin = pem.indexOf(KEY_BEGIN);
        int end = pem.indexOf(KEY_END);
        if (begin < 0 || end < begin || pem.substring(0, begin).contains("PRIVATE KEY-----")) {
            return Optional.empty();
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + KEY_BEGIN.length(), end));
            String algorithm = contains(der, RSA) ? "RSA" : contains(der, ELLIPTIC) ? "EC" : "";
            return algorithm.isEmpty()
                    ? Optional.empty()
                    : Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty(); // the other way tells what is wrong
        }
    }

    /** Whether the structure's head names the algorithm. */
    private static boolean contains(byte[] der, byte[] identifier) {
        for (int at = 0; at < Math.min(16, der.length - identifier.length); at++) {
            if (Arrays.equals(der, at, at + identifier.length, identifier, 0, identifier.length)) {
                return true;
            }
        }
        return false;
    }

    public static PrivateKey privateKey(Path file) {
        return reading(file, () -> privateKey(Files.readString(file)));
    }

    /** A public key ({@code PUBLIC KEY} block), or that of a certificate. */
    public static PublicKey publicKey(String pem) {
        return PemObjects.publicKey(pem)
                .orElseGet(() -> certificates(pem).getFirst().getPublicKey());
    }

    /** Certificates and public keys as they are; private keys as PKCS#8. */
    public static String write(Object... certificatesAndKeys) {
        return PemObjects.write(certificatesAndKeys);
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
