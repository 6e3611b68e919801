package org.cupola.protocol.blobstore;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.cupola.platform.config.Secret;

/**
 * Signs paths so that they open for everyone until a time, in the two forms the platform knows: the MD5 links of the WebDAV
 * server's own signer ({@code /read/…?md5=&expires=}, as nginx's secure_link checks them), and the HMAC links of the storage
 * command line tool ({@code /signed/…?st=&ts=&e=}). MD5 over path and secret is what the original does; whoever can
 * choose uses the HMAC form. Immutable, any thread.
 */
public final class LinkSigner {
    private final Secret secret;

    /** What a link is worth. */
    public enum Verdict {
        GOOD,
        /** No signature, or not ours. */
        FORGED,
        EXPIRED
    }

    public LinkSigner(Secret secret) {
        if (secret.isEmpty()) {
            throw new IllegalArgumentException("the secret that signs links is empty");
        }
        this.secret = secret;
    }

    /**
     * {@code <path>?md5=…&expires=…}.
     *
     * @param path whole and not encoded, such as {@code /read/cc-droplets/ab/cd/abcd}
     */
    public String sign(String path, Instant expires) {
        long seconds = expires.getEpochSecond();
        return path + "?md5=" + md5(path, seconds) + "&expires=" + seconds;
    }

    /** Checks what {@link #sign} made; empty texts stand for missing parameters. */
    public Verdict verify(String path, String md5, String expires, Instant now) {
        long seconds = number(expires);
        if (md5.isEmpty() || seconds < 0 || !same(md5, md5(path, seconds))) {
            return Verdict.FORGED;
        }
        return now.getEpochSecond() >= seconds ? Verdict.EXPIRED : Verdict.GOOD;
    }

    /**
     * {@code /signed/<blob>?st=…&ts=…&e=…}.
     *
     * @param verb {@code GET} or {@code PUT}
     * @param blob directory and stored path, without a slash before it
     */
    public String signVerb(String verb, String blob, Instant now, long validSeconds) {
        long seconds = now.getEpochSecond();
        return "/signed/" + blob + "?st=" + hmac(verb + blob + seconds + validSeconds) + "&ts=" + seconds + "&e="
                + validSeconds;
    }

    /** Checks what {@link #signVerb} made; empty texts stand for missing parameters. */
    public Verdict verifyVerb(
            String verb, String blob, String signature, String timestamp, String validity, Instant now) {
        long signedAt = number(timestamp);
        long validSeconds = number(validity);
        if (signature.isEmpty()
                || signedAt < 0
                || validSeconds < 0
                || !same(signature, hmac(verb + blob + timestamp + validity))) {
            return Verdict.FORGED;
        }
        return now.getEpochSecond() > signedAt + validSeconds ? Verdict.EXPIRED : Verdict.GOOD;
    }

    private String md5(String path, long expires) {
        try {
            String text = expires + path + " " + secret.value();
            return base64(MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    private String hmac(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.value().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return base64(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    /** At most 12 digits, so that sums cannot overflow; -1 for anything else. */
    private static long number(String text) {
        return text.matches("\\d{1,12}") ? Long.parseLong(text) : -1;
    }
}
