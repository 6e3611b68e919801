package org.cupola.routeregistrar;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One route to keep alive. Immutable.
 *
 * @param name        for logs; TCP routes may have none
 * @param host        of the component
 * @param interval    between registrations
 * @param healthCheck absent registers always
 * @param destination where and as what it is announced
 */
record RegistrarRoute(
        String name,
        String host,
        Duration interval,
        @Nullable HealthCheck healthCheck,
        Destination destination) {

    /** What differs between the two kinds of routers. */
    sealed interface Destination {}

    /**
     * A route of Gorouter.
     *
     * @param port            plain port, 0 for none
     * @param tlsPort         0 for none
     * @param protocol        http1, http2 or empty
     * @param tags            absent is another message than empty
     * @param loadBalancing   algorithm, or empty
     */
    record Http(
            int port,
            int tlsPort,
            String protocol,
            @Nullable Map<String, String> tags,
            List<String> uris,
            String routeServiceUrl,
            String serverCertDomainSan,
            String loadBalancing)
            implements Destination {
        Http {
            uris = List.copyOf(uris);
            tags = tags == null ? null : Map.copyOf(tags);
        }
    }

    /**
     * A route of the TCP router.
     *
     * @param port        of the component
     * @param sniHostname empty for none
     * @param alpns       comma-separated, empty for none
     */
    record Tcp(
            int port,
            String routerGroup,
            int externalPort,
            String sniHostname,
            String sniRewriteHostname,
            boolean terminateFrontendTls,
            boolean enableBackendTls,
            String alpns)
            implements Destination {}

    /** For logs. */
    String label() {
        return switch (destination) {
            case Http http -> name.isEmpty() ? String.join(",", http.uris()) : name;
            case Tcp tcp -> name.isEmpty() ? tcp.routerGroup() + ":" + tcp.externalPort() : name;
        };
    }
}
