package org.cupola.cloudcontroller;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Checksums of files in hexadecimal. */
record Digests(String sha1, String sha256) {
    static Digests of(Path file) throws IOException {
        MessageDigest sha1 = digest("SHA-1");
        MessageDigest sha256 = digest("SHA-256");
        try (InputStream in = new DigestInputStream(new DigestInputStream(Files.newInputStream(file), sha1), sha256)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return new Digests(hex(sha1), hex(sha256));
    }

    static String sha1(Path file) throws IOException {
        return of(file).sha1();
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
