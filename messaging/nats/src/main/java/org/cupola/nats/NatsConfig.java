package org.cupola.nats;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.Secret;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * How the broker runs; read from nats-server's configuration file. Immutable.
 *
 * @param listen          for clients; port 0 picks a free one
 * @param serverName      empty means the generated server id
 * @param limits          what a client may use
 * @param timing          keep-alive and shutdown
 * @param authorization   who may connect
 * @param tls             none means plain text
 * @param monitoring      where {@code /varz} and the like are served; none means nowhere
 * @param headers         false hides and refuses message headers
 * @param pidFile         written at start when given
 * @param portsFileFolder a file with the ports in use is written there when given
 * @param logFile         for the process that runs the broker: where its log goes instead of standard output
 * @param debug           for that process: log more
 */
public record NatsConfig(
        InetSocketAddress listen,
        String serverName,
        Limits limits,
        Timing timing,
        Authorization authorization,
        @Nullable Tls tls,
        @Nullable Monitoring monitoring,
        boolean headers,
        @Nullable Path pidFile,
        @Nullable Path portsFileFolder,
        @Nullable Path logFile,
        boolean debug) {

    /**
     * What a client may use.
     *
     * @param maxControlLineBytes  arguments of one operation
     * @param maxPayloadBytes      of one message, headers included
     * @param maxPendingBytes      queued for one client before it counts as a slow consumer
     * @param maxConnections       clients at once; negative means any number
     * @param maxSubscriptions     per client; 0 means any number
     * @param maxSubscriptionTokens tokens in one subscription's subject; 0 means any number
     * @param closedConnections    ended connections remembered for {@code /connz}
     */
    public record Limits(
            int maxControlLineBytes,
            int maxPayloadBytes,
            long maxPendingBytes,
            int maxConnections,
            int maxSubscriptions,
            int maxSubscriptionTokens,
            int closedConnections) {
        public static final Limits DEFAULT = new Limits(4096, 1024 * 1024, 64L * 1024 * 1024, 65536, 0, 0, 10_000);
    }

    /**
     * Keep-alive and shutdown.
     *
     * @param pingInterval     a silent client is pinged this often
     * @param maxPingsOut      unanswered pings before a client is dropped
     * @param writeDeadline    a client must take what was begun to be written within this time
     * @param lameDuckDuration over which clients are closed when the server retires
     * @param lameDuckGrace    waited before the first is closed
     */
    public record Timing(
            Duration pingInterval,
            int maxPingsOut,
            Duration writeDeadline,
            Duration lameDuckDuration,
            Duration lameDuckGrace) {
        public static final Timing DEFAULT = new Timing(
                Duration.ofMinutes(2), 2, Duration.ofSeconds(10), Duration.ofMinutes(2), Duration.ofSeconds(10));
    }

    /**
     * Who may connect.
     *
     * @param users      with their permissions; a single user is a list of one
     * @param token      empty means no token
     * @param timeout    for the CONNECT of a client that must prove itself
     * @param noAuthUser the user of clients that show nothing; empty means they are refused
     */
    public record Authorization(List<User> users, Secret token, Duration timeout, String noAuthUser) {
        public static final Authorization NONE = new Authorization(List.of(), Secret.NONE, Duration.ofSeconds(2), "");

        public Authorization {
            users = List.copyOf(users);
        }

        boolean isRequired() {
            return !users.isEmpty() || !token.isEmpty();
        }
    }

    /**
     * One user.
     *
     * @param name     or, for one who signs a nonce, the public key ({@code U…})
     * @param password plain or as a bcrypt hash; empty for a public key or a certificate's subject
     */
    public record User(String name, Secret password, boolean isPublicKey, UserPermissions permissions) {}

    /**
     * TLS to clients.
     *
     * @param clientAuthorities for client certificates; empty when none are asked for
     * @param verify            a client certificate is required
     * @param verifyAndMap      and its subject or names are the user
     * @param cipherSuites      empty means the library's
     * @param curves            such as {@code P-384}; empty means the library's
     * @param handshakeFirst    before INFO instead of after
     * @param allowPlain        clients may also go without TLS
     */
    public record Tls(
            TlsIdentity identity,
            List<java.security.cert.X509Certificate> clientAuthorities,
            boolean verify,
            boolean verifyAndMap,
            Duration timeout,
            List<String> cipherSuites,
            List<String> curves,
            boolean handshakeFirst,
            boolean allowPlain) {
        public Tls {
            clientAuthorities = List.copyOf(clientAuthorities);
            cipherSuites = List.copyOf(cipherSuites);
            curves = List.copyOf(curves);
        }
    }

    /**
     * Monitoring over HTTP.
     *
     * @param basePath in front of each path, without a slash at its end; usually empty
     * @param tls      with the certificate of the client listener
     */
    public record Monitoring(InetSocketAddress listen, String basePath, boolean tls) {}

    /** nats-server's defaults: every address, port 4222, no authentication. */
    public static NatsConfig defaults() {
        return new NatsConfig(
                new InetSocketAddress("0.0.0.0", 4222),
                "",
                Limits.DEFAULT,
                Timing.DEFAULT,
                Authorization.NONE,
                null,
                null,
                true,
                null,
                null,
                null,
                false);
    }

    /** @throws ConfigException when the file cannot be read, or with every problem found in it */
    public static NatsConfig read(Path file) throws ConfigException {
        return read(file, Map.of());
    }

    /** @param overrides settings as in the file that win over it: what the command line says */
    public static NatsConfig read(Path file, Map<String, Object> overrides) throws ConfigException {
        ConfSyntax.Parsed parsed = ConfSyntax.read(file, System::getenv);
        return NatsConfigReader.read(file.toString(), merged(parsed.entries(), overrides), parsed.variables());
    }

    /** Without a file. */
    public static NatsConfig of(Map<String, Object> settings) throws ConfigException {
        return NatsConfigReader.read("command line", settings, Set.of());
    }

    /** @param text in the file's syntax */
    public static NatsConfig parse(String source, String text) throws ConfigException {
        ConfSyntax.Parsed parsed = ConfSyntax.parse(source, text, System::getenv);
        return NatsConfigReader.read(source, parsed.entries(), parsed.variables());
    }

    private static Map<String, Object> merged(Map<String, Object> file, Map<String, Object> overrides) {
        Map<String, Object> merged = new LinkedHashMap<>(file);
        overrides.forEach((key, value) -> merged.merge(key, value, NatsConfig::mergedValue));
        return merged;
    }

    @SuppressWarnings("unchecked") // maps of the configuration tree always have text keys
    private static Object mergedValue(Object before, Object override) {
        return before instanceof Map && override instanceof Map
                ? merged((Map<String, Object>) before, (Map<String, Object>) override)
                : override;
    }

    boolean isTlsRequired() {
        Tls settings = tls;
        return settings != null && !settings.allowPlain();
    }
}
