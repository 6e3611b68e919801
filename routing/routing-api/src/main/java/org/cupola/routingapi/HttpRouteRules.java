package org.cupola.routingapi;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.cupola.protocol.routing.HttpRoute;

/**
 * What an HTTP route must be, in the original's order and words. Immutable.
 *
 * @param maxTtl seconds
 */
record HttpRouteRules(int maxTtl) {
    private static final String HTTPS = "https://";

    /** @throws ApiError naming the first broken rule */
    void checkUpserts(List<HttpRoute> routes) throws ApiError {
        for (HttpRoute route : routes) {
            checkShape(route);
            Integer ttl = route.ttl();
            int seconds = ttl == null ? maxTtl : ttl;
            if (seconds > maxTtl) {
                throw ApiError.invalidRoute("Max ttl is " + maxTtl);
            }
            if (seconds <= 0) {
                throw ApiError.invalidRoute("Request requires a ttl greater than 0");
            }
        }
    }

    /** The time to live does not matter here. */
    void checkDeletes(List<HttpRoute> routes) throws ApiError {
        for (HttpRoute route : routes) {
            checkShape(route);
        }
    }

    private static void checkShape(HttpRoute route) throws ApiError {
        String routeProblem = problem(route.route());
        if (!routeProblem.isEmpty()) {
            throw ApiError.invalidRoute(routeProblem);
        }
        String service = route.routeServiceUrl();
        if (!service.isEmpty()) {
            if (!service.startsWith(HTTPS)) {
                throw ApiError.invalidRouteService("Route service url must use HTTPS.");
            }
            String serviceProblem = problem(service);
            if (!serviceProblem.isEmpty()) {
                throw ApiError.invalidRouteService(serviceProblem);
            }
        }
        if (route.port() <= 0) {
            throw ApiError.invalidRoute("Each route requires a port");
        }
        if (route.route().isEmpty()) {
            throw ApiError.invalidRoute("Each route requires a valid route");
        }
        if (route.ip().isEmpty()) {
            throw ApiError.invalidRoute("Each route requires an IP");
        }
    }

    /** Empty when the text is a URL reference without query and fragment that needs no escaping. */
    private static String problem(String url) {
        if (url.indexOf('?') >= 0 || url.indexOf('#') >= 0) {
            return "url cannot contain any of [?, #]";
        }
        try {
            // Wildcards and underscores are no host names to Java's parser, but this only looks at characters. A host
            // name with a port and no scheme would be read as a scheme, so everything is read as a path.
            return new URI("/" + url.replace(HTTPS, "")).toASCIIString().equals("/" + url.replace(HTTPS, ""))
                    ? ""
                    : "url cannot contain invalid characters";
        } catch (URISyntaxException e) {
            return "url cannot contain invalid characters";
        }
    }
}
