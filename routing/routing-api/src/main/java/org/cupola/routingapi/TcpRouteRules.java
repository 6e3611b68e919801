package org.cupola.routingapi;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.cupola.protocol.routing.RouterGroup;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.jspecify.annotations.Nullable;

/**
 * What a TCP route must be, in the original's order and, as far as they are known, words. Immutable.
 *
 * @param maxTtl                 seconds
 * @param enforceReservablePorts whether the external port must be one of its router group's, which the original does not ask
 */
record TcpRouteRules(int maxTtl, boolean enforceReservablePorts) {

    /**
     * Checks routes that are to be stored.
     *
     * @param unexpired the routes there are now
     * @throws IllegalArgumentException naming the first broken rule
     */
    void checkUpserts(List<TcpRouteMapping> routes, List<RouterGroup> groups, List<TcpRouteMapping> unexpired) {
        Map<String, RouterGroup> byGuid =
                groups.stream().collect(Collectors.toMap(RouterGroup::guid, Function.identity()));
        boolean anySni = routes.stream().anyMatch(route -> route.backendSniHostname() != null);
        Map<Frontend, List<TcpRouteMapping>> frontends = anySni
                ? unexpired.stream()
                        .filter(route -> route.backendSniHostname() != null)
                        .collect(Collectors.groupingBy(Frontend::of))
                : Map.of();
        for (TcpRouteMapping route : routes) {
            checkShape(route);
            checkTtl(route);
            checkAlpns(route);
            checkGroup(route, byGuid.get(route.routerGroupGuid()));
            if (frontends.getOrDefault(Frontend.of(route), List.of()).stream()
                    .anyMatch(other -> other.terminateFrontendTls() != route.terminateFrontendTls())) {
                throw invalid(route, "terminate_frontend_tls: " + route.terminateFrontendTls() + " not allowed");
            }
        }
    }

    /** Checks routes that are to be deleted; neither their time to live nor their group matters. */
    void checkDeletes(List<TcpRouteMapping> routes) {
        for (TcpRouteMapping route : routes) {
            checkShape(route);
            checkAlpns(route);
        }
    }

    private record Frontend(@Nullable String sniHostname, int port) {
        static Frontend of(TcpRouteMapping route) {
            return new Frontend(route.backendSniHostname(), route.port());
        }
    }

    private static void checkShape(TcpRouteMapping route) {
        if (route.routerGroupGuid().isEmpty()) {
            throw invalid(route, "Each tcp mapping requires a non empty router group guid.");
        }
        if (route.port() <= 0) {
            throw invalid(route, "Each tcp mapping requires a positive external port.");
        }
        if (route.backendIp().isEmpty()) {
            throw invalid(route, "Each tcp mapping requires a non empty backend ip.");
        }
        if (route.backendPort() <= 0 && route.backendTlsPort() <= 0) {
            throw invalid(route, "Each tcp mapping requires a positive backend port.");
        }
        if (route.backendTlsPort() > ReservablePorts.MAX_PORT) {
            throw invalid(
                    route,
                    "Each tcp mapping requires backend tls port to be less than or equal to " + ReservablePorts.MAX_PORT
                            + ".");
        }
    }

    private void checkTtl(TcpRouteMapping route) {
        Integer ttl = route.ttl();
        int seconds = ttl == null ? maxTtl : ttl;
        if (seconds > maxTtl) {
            throw invalid(route, "Each tcp mapping requires TTL to be less than or equal to " + maxTtl + ".");
        }
        if (seconds <= 0) {
            throw new IllegalArgumentException("Each tcp route mapping requires a ttl greater than 0");
        }
    }

    private static void checkAlpns(TcpRouteMapping route) {
        if (!route.alpns().isEmpty() && !route.terminateFrontendTls()) {
            throw invalid(route, "Each tcp mapping with alpns requires terminate_frontend_tls.");
        }
    }

    private void checkGroup(TcpRouteMapping route, @Nullable RouterGroup group) {
        if (group == null) {
            throw invalid(route, "router_group_guid: " + route.routerGroupGuid() + " not found");
        }
        if (enforceReservablePorts
                && !group.reservablePorts().isEmpty()
                && !ReservablePorts.parse(group.reservablePorts()).contains(route.port())) {
            throw invalid(
                    route,
                    "port: " + route.port() + " (expected: one of " + group.reservablePorts() + ", the ports of "
                            + group.name() + ")");
        }
    }

    private static IllegalArgumentException invalid(TcpRouteMapping route, String reason) {
        return new IllegalArgumentException(reason + " RouteMapping=[" + route.routerGroupGuid() + ":" + route.port()
                + "<->" + route.backendIp() + ":" + route.backendPort() + "]");
    }
}
