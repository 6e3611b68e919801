package org.cupola.nats;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * Users that are public Ed25519 keys: they sign the nonce of the server's INFO.
 *
 * <p>A key's text is base32 (RFC 4648, without padding) of a prefix byte, 32 key bytes and a CRC-16/XMODEM in little
 * endian; users have the prefix 160, which makes the text start with {@code U}.
 */
final class NonceSignature {
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int USER_PREFIX = 20 << 3;
    private static final int KEY_BYTES = 32;

    /** The DER header of an Ed25519 SubjectPublicKeyInfo (RFC 8410). */
    private static final byte[] KEY_INFO = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

    private NonceSignature() {}

    static Optional<PublicKey> publicKey(String text) {
        byte[] raw = base32(text);
        if (raw.length != KEY_BYTES + 3 || (raw[0] & 0xff) != USER_PREFIX || !checksumFits(raw)) {
            return Optional.empty();
        }
        byte[] info = Arrays.copyOf(KEY_INFO, KEY_INFO.length + KEY_BYTES);
        System.arraycopy(raw, 1, info, KEY_INFO.length, KEY_BYTES);
        try {
            return Optional.of(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(info)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** @param signature in base64, URL-safe or standard, without padding */
    static boolean verify(String publicKey, String nonce, String signature) {
        Optional<PublicKey> key = publicKey(publicKey);
        if (key.isEmpty() || signature.isEmpty()) {
            return false;
        }
        try {
            byte[] signed = Base64.getUrlDecoder()
                    .decode(signature.replace('+', '-').replace('/', '_').replace("=", ""));
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key.get());
            verifier.update(nonce.getBytes(StandardCharsets.US_ASCII));
            return verifier.verify(signed);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // whatever is wrong with it, it is not a signature of the nonce
        }
    }

    private static byte[] base32(String text) {
        byte[] bytes = new byte[text.length() * 5 / 8];
        int bits = 0;
        int value = 0;
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = BASE32.indexOf(text.charAt(i));
            if (digit < 0) {
                return new byte[0];
            }
            value = (value << 5 | digit) & 0xfff;
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                bytes[length++] = (byte) (value >> bits);
            }
        }
        return bytes;
    }

    private static boolean checksumFits(byte[] raw) {
        int crc = 0;
        for (int i = 0; i < raw.length - 2; i++) {
            crc ^= (raw[i] & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1;
            }
        }
        return crc == ((raw[raw.length - 2] & 0xff) | (raw[raw.length - 1] & 0xff) << 8);
    }
}
