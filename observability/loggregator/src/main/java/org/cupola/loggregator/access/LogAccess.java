package org.cupola.loggregator.access;

import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.cupola.protocol.uaa.AccessToken;
import org.cupola.protocol.uaa.TokenException;
import org.cupola.protocol.uaa.TokenValidator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what the bearer of a token may read: with {@code doppler.firehose} or {@code logs.admin} everything, else what the
 * Cloud Controller lets them see. Blocking; any thread.
 */
public final class LogAccess {
    private static final Logger log = LoggerFactory.getLogger(LogAccess.class);
    private static final Set<String> ADMIN_SCOPES = Set.of("doppler.firehose", "logs.admin");

    private final TokenValidator tokens;
    private final CloudController controller;

    public LogAccess(TokenValidator tokens, CloudController controller) {
        this.tokens = tokens;
        this.controller = controller;
    }

    /** Someone with a good token. */
    public final class Reader {
        private final String token;
        private final boolean admin;

        private Reader(String token, boolean admin) {
            this.token = token;
            this.admin = admin;
        }

        /** Whether there is nothing they may not read. */
        public boolean isAdmin() {
            return admin;
        }

        public boolean mayRead(String sourceId) {
            return admin || controller.shows(sourceId, token);
        }

        /** Those of the sources that they may read. */
        public Set<String> readable(Collection<String> sourceIds) {
            if (admin) {
                return Set.copyOf(sourceIds);
            }
            Set<String> shown = new java.util.HashSet<>(controller.everythingShown(token));
            shown.retainAll(sourceIds);
            return shown;
        }
    }

    /**
     * Nobody, when the token is missing or not good.
     *
     * @param authorization the header; empty when there was none
     */
    public Optional<Reader> reader(String authorization) {
        try {
            AccessToken token = tokens.validateHeader(authorization);
            return Optional.of(new Reader(
                    authorization.substring(authorization.indexOf(' ') + 1),
                    ADMIN_SCOPES.stream().anyMatch(token::hasScope)));
        } catch (TokenException e) {
            log.atDebug().addKeyValue("reason", e.getMessage()).log("token-refused");
            return Optional.empty();
        }
    }
}
