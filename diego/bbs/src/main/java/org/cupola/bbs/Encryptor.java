package org.cupola.bbs;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.cupola.platform.config.Secret;

/**
 * Encryption at rest, in the original's envelope: {@code 02}, then base64 of the key's label (one byte of length before
 * it), a nonce of 12 bytes, and AES-256-GCM ciphertext with its tag. A key is the SHA-256 of its passphrase. One
 * key writes; all read. Immutable, any thread.
 */
final class Encryptor {
    private static final String ENVELOPE = "02";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int MAX_LABEL_BYTES = 127;

    private final Map<String, SecretKey> keys = new HashMap<>();
    private final String activeLabel;
    private final SecureRandom random = new SecureRandom();

    /** @throws IllegalArgumentException when the active label has no key, or a label is empty or longer than 127 bytes */
    Encryptor(String activeLabel, Map<String, Secret> passphrases) {
        this.activeLabel = activeLabel;
        passphrases.forEach((label, passphrase) -> {
            int length = label.getBytes(StandardCharsets.UTF_8).length;
            if (length == 0 || length > MAX_LABEL_BYTES) {
                throw new IllegalArgumentException(
                        "encryption_keys: label of " + length + " bytes (expected: 1 to " + MAX_LABEL_BYTES + ")");
            }
            keys.put(label, new SecretKeySpec(sha256(passphrase.value()), "AES"));
        });
        if (!keys.containsKey(activeLabel)) {
            throw new IllegalArgumentException(
                    "active_key_label: " + activeLabel + " (expected: a label of encryption_keys)");
        }
    }

    String activeLabel() {
        return activeLabel;
    }

    boolean knows(String label) {
        return keys.containsKey(label);
    }

    String encrypt(byte[] plain) {
        byte[] label = activeLabel.getBytes(StandardCharsets.UTF_8);
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] sealed = run(Cipher.ENCRYPT_MODE, activeLabel, nonce, plain, 0, plain.length);
        byte[] envelope = ByteBuffer.allocate(1 + label.length + NONCE_BYTES + sealed.length)
                .put((byte) label.length)
                .put(label)
                .put(nonce)
                .put(sealed)
                .array();
        return ENVELOPE + Base64.getEncoder().encodeToString(envelope);
    }

    /** @throws Refusal when the text is not an envelope of a known key */
    byte[] decrypt(String text) {
        if (!text.startsWith(ENVELOPE)) {
            throw Refusal.deserialize();
        }
        try {
            byte[] envelope = Base64.getDecoder().decode(text.substring(ENVELOPE.length()));
            int labelEnd = 1 + envelope[0];
            String label = new String(envelope, 1, labelEnd - 1, StandardCharsets.UTF_8);
            if (!keys.containsKey(label)) {
                throw Refusal.deserialize();
            }
            byte[] nonce = Arrays.copyOfRange(envelope, labelEnd, labelEnd + NONCE_BYTES);
            int start = labelEnd + NONCE_BYTES;
            return run(Cipher.DECRYPT_MODE, label, nonce, envelope, start, envelope.length - start);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw Refusal.deserialize();
        }
    }

    private byte[] run(int mode, String label, byte[] nonce, byte[] data, int start, int length) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, keys.get(label), new GCMParameterSpec(TAG_BITS, nonce));
            return cipher.doFinal(data, start, length);
        } catch (javax.crypto.AEADBadTagException e) {
            throw Refusal.deserialize();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not usable", e);
        }
    }

    private static byte[] sha256(String passphrase) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(passphrase.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
