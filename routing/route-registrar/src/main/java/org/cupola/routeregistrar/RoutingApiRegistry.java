package org.cupola.routeregistrar;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.routing.RouterGroup;
import org.cupola.protocol.routing.RoutingApiClient;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.cupola.protocol.uaa.TokenClient;
import org.cupola.protocol.uaa.UaaConnection;
import org.cupola.routeregistrar.RegistrarRoute.Tcp;
import org.jspecify.annotations.Nullable;

/** The TCP router's side, over the Routing API. Blocking; any thread. */
final class RoutingApiRegistry implements Registry, AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** How long a route outlives its last registration, in intervals: one may be missed. */
    private static final double TTL_INTERVALS = 2.1;

    private final HttpClients uaaClients;
    private final HttpClients apiClients;
    private final RoutingApiClient api;
    private final Duration maxTtl;
    private final Map<String, String> groupGuids = new ConcurrentHashMap<>();

    RoutingApiRegistry(RouteRegistrarConfig.RoutingApi config, InstantSource clock) {
        RouteRegistrarConfig.Tls uaaTls = config.uaaTls();
        RouteRegistrarConfig.Tls apiTls = config.apiTls();
        this.uaaClients = config.skipSslValidation()
                ? HttpClients.trustingAnyone(null)
                : HttpClients.create(null, uaaTls.authorities());
        this.apiClients = HttpClients.create(apiTls.identity(), apiTls.authorities());
        var tokens = new TokenClient(
                new UaaConnection(config.uaa(), uaaClients, TIMEOUT), config.clientId(), config.clientSecret(), clock);
        this.api = new RoutingApiClient(config.api(), apiClients, tokens, TIMEOUT);
        this.maxTtl = config.maxTtl();
    }

    @Override
    public void register(RegistrarRoute route) throws RegistryException {
        call(route, mapping -> api.upsertTcpRoutes(List.of(mapping)));
    }

    @Override
    public void unregister(RegistrarRoute route) throws RegistryException {
        call(route, mapping -> api.deleteTcpRoutes(List.of(mapping)));
    }

    private interface Call {
        void make(TcpRouteMapping mapping) throws RoutingApiException;
    }

    private void call(RegistrarRoute route, Call call) throws RegistryException {
        if (!(route.destination() instanceof Tcp tcp)) {
            throw new RegistryException("not a TCP route: " + route.label());
        }
        try {
            call.make(mapping(route, tcp, groupGuid(tcp.routerGroup())));
        } catch (RoutingApiException e) {
            if (e.kind() == RoutingApiException.Kind.REFUSED) {
                groupGuids.remove(tcp.routerGroup()); // it may have been deleted and made anew
            }
            throw new RegistryException("Routing API: " + e.getMessage(), e);
        }
    }

    private String groupGuid(String name) throws RoutingApiException, RegistryException {
        String known = groupGuids.get(name);
        if (known != null) {
            return known;
        }
        RouterGroup group =
                api.routerGroup(name).orElseThrow(() -> new RegistryException("router group '" + name + "' not found"));
        groupGuids.put(name, group.guid());
        return group.guid();
    }

    private TcpRouteMapping mapping(RegistrarRoute route, Tcp tcp, String groupGuid) {
        boolean tlsToBackend = tcp.terminateFrontendTls()
                && tcp.enableBackendTls()
                && !tcp.sniHostname().isEmpty();
        return TcpRouteMapping.builder(groupGuid, tcp.externalPort(), route.host(), tcp.port())
                .backendTlsPort(tlsToBackend ? tcp.port() : -1)
                .backendSniHostname(absentIfEmpty(tcp.sniHostname()))
                .sniRewriteHostname(absentIfEmpty(tcp.sniRewriteHostname()))
                .terminateFrontendTls(tcp.terminateFrontendTls())
                .alpns(tcp.alpns())
                .ttl(ttlSeconds(route.interval(), maxTtl))
                .build();
    }

    private static @Nullable String absentIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }

    /** Whole seconds, at least one. */
    static int ttlSeconds(Duration interval, Duration maxTtl) {
        double nanos = Math.min((double) interval.toNanos() * TTL_INTERVALS, (double) maxTtl.toNanos());
        return Math.max(1, (int) (nanos / 1e9));
    }

    @Override
    public void close() {
        apiClients.close();
        uaaClients.close();
    }
}
