package org.cupola.uaa;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/**
 * Hashes and checks passwords and client secrets.
 *
 * <p>What people choose is hashed by BCrypt (strength 10 takes a core for some 50 ms), never more at once than all
 * processors but one, so that a flood of logins cannot starve the token checks beside it. A client secret of 20 or more
 * characters with at least 10 different ones is a machine's: it cannot be guessed at any speed, so one keyed SHA-256
 * is as good and a hundred thousand times cheaper; a start with many clients depends on it. Client secrets that were right
 * are remembered for ten minutes under a key of this process; user passwords are not. Any thread; blocks.
 */
final class Passwords {
    private static final String FAST = "{hmac-sha256}";
    private static final String BCRYPT = "{bcrypt}";
    private static final int MAX_BCRYPT_BYTES = 72;

    private final int strength;
    private final Semaphore permits =
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() - 1), true);
    private final byte[] processKey = Randoms.bytes(32);
    private final Cache<String, Boolean> rightSecrets = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofMinutes(10))
            .build();

    /** @param strength the logarithm of BCrypt's rounds, 4 to 31 */
    Passwords(int strength) {
        this.strength = strength;
    }

    String hash(String password) {
        return bounded(() -> OpenBSDBCrypt.generate("2a", clipped(password), Randoms.bytes(16), strength));
    }

    boolean matches(String password, String hash) {
        if (hash.startsWith(FAST)) {
            return fastMatches(password, hash);
        }
        String bcrypt = hash.startsWith(BCRYPT) ? hash.substring(BCRYPT.length()) : hash;
        if (!bcrypt.startsWith("$2")) {
            return false;
        }
        return bounded(() -> OpenBSDBCrypt.checkPassword(bcrypt, clipped(password)));
    }

    /** Takes as long as a check of a user's password, for users who do not exist. */
    void matchNobody(String password) {
        hash(password);
    }

    String hashSecret(String secret) {
        boolean ofMachine = secret.length() >= 20 && secret.chars().distinct().count() >= 10;
        if (!ofMachine && !secret.isEmpty()) {
            return hash(secret);
        }
        byte[] salt = Randoms.bytes(16);
        var encoder = Base64.getUrlEncoder().withoutPadding();
        return FAST + encoder.encodeToString(salt) + "." + encoder.encodeToString(hmac(salt, secret));
    }

    /** The hash among those given that the secret belongs to. */
    Optional<String> matchingSecret(String clientId, String secret, List<String> hashes) {
        for (String hash : hashes) {
            String key = Randoms.base64Url(hmac(processKey, clientId + "\n" + hash + "\n" + secret));
            if (rightSecrets.getIfPresent(key) != null) {
                return Optional.of(hash);
            }
            if (matches(secret, hash)) {
                rightSecrets.put(key, true);
                return Optional.of(hash);
            }
        }
        return Optional.empty();
    }

    private static boolean fastMatches(String secret, String hash) {
        int dot = hash.indexOf('.');
        if (dot < 0) {
            return false;
        }
        var decoder = Base64.getUrlDecoder();
        byte[] salt = decoder.decode(hash.substring(FAST.length(), dot));
        return MessageDigest.isEqual(hmac(salt, secret), decoder.decode(hash.substring(dot + 1)));
    }

    /** BCrypt reads 72 bytes; the rest would be refused by the library, and ignored by the original. */
    private static char[] clipped(String password) {
        String text = password.substring(0, Math.min(password.length(), MAX_BCRYPT_BYTES));
        while (text.getBytes(StandardCharsets.UTF_8).length > MAX_BCRYPT_BYTES) {
            text = text.substring(0, text.length() - 1);
        }
        return text.toCharArray();
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private interface Hashing<T> {
        T run();
    }

    private <T> T bounded(Hashing<T> hashing) {
        try {
            if (!permits.tryAcquire(20, TimeUnit.SECONDS)) {
                throw UaaError.oauth(503, "server_error", "Too many logins at once. Please try again later.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw UaaError.oauth(503, "server_error", "The server is shutting down.");
        }
        try {
            return hashing.run();
        } finally {
            permits.release();
        }
    }
}
