package org.cupola.protocol.routing;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.Secret;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * How to reach NATS. Immutable.
 *
 * @param name            what the broker's monitoring shows
 * @param servers         each as {@code host:port} or {@code nats://host:port}; tried in random order
 * @param user            empty for none
 * @param password        goes with {@code user}
 * @param token           instead of a user, empty for none
 * @param tls             whether to speak TLS
 * @param identity        the client certificate, if the broker wants one
 * @param authorities     whom to trust; empty means the JDK's own list
 * @param connectAttempts how often the first connection is tried, all servers each time, before giving up
 * @param pingInterval    two unanswered pings end a connection
 * @param reconnectWait   pause between attempts to one server after a lost connection; these never end
 */
public record NatsSettings(
        String name,
        List<String> servers,
        String user,
        Secret password,
        Secret token,
        boolean tls,
        @Nullable TlsIdentity identity,
        List<X509Certificate> authorities,
        int connectAttempts,
        Duration pingInterval,
        Duration reconnectWait) {
    public NatsSettings {
        servers = List.copyOf(servers);
        authorities = List.copyOf(authorities);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("servers: empty (expected: at least one host:port)");
        }
        if (connectAttempts < 1) {
            throw new IllegalArgumentException("connectAttempts: " + connectAttempts + " (expected: > 0)");
        }
    }

    /** Plain TCP without credentials, three attempts, pings every 20 s, 500 ms between reconnects. */
    public static NatsSettings plain(String name, List<String> servers) {
        return new NatsSettings(
                name,
                servers,
                "",
                Secret.NONE,
                Secret.NONE,
                false,
                null,
                List.of(),
                3,
                Duration.ofSeconds(20),
                Duration.ofMillis(500));
    }

    public NatsSettings withUser(String newUser, Secret newPassword) {
        return new NatsSettings(
                name,
                servers,
                newUser,
                newPassword,
                token,
                tls,
                identity,
                authorities,
                connectAttempts,
                pingInterval,
                reconnectWait);
    }

    public NatsSettings withToken(Secret newToken) {
        return new NatsSettings(
                name,
                servers,
                user,
                password,
                newToken,
                tls,
                identity,
                authorities,
                connectAttempts,
                pingInterval,
                reconnectWait);
    }

    public NatsSettings withTls(@Nullable TlsIdentity newIdentity, List<X509Certificate> newAuthorities) {
        return new NatsSettings(
                name,
                servers,
                user,
                password,
                token,
                true,
                newIdentity,
                newAuthorities,
                connectAttempts,
                pingInterval,
                reconnectWait);
    }

    public NatsSettings withConnectAttempts(int attempts) {
        return new NatsSettings(
                name,
                servers,
                user,
                password,
                token,
                tls,
                identity,
                authorities,
                attempts,
                pingInterval,
                reconnectWait);
    }

    public NatsSettings withIntervals(Duration newPingInterval, Duration newReconnectWait) {
        return new NatsSettings(
                name,
                servers,
                user,
                password,
                token,
                tls,
                identity,
                authorities,
                connectAttempts,
                newPingInterval,
                newReconnectWait);
    }
}
