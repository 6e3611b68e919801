package org.cupola.routeemitter;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.cupola.protocol.routing.RoutingApiClient;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.cupola.protocol.uaa.TokenSource;
import org.cupola.protocol.uaa.UaaException;
import org.cupola.routeemitter.Association.Tcp;

/** The Routing API for TCP mappings; a call that fails is made once more with a new token. Blocking. */
final class RoutingApiCalls implements TcpEmitter.RoutingApi {
    private final RoutingApiClient client;
    private final TokenSource tokens;
    private final int ttlSeconds;

    private interface Call {
        void make(List<TcpRouteMapping> mappings) throws RoutingApiException;
    }

    RoutingApiCalls(RoutingApiClient client, TokenSource tokens, Duration ttl) {
        this.client = client;
        this.tokens = tokens;
        this.ttlSeconds = (int) ttl.toSeconds();
    }

    @Override
    public void upsert(List<Tcp> mappings) throws IOException {
        twice(client::upsertTcpRoutes, mappings);
    }

    @Override
    public void delete(List<Tcp> mappings) throws IOException {
        twice(client::deleteTcpRoutes, mappings);
    }

    private void twice(Call call, List<Tcp> associations) throws IOException {
        List<TcpRouteMapping> mappings =
                associations.stream().map(this::mapping).toList();
        try {
            call.make(mappings);
        } catch (RoutingApiException first) {
            try {
                tokens.renewed();
                call.make(mappings);
            } catch (RoutingApiException | UaaException second) {
                second.addSuppressed(first);
                throw new IOException(second.getMessage(), second);
            }
        }
    }

    private TcpRouteMapping mapping(Tcp tcp) {
        return TcpRouteMapping.builder(
                        tcp.route().routerGroupGuid(),
                        tcp.route().externalPort(),
                        tcp.endpoint().address(),
                        tcp.endpoint().port())
                .backendTlsPort(tcp.backendTlsPort())
                .instanceId(tcp.instanceId())
                .backendSniHostname(tcp.route().sniHostname())
                .terminateFrontendTls(tcp.route().terminateFrontendTls())
                .enableBackendMtls(tcp.route().enableBackendMtls())
                .ttl(ttlSeconds)
                .build();
    }
}
