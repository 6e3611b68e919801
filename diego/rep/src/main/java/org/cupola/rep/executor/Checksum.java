package org.cupola.rep.executor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** What a downloaded file must add up to; without an algorithm anything does. */
record Checksum(String algorithm, String value) {
    static final Checksum NONE = new Checksum("", "");

    boolean isNone() {
        return algorithm.isEmpty() && value.isEmpty();
    }

    /** @throws IOException when the file is another one, or the algorithm is none of md5, sha1, sha256, sha512 */
    void verify(Path file) throws IOException {
        if (isNone()) {
            return;
        }
        String found = HexFormat.of().formatHex(digest(name(), file));
        if (!found.equalsIgnoreCase(value)) {
            throw new IOException("checksum mismatch: " + algorithm + " is " + found + " (expected: " + value + ")");
        }
    }

    private String name() throws IOException {
        return switch (algorithm.toLowerCase(Locale.ROOT)) {
            case "md5" -> "MD5";
            case "sha1" -> "SHA-1";
            case "sha256" -> "SHA-256";
            case "sha512" -> "SHA-512";
            default -> throw new IOException("checksum algorithm: " + algorithm + " (expected: md5, sha1 or sha256)");
        };
    }

    static byte[] digest(String name, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance(name);
            byte[] buffer = new byte[64 * 1024];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }
}
