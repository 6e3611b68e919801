package org.cupola.gorouter.proxy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.cupola.platform.json.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Signs what a route service is told, and checks what comes back: AES-128-GCM over a small JSON, under a key made from the
 * shared secret by PBKDF2-HMAC-SHA256 with an empty salt and 100001 rounds, as every router of the deployment does it.
 * Immutable, any thread.
 */
public final class RouteServiceCrypto {
    private static final int ROUNDS = 100_001;
    private static final int KEY_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final List<SecretKeySpec> keys;
    private final Duration lifetime;
    private final SecureRandom random = new SecureRandom();

    /** The two header values. */
    record Signed(String signature, String metadata) {}

    /** What a signature says, or why it cannot be believed. */
    sealed interface Checked {
        record Valid(String forwardedUrl) implements Checked {}

        record Expired() implements Checked {}

        record Invalid(String reason) implements Checked {}
    }

    /** @param secrets the current one, then those that are still taken */
    public RouteServiceCrypto(List<String> secrets, Duration lifetime) {
        this.keys = secrets.stream().map(RouteServiceCrypto::key).toList();
        this.lifetime = lifetime;
    }

    private static SecretKeySpec key(String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] round = mac.doFinal(new byte[] {0, 0, 0, 1}); // the empty salt, then the number of the only block
            byte[] block = round.clone();
            for (int i = 1; i < ROUNDS; i++) {
                round = mac.doFinal(round);
                for (int b = 0; b < block.length; b++) {
                    block[b] ^= round[b];
                }
            }
            return new SecretKeySpec(Arrays.copyOf(block, KEY_BYTES), "AES");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA256", e);
        }
    }

    Signed sign(String forwardedUrl, Instant now) {
        var nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        String json = "{\"forwarded_url\":" + quoted(forwardedUrl) + ",\"requested_time\":\"" + now + "\"}";
        try {
            byte[] sealed =
                    cipher(Cipher.ENCRYPT_MODE, keys.getFirst(), nonce).doFinal(json.getBytes(StandardCharsets.UTF_8));
            String metadata = "{\"nonce\":\"" + Base64.getEncoder().encodeToString(nonce) + "\"}";
            return new Signed(
                    Base64.getUrlEncoder().encodeToString(sealed),
                    Base64.getUrlEncoder().encodeToString(metadata.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    Checked check(String signature, String metadata, Instant now) {
        if (metadata.isEmpty()) {
            return new Checked.Invalid("No metadata found");
        }
        try {
            JsonNode described = Json.tree(Base64.getUrlDecoder().decode(metadata));
            byte[] nonce = Base64.getDecoder().decode(described.path("nonce").asString(""));
            if (nonce.length != NONCE_BYTES) {
                return new Checked.Invalid("incorrect nonce length");
            }
            byte[] sealed = Base64.getUrlDecoder().decode(signature);
            for (SecretKeySpec key : keys) {
                byte[] opened = open(key, nonce, sealed);
                if (opened.length > 0) {
                    return understand(Json.tree(opened), now);
                }
            }
            return new Checked.Invalid("cipher: message authentication failed");
        } catch (IllegalArgumentException | JacksonException | DateTimeParseException e) {
            return new Checked.Invalid(
                    String.valueOf(e.getMessage()).lines().findFirst().orElse("malformed"));
        }
    }

    private Checked understand(JsonNode content, Instant now) {
        Instant requested = OffsetDateTime.parse(content.path("requested_time").asString(""))
                .toInstant();
        return Duration.between(requested, now).compareTo(lifetime) > 0
                ? new Checked.Expired()
                : new Checked.Valid(content.path("forwarded_url").asString(""));
    }

    /** Empty when it was not sealed with this key. */
    private static byte[] open(SecretKeySpec key, byte[] nonce, byte[] sealed) {
        try {
            return cipher(Cipher.DECRYPT_MODE, key, nonce).doFinal(sealed);
        } catch (GeneralSecurityException e) {
            return new byte[0];
        }
    }

    private static Cipher cipher(int mode, SecretKeySpec key, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }

    private static String quoted(String text) {
        return Json.text(text).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e");
    }
}
