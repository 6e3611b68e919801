package org.cupola.uaa;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.cupola.platform.tls.Pem;

/** A key that signs and checks tokens: RSA (RS256) or a shared secret (HS256). Immutable, any thread. */
sealed interface SigningKey {
    String id();

    String algorithm();

    byte[] sign(byte[] content);

    boolean verify(byte[] content, byte[] signature);

    /** As {@code /token_keys} shows it. */
    Map<String, Object> describe();

    /**
     * @param text a PEM private key, or a shared secret
     * @throws IllegalArgumentException when it looks like PEM and is not an RSA key of at least 1024 bits
     */
    static SigningKey of(String id, String text) {
        if (!text.contains("-----BEGIN")) {
            return new Shared(id, text.strip());
        }
        if (Pem.privateKey(text) instanceof RSAPrivateCrtKey key) {
            return rsa(id, key);
        }
        throw new IllegalArgumentException("not an RSA private key");
    }

    private static Rsa rsa(String id, RSAPrivateCrtKey key) {
        if (key.getModulus().bitLength() < 1024) {
            throw new IllegalArgumentException(
                    key.getModulus().bitLength() + " bits (expected: an RSA key of at least 1024 bits)");
        }
        return new Rsa(id, key, publicKey(key.getModulus(), key.getPublicExponent()));
    }

    static RSAPublicKey publicKey(BigInteger modulus, BigInteger exponent) {
        try {
            PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
            return (RSAPublicKey) key;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a usable RSA key: " + e.getMessage(), e);
        }
    }

    /** PEM of a new RSA key of 2048 bits. */
    static String generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair pair = generator.generateKeyPair();
            return Pem.write(pair.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }

    static boolean verifyRsa(PublicKey key, byte[] content, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("SHA256withRSA");
            verifier.initVerify(key);
            verifier.update(content);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // a signature of the wrong length is just a wrong signature
        }
    }

    /** RS256. */
    record Rsa(String id, PrivateKey privateKey, RSAPublicKey publicKey) implements SigningKey {
        @Override
        public String algorithm() {
            return "RS256";
        }

        @Override
        public byte[] sign(byte[] content) {
            try {
                Signature signer = Signature.getInstance("SHA256withRSA");
                signer.initSign(privateKey);
                signer.update(content);
                return signer.sign();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("cannot sign with key " + id, e);
            }
        }

        @Override
        public boolean verify(byte[] content, byte[] signature) {
            return verifyRsa(publicKey, content, signature);
        }

        @Override
        public Map<String, Object> describe() {
            Map<String, Object> shown = new LinkedHashMap<>();
            shown.put("kty", "RSA");
            shown.put("e", unsigned(publicKey.getPublicExponent()));
            shown.put("use", "sig");
            shown.put("kid", id);
            shown.put("alg", algorithm());
            shown.put("value", Pem.write(publicKey).strip());
            shown.put("n", unsigned(publicKey.getModulus()));
            return shown;
        }

        private static String unsigned(BigInteger number) {
            byte[] bytes = number.toByteArray();
            int zero = bytes.length > 1 && bytes[0] == 0 ? 1 : 0;
            return Randoms.base64Url(java.util.Arrays.copyOfRange(bytes, zero, bytes.length));
        }

        @Override
        public String toString() {
            return "Rsa[" + id + "]";
        }
    }

    /** HS256; whoever can check tokens can make them. */
    record Shared(String id, String secret) implements SigningKey {
        @Override
        public String algorithm() {
            return "HS256";
        }

        @Override
        public byte[] sign(byte[] content) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
                return mac.doFinal(content);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("cannot sign with key " + id, e);
            }
        }

        @Override
        public boolean verify(byte[] content, byte[] signature) {
            return MessageDigest.isEqual(sign(content), signature);
        }

        @Override
        public Map<String, Object> describe() {
            Map<String, Object> shown = new LinkedHashMap<>();
            shown.put("kty", "MAC");
            shown.put("use", "sig");
            shown.put("kid", id);
            shown.put("alg", algorithm());
            shown.put("value", secret);
            return shown;
        }

        @Override
        public String toString() {
            return "Shared[" + id + "]";
        }
    }
}
