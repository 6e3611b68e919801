package org.cupola.uaa;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** Unguessable values and the digests they are stored by. Any thread. */
final class Randoms {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static final SecureRandom RANDOM = new SecureRandom();

    private Randoms() {}

    /** 32 characters with 6 bits each, as authorization codes and passcodes are. */
    static String code() {
        byte[] bytes = bytes(32);
        var code = new StringBuilder(32);
        for (byte each : bytes) {
            code.append(ALPHABET.charAt(each & 63));
        }
        return code.toString();
    }

    /** 32 hexadecimal digits. */
    static String tokenId() {
        return HexFormat.of().formatHex(bytes(16));
    }

    static String salt() {
        return HexFormat.of().formatHex(bytes(8));
    }

    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /** What a code or a session is kept as, so that a stolen database opens nothing. */
    static String digest(String value) {
        return HexFormat.of().formatHex(sha256(value.getBytes(StandardCharsets.UTF_8)));
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static String base64Url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
