package org.cupola.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class NonceSignatureTest {
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /** The text form of a public user key. */
    static String userKey(PublicKey key) {
        byte[] encoded = key.getEncoded();
        byte[] raw = new byte[35];
        raw[0] = (byte) (20 << 3);
        System.arraycopy(encoded, encoded.length - 32, raw, 1, 32);
        int crc = crc16(raw, 33);
        raw[33] = (byte) crc;
        raw[34] = (byte) (crc >> 8);
        var bits = new StringBuilder();
        for (byte b : raw) {
            bits.append(String.format("%8s", Integer.toBinaryString(b & 0xff)).replace(' ', '0'));
        }
        var text = new StringBuilder();
        for (int i = 0; i < bits.length(); i += 5) {
            text.append(BASE32.charAt(Integer.parseInt(bits.substring(i, i + 5), 2)));
        }
        return text.toString();
    }

    private static int crc16(byte[] bytes, int length) {
        int crc = 0;
        for (int i = 0; i < length; i++) {
            crc ^= (bytes[i] & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc << 1) ^ ((crc & 0x8000) == 0 ? 0 : 0x1021);
            }
            crc &= 0xffff;
        }
        return crc;
    }

    static String sign(PrivateKey key, String nonce) throws Exception {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(key);
        signature.update(nonce.getBytes(StandardCharsets.US_ASCII));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    }

    private static KeyPair newKeys() throws Exception {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    @Test
    void acceptsTheSignatureOfTheNonceOnly() throws Exception {
        KeyPair keys = newKeys();
        String user = userKey(keys.getPublic());
        String signature = sign(keys.getPrivate(), "abcdefghijklmno");

        assertThat(user).startsWith("U").hasSize(56);
        assertThat(NonceSignature.verify(user, "abcdefghijklmno", signature)).isTrue();
        assertThat(NonceSignature.verify(user, "abcdefghijklmno", signature + "=="))
                .isTrue();
        assertThat(NonceSignature.verify(user, "another", signature)).isFalse();
        assertThat(NonceSignature.verify(userKey(newKeys().getPublic()), "abcdefghijklmno", signature))
                .isFalse();
        assertThat(NonceSignature.verify(user, "abcdefghijklmno", "!!")).isFalse();
        assertThat(NonceSignature.verify(user, "abcdefghijklmno", "")).isFalse();
    }

    @Test
    void refusesKeysThatAreNoUserKeys() throws Exception {
        String user = userKey(newKeys().getPublic());

        assertThat(NonceSignature.publicKey(user)).isPresent();
        assertThat(NonceSignature.publicKey("S" + user.substring(1))).isEmpty();
        assertThat(NonceSignature.publicKey(user.substring(0, 55))).isEmpty();
        assertThat(NonceSignature.publicKey(user.substring(0, 55) + (user.endsWith("A") ? "B" : "A")))
                .isEmpty();
        assertThat(NonceSignature.publicKey("")).isEmpty();
        assertThat(NonceSignature.publicKey("not base32!")).isEmpty();
    }
}
