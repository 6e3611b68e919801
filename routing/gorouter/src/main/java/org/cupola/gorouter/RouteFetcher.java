package org.cupola.gorouter;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.cupola.gorouter.GorouterConfig.OAuth;
import org.cupola.gorouter.GorouterConfig.RoutingApi;
import org.cupola.gorouter.proxy.LogSources;
import org.cupola.gorouter.routes.EndpointInfo;
import org.cupola.gorouter.routes.ModificationTag;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.tls.Pem;
import org.cupola.protocol.routing.HttpRoute;
import org.cupola.protocol.routing.RouteEvent;
import org.cupola.protocol.routing.RouteOptions;
import org.cupola.protocol.routing.RoutingApiClient;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.routing.RoutingEvents;
import org.cupola.protocol.uaa.TokenClient;
import org.cupola.protocol.uaa.TokenSource;
import org.cupola.protocol.uaa.UaaConnection;
import org.cupola.protocol.uaa.UaaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns HTTP routes from the Routing API as well: all of them from time to time, changes as they happen. Polls on the
 * router's timer thread, listens on a virtual thread of its own.
 */
final class RouteFetcher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LogSources.ROUTE_FETCHER);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration RESUBSCRIBE = Duration.ofSeconds(1);

    private final RouteTable table;
    private final LongSupplier nanoClock;
    private final List<HttpClients> clients;
    private final RoutingApiClient api;
    private volatile boolean closed;
    private volatile Optional<RoutingEvents<HttpRoute>> listening = Optional.empty();
    private Map<Key, HttpRoute> known = new HashMap<>();

    /** What makes a route of one poll the route of another. */
    private record Key(String route, String ip, int port) {
        private static Key of(HttpRoute route) {
            return new Key(route.route(), route.ip(), route.port());
        }
    }

    RouteFetcher(RoutingApi config, RouteTable table, InstantSource clock, LongSupplier nanoClock) {
        this.table = table;
        this.nanoClock = nanoClock;
        log.atInfo().log("setting-up-routing-api");
        HttpClients apiClients = HttpClients.create(config.identity(), Pem.certificates(config.authorities()));
        HttpClients tokenClients = tokenClients(config.oauth());
        this.clients = List.of(apiClients, tokenClients);
        this.api = new RoutingApiClient(
                URI.create(config.uri() + ":" + config.port()),
                apiClients,
                tokens(config, tokenClients, clock),
                TIMEOUT);
    }

    private static HttpClients tokenClients(OAuth config) {
        return config.skipCertificateCheck()
                ? HttpClients.trustingAnyone(null)
                : HttpClients.create(
                        null, config.authorities().map(Pem::certificates).orElse(List.of()));
    }

    private static TokenSource tokens(RoutingApi config, HttpClients clients, InstantSource clock) {
        OAuth oauth = config.oauth();
        if (config.authDisabled()) {
            log.atInfo().log("using-noop-token-fetcher");
            return TokenSource.NONE;
        }
        if (oauth.port() == 0) {
            throw new IllegalArgumentException("UAA client requires TLS enabled");
        }
        log.atDebug().log("started-fetching-token");
        return new TokenClient(
                new UaaConnection(URI.create("https://" + oauth.endpoint() + ":" + oauth.port()), clients, TIMEOUT),
                oauth.client(),
                oauth.secret(),
                new TokenClient.Settings(oauth.expirationBuffer(), oauth.maxRetries() + 1, oauth.retryInterval()),
                clock);
    }

    /**
     * Fetches once, then goes on doing so.
     *
     * @throws RoutingApiException when the first time fails
     */
    void start(ScheduledExecutorService timers, Duration interval) throws RoutingApiException {
        try {
            poll();
        } catch (RoutingApiException e) {
            log.atError()
                    .setCause(e)
                    .log(
                            e.getCause() instanceof UaaException
                                    ? "unable-to-fetch-token"
                                    : "routing-api-connection-failed");
            throw e;
        }
        long millis = Math.max(100, interval.toMillis());
        timers.scheduleWithFixedDelay(this::pollAgain, millis, millis, TimeUnit.MILLISECONDS);
        Thread.ofVirtual().name("route-events").start(this::listen);
    }

    private void pollAgain() {
        try {
            poll();
        } catch (RoutingApiException e) {
            log.atError().setCause(e).log("failed-to-fetch-routes");
        }
    }

    private void poll() throws RoutingApiException {
        Map<Key, HttpRoute> current = new HashMap<>();
        api.routes().forEach(route -> current.put(Key.of(route), route));
        current.values().forEach(this::register);
        Set<Key> gone = new HashSet<>(known.keySet());
        gone.removeAll(current.keySet());
        gone.forEach(key -> {
            HttpRoute route = known.get(key);
            if (route != null) {
                unregister(route);
            }
        });
        known = current;
    }

    private void listen() {
        while (!closed) {
            try (RoutingEvents<HttpRoute> events = api.routeEvents("")) {
                listening = Optional.of(events);
                for (var event = events.next(); event.isPresent() && !closed; event = events.next()) {
                    apply(event.get());
                }
            } catch (RoutingApiException e) {
                if (!closed) {
                    log.atError().setCause(e).log("failed-to-subscribe-to-routes");
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RESUBSCRIBE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void apply(RouteEvent<HttpRoute> event) {
        switch (event.action()) {
            case UPSERT -> register(event.route());
            case DELETE -> unregister(event.route());
        }
    }

    private void register(HttpRoute route) {
        if (table.rules().sharding().accepts("")) {
            table.register(route.route(), info(route), nanoClock.getAsLong());
        }
    }

    private void unregister(HttpRoute route) {
        table.unregister(route.route(), info(route), nanoClock.getAsLong());
    }

    private static EndpointInfo info(HttpRoute route) {
        Integer ttl = route.ttl();
        var tag = new ModificationTag(
                route.modificationTag().guid(), route.modificationTag().index());
        return new EndpointInfo(
                route.logGuid(),
                route.ip(),
                route.port(),
                false,
                false,
                "http1",
                route.logGuid(),
                "",
                "",
                ttl == null ? 0 : ttl,
                route.routeServiceUrl(),
                "",
                "",
                0,
                tag,
                RouteOptions.NONE,
                null);
    }

    @Override
    public void close() {
        closed = true;
        listening.ifPresent(RoutingEvents::close);
        clients.forEach(HttpClients::close);
    }
}
