package org.cupola.protocol.uaa;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.cupola.platform.config.Secret;
import org.cupola.protocol.uaa.UaaException.Kind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of one client of the UAA: fetched by client credentials, kept until shortly before they expire, fetched once
 * however many threads ask. Guarded by its lock; may block for as long as its attempts take.
 */
public final class TokenClient implements TokenSource {
    private static final Logger log = LoggerFactory.getLogger(TokenClient.class);

    private final UaaConnection uaa;
    private final String clientId;
    private final Secret clientSecret;
    private final Settings settings;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable TokenResponse current;

    @GuardedBy("lock")
    private Instant expiresAt = Instant.MIN;

    @GuardedBy("lock")
    private Instant fetchedAt = Instant.MIN;

    /**
     * @param expiryBuffer a token with less than this left is not handed out any more
     * @param attempts     how often a request that found nobody is sent, at least once
     * @param pause        between two attempts
     */
    public record Settings(Duration expiryBuffer, int attempts, Duration pause) {
        /** The originals': 30 s buffer, the first attempt and three more, 500 ms apart. */
        public static final Settings DEFAULT = new Settings(Duration.ofSeconds(30), 4, Duration.ofMillis(500));

        public Settings {
            if (attempts < 1) {
                throw new IllegalArgumentException("attempts: " + attempts + " (expected: > 0)");
            }
        }
    }

    public TokenClient(
            UaaConnection uaa, String clientId, Secret clientSecret, Settings settings, InstantSource clock) {
        this.uaa = uaa;
        this.clientId = clientId;
        this.clientSecret = clientSecret;
        this.settings = settings;
        this.clock = clock;
    }

    /** With the originals' settings. */
    public TokenClient(UaaConnection uaa, String clientId, Secret clientSecret, InstantSource clock) {
        this(uaa, clientId, clientSecret, Settings.DEFAULT, clock);
    }

    @Override
    public String token() throws UaaException {
        lock.lock();
        try {
            TokenResponse token = current;
            if (token == null || !clock.instant().isBefore(expiresAt.minus(settings.expiryBuffer))) {
                token = fetch();
            }
            return token.accessToken().value();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String renewed() throws UaaException {
        Instant asked = clock.instant();
        lock.lock();
        try {
            // Whoever waited here for another's renewal takes that one.
            TokenResponse token = current;
            return token != null && fetchedAt.isAfter(asked)
                    ? token.accessToken().value()
                    : fetch().accessToken().value();
        } finally {
            lock.unlock();
        }
    }

    /** A token by another grant, for this client, not kept. Sent once. */
    public TokenResponse grant(TokenGrant grant, List<String> scopes) throws UaaException {
        return uaa.token(clientId, clientSecret, grant, scopes);
    }

    @GuardedBy("lock")
    private TokenResponse fetch() throws UaaException {
        TokenResponse token = fetchWithRetries();
        current = token;
        fetchedAt = clock.instant();
        expiresAt = fetchedAt.plus(token.expiresIn());
        return token;
    }

    private TokenResponse fetchWithRetries() throws UaaException {
        for (int attempt = 1; ; attempt++) {
            try {
                return uaa.token(clientId, clientSecret, new TokenGrant.ClientCredentials(), List.of());
            } catch (UaaException e) {
                if (e.kind() == Kind.REFUSED || attempt >= settings.attempts) {
                    throw e;
                }
                log.atInfo()
                        .addKeyValue("client", clientId)
                        .addKeyValue("attempt", attempt)
                        .addKeyValue("error", e.getMessage())
                        .log("token-retry");
                pause(e);
            }
        }
    }

    private void pause(UaaException reason) throws UaaException {
        try {
            Thread.sleep(settings.pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw reason;
        }
    }
}
