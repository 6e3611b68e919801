package org.cupola.routeemitter;

import java.util.Map;
import org.cupola.routeemitter.Desired.HttpRoute;
import org.cupola.routeemitter.Desired.TcpRoute;
import org.jspecify.annotations.Nullable;

/**
 * One route to one endpoint: the unit in which registrations are made and taken back. Immutable; equal when nothing a
 * receiver could see differs.
 */
sealed interface Association {
    /** Two with equal identities are the same route to the same endpoint, though details may have changed. */
    Object identity();

    /** The route alone, as far as it belongs to the identity. */
    Object routeIdentity();

    /** What a receiver files the registration under: taking back one of two with equal keys takes back both. */
    Object wireKey();

    /**
     * Where an instance is reached on one of its ports. Everything here belongs to its identity.
     *
     * @param address    what {@code direct} says: the container's, or its host's
     * @param tlsPort    0 when there is none
     * @param direct     whether it is addressed past the host
     */
    record Endpoint(
            String instanceGuid,
            int index,
            String address,
            int port,
            int tlsPort,
            boolean direct,
            int containerPort,
            String availabilityZone) {}

    /** Goes to the gorouters. {@code sinceNanos} is that of the instance's record. */
    record Http(HttpRoute route, String logGuid, Endpoint endpoint, Map<String, String> tags, long sinceNanos)
            implements Association {
        private record HttpRouteIdentity(
                String hostname, String serviceUrl, String isolationSegment, String logGuid, String protocol) {}

        private record HttpIdentity(Object route, Endpoint endpoint) {}

        private record HttpWireKey(String hostname, String address, int port, String isolationSegment) {}

        @Override
        public Object routeIdentity() {
            return routeIdentity(route, logGuid);
        }

        static Object routeIdentity(HttpRoute route, String logGuid) {
            return new HttpRouteIdentity(
                    route.hostname(), route.routeServiceUrl(), route.isolationSegment(), logGuid, route.protocol());
        }

        @Override
        public Object identity() {
            return new HttpIdentity(routeIdentity(), endpoint);
        }

        /** A gorouter knows an endpoint by address and the port it uses, TLS first; routers differ by segment. */
        @Override
        public Object wireKey() {
            return new HttpWireKey(route.hostname(), endpoint.address(), usedPort(), route.isolationSegment());
        }

        /** As {@link #wireKey}, in the eyes of a router that serves all segments. */
        Object address() {
            return new HttpWireKey(route.hostname(), endpoint.address(), usedPort(), "");
        }

        private int usedPort() {
            return endpoint.tlsPort() > 0 ? endpoint.tlsPort() : endpoint.port();
        }

        /** Where it takes traffic; another instance on the same address is a collision. */
        String addressAndPort() {
            return endpoint.address() + ":" + endpoint.port();
        }

        boolean showsTheSameAs(Http other) {
            return route.options().equals(other.route.options()) && tags.equals(other.tags);
        }
    }

    /** Goes to the Routing API. */
    record Tcp(TcpRoute route, Endpoint endpoint, int backendTlsPort, String instanceId) implements Association {
        private record TcpRouteIdentity(
                String group, int externalPort, @Nullable String sni, boolean terminate, boolean backendMtls) {}

        private record TcpWireKey(
                String group,
                int externalPort,
                @Nullable String sni,
                boolean backendMtls,
                String address,
                int port,
                int tlsPort) {}

        @Override
        public Object routeIdentity() {
            return new TcpRouteIdentity(
                    route.routerGroupGuid(),
                    route.externalPort(),
                    route.sniHostname(),
                    route.terminateFrontendTls(),
                    route.enableBackendMtls());
        }

        @Override
        public Object identity() {
            return this;
        }

        /** Whether the Routing API, which never changes these of a mapping it has, would hold the same. */
        boolean leavesTheSameAs(Tcp other) {
            return instanceId.equals(other.instanceId)
                    && route.terminateFrontendTls() == other.route.terminateFrontendTls();
        }

        @Override
        public Object wireKey() {
            return new TcpWireKey(
                    route.routerGroupGuid(),
                    route.externalPort(),
                    route.sniHostname(),
                    route.enableBackendMtls(),
                    endpoint.address(),
                    endpoint.port(),
                    backendTlsPort);
        }
    }

    /** Goes to service discovery: a name for the container's address, and one with the index before it. */
    record Internal(
            String hostname, String logGuid, String instanceGuid, int index, String containerAddress, long sinceNanos)
            implements Association {
        private record InternalRouteIdentity(String hostname, String logGuid) {}

        private record InternalIdentity(Object route, String instanceGuid, int index, String containerAddress) {}

        private record InternalWireKey(String hostname, int index, String containerAddress) {}

        @Override
        public Object routeIdentity() {
            return routeIdentity(hostname, logGuid);
        }

        static Object routeIdentity(String hostname, String logGuid) {
            return new InternalRouteIdentity(hostname, logGuid);
        }

        @Override
        public Object identity() {
            return new InternalIdentity(routeIdentity(), instanceGuid, index, containerAddress);
        }

        @Override
        public Object wireKey() {
            return new InternalWireKey(hostname, index, containerAddress);
        }
    }
}
