package org.cupola.routingapi;

import java.util.List;
import org.cupola.protocol.routing.HttpRoute;
import org.cupola.protocol.routing.JsonBytes;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.protocol.routing.RoutingJson;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** In what TCP and HTTP routes differ for the code that stores them. Immutable. */
interface RouteKind<R> {
    RouteKind<TcpRouteMapping> TCP = new TcpKind();
    RouteKind<HttpRoute> HTTP = new HttpKind();

    /** Routes with equal identities are one route. */
    Object identity(R route);

    /** A new route as stored. */
    R created(R sent, ModificationTag tag);

    /** A stored route after it was sent again. */
    R updated(R stored, R sent, ModificationTag tag);

    ModificationTag tag(R route);

    @Nullable
    Integer ttl(R route);

    R withTtl(R route, int seconds);

    R read(JsonNode json);

    /** The routes of a list, where that is quicker than one by one; absent when it is not, or the list is wrong. */
    @Nullable
    List<R> readAll(byte[] json);

    /** Appends the route as JSON. */
    void write(R route, JsonBytes json);

    /** For metrics and logs: tcp or http. */
    String name();

    record TcpKind() implements RouteKind<TcpRouteMapping> {
        private record TcpIdentity(
                String routerGroupGuid,
                int port,
                String backendIp,
                int backendPort,
                int backendTlsPort,
                @Nullable String backendSniHostname,
                boolean enableBackendMtls) {}

        @Override
        public Object identity(TcpRouteMapping route) {
            return new TcpIdentity(
                    route.routerGroupGuid(),
                    route.port(),
                    route.backendIp(),
                    route.backendPort(),
                    route.backendTlsPort(),
                    route.backendSniHostname(),
                    route.enableBackendMtls());
        }

        @Override
        public TcpRouteMapping created(TcpRouteMapping sent, ModificationTag tag) {
            return sent.toBuilder().modificationTag(tag).build();
        }

        /** What else differs (instance id, termination, ALPN) keeps its first value. */
        @Override
        public TcpRouteMapping updated(TcpRouteMapping stored, TcpRouteMapping sent, ModificationTag tag) {
            return stored.toBuilder()
                    .ttl(sent.ttl())
                    .isolationSegment(sent.isolationSegment())
                    .sniRewriteHostname(sent.sniRewriteHostname())
                    .modificationTag(tag)
                    .build();
        }

        @Override
        public ModificationTag tag(TcpRouteMapping route) {
            return route.modificationTag();
        }

        @Override
        public @Nullable Integer ttl(TcpRouteMapping route) {
            return route.ttl();
        }

        @Override
        public TcpRouteMapping withTtl(TcpRouteMapping route, int seconds) {
            return route.toBuilder().ttl(seconds).build();
        }

        @Override
        public TcpRouteMapping read(JsonNode json) {
            return TcpRouteMapping.read(json);
        }

        @Override
        public @Nullable List<TcpRouteMapping> readAll(byte[] json) {
            return TcpRouteMapping.readAll(json);
        }

        @Override
        public void write(TcpRouteMapping route, JsonBytes json) {
            route.writeTo(json);
        }

        @Override
        public String name() {
            return "tcp";
        }
    }

    record HttpKind() implements RouteKind<HttpRoute> {
        private record HttpIdentity(String route, String ip, int port, String routeServiceUrl) {}

        @Override
        public Object identity(HttpRoute route) {
            return new HttpIdentity(route.route(), route.ip(), route.port(), route.routeServiceUrl());
        }

        @Override
        public HttpRoute created(HttpRoute sent, ModificationTag tag) {
            return with(sent, sent.ttl(), sent.logGuid(), tag);
        }

        @Override
        public HttpRoute updated(HttpRoute stored, HttpRoute sent, ModificationTag tag) {
            return with(
                    stored,
                    sent.ttl() == null ? stored.ttl() : sent.ttl(),
                    sent.logGuid().isEmpty() ? stored.logGuid() : sent.logGuid(),
                    tag);
        }

        @Override
        public ModificationTag tag(HttpRoute route) {
            return route.modificationTag();
        }

        @Override
        public @Nullable Integer ttl(HttpRoute route) {
            return route.ttl();
        }

        @Override
        public HttpRoute withTtl(HttpRoute route, int seconds) {
            return route.withTtl(seconds);
        }

        @Override
        public HttpRoute read(JsonNode json) {
            return HttpRoute.read(json);
        }

        @Override
        public @Nullable List<HttpRoute> readAll(byte[] json) {
            return null;
        }

        @Override
        public void write(HttpRoute route, JsonBytes json) {
            json.raw(RoutingJson.MAPPER.writeValueAsBytes(route.toJson()));
        }

        @Override
        public String name() {
            return "http";
        }

        private static HttpRoute with(HttpRoute route, @Nullable Integer ttl, String logGuid, ModificationTag tag) {
            return new HttpRoute(route.route(), route.port(), route.ip(), ttl, logGuid, route.routeServiceUrl(), tag);
        }
    }
}
