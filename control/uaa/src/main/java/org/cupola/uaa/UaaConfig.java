package org.cupola.uaa;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * What the UAA is told by its {@code uaa.yml}. Immutable.
 *
 * @param userIdsEnabled  whether {@code /ids/Users} answers
 * @param rawCredentials  Basic credentials are URL-encoded only when the header {@code X-CF-ENCODED-CREDENTIALS} says so
 */
public record UaaConfig(
        Server server,
        Urls urls,
        DatabaseConfig database,
        TokenPolicy tokens,
        LockoutPolicy lockout,
        PasswordPolicy passwords,
        Login login,
        Seed seed,
        boolean userIdsEnabled,
        boolean rawCredentials) {

    /**
     * Where it listens; at least one of the two. Port 0 picks a free one.
     *
     * @param bcryptStrength the logarithm of the rounds that hash a password, 4 to 31
     */
    public record Server(
            @Nullable InetSocketAddress plain,
            @Nullable InetSocketAddress tls,
            @Nullable TlsIdentity identity,
            int bcryptStrength) {}

    /**
     * By which addresses it is known.
     *
     * @param issuer    without {@code /oauth/token}, which is added in tokens
     * @param hostnames more names it answers to
     * @param legacyRedirects redirect URIs match by host and path prefix, with wildcards, not only exactly
     */
    public record Urls(
            URI uaa, URI login, String issuer, String entityId, List<String> hostnames, boolean legacyRedirects) {
        public Urls {
            hostnames = List.copyOf(hostnames);
        }

        /** The claim {@code iss}. */
        String tokenIssuer() {
            return issuer + "/oauth/token";
        }

        String keysUrl() {
            return uaa + "/token_keys";
        }
    }

    /**
     * The login page and its JSON form.
     *
     * @param logoutWhitelist where {@code /logout.do?redirect=} may lead; empty means only to {@code logoutUrl}
     */
    public record Login(
            String usernamePrompt,
            String passwordPrompt,
            boolean selfServiceLinks,
            String logoutUrl,
            List<String> logoutWhitelist) {
        public Login {
            logoutWhitelist = List.copyOf(logoutWhitelist);
        }
    }

    /**
     * Reads the original's configuration file. A {@code server} section that it lacks is looked for in {@code
     * application.yml} beside it.
     *
     * @throws ConfigException with all problems together
     */
    public static UaaConfig read(Path file) throws ConfigException {
        return UaaConfigReader.read(file);
    }
}
