package org.cupola.routingapi;

import com.linecorp.armeria.common.HttpMethod;
import java.util.Arrays;
import java.util.List;

/** What the API offers: one constant per method and path, with the one scope that allows it. */
enum Endpoint {
    LIST_ROUTES(HttpMethod.GET, "/routing/v1/routes", Scope.ROUTES_READ),
    UPSERT_ROUTES(HttpMethod.POST, "/routing/v1/routes", Scope.ROUTES_WRITE),
    DELETE_ROUTES(HttpMethod.DELETE, "/routing/v1/routes", Scope.ROUTES_WRITE),
    ROUTE_EVENTS(HttpMethod.GET, "/routing/v1/events", Scope.ROUTES_READ),
    LIST_ROUTER_GROUPS(HttpMethod.GET, "/routing/v1/router_groups", Scope.GROUPS_READ),
    CREATE_ROUTER_GROUP(HttpMethod.POST, "/routing/v1/router_groups", Scope.GROUPS_WRITE),
    UPDATE_ROUTER_GROUP(HttpMethod.PUT, "/routing/v1/router_groups/:guid", Scope.GROUPS_WRITE),
    DELETE_ROUTER_GROUP(HttpMethod.DELETE, "/routing/v1/router_groups/:guid", Scope.GROUPS_WRITE),
    LIST_TCP_ROUTES(HttpMethod.GET, "/routing/v1/tcp_routes", Scope.ROUTES_READ),
    UPSERT_TCP_ROUTES(HttpMethod.POST, "/routing/v1/tcp_routes/create", Scope.ROUTES_WRITE),
    DELETE_TCP_ROUTES(HttpMethod.POST, "/routing/v1/tcp_routes/delete", Scope.ROUTES_WRITE),
    TCP_ROUTE_EVENTS(HttpMethod.GET, "/routing/v1/tcp_routes/events", Scope.ROUTES_READ);

    private static final String GUID = "/:guid";

    private final HttpMethod method;
    private final String path;
    private final String scope;

    Endpoint(HttpMethod method, String path, String scope) {
        this.method = method;
        this.path = path;
        this.scope = scope;
    }

    private static final class Scope {
        static final String ROUTES_READ = "routing.routes.read";
        static final String ROUTES_WRITE = "routing.routes.write";
        static final String GROUPS_READ = "routing.router_groups.read";
        static final String GROUPS_WRITE = "routing.router_groups.write";
    }

    /** All methods of a path; empty when there is no such path. */
    static List<Endpoint> at(String requestPath) {
        return Arrays.stream(values())
                .filter(endpoint -> endpoint.matches(requestPath))
                .toList();
    }

    HttpMethod method() {
        return method;
    }

    String scope() {
        return scope;
    }

    /** Whether its body changes routes. */
    boolean changesSomething() {
        return scope.endsWith(".write");
    }

    /** The guid at the end of a path of this endpoint. */
    static String guid(String requestPath) {
        return requestPath.substring(requestPath.lastIndexOf('/') + 1);
    }

    private boolean matches(String requestPath) {
        if (!path.endsWith(GUID)) {
            return path.equals(requestPath);
        }
        String folder = path.substring(0, path.length() - GUID.length() + 1);
        return requestPath.startsWith(folder)
                && requestPath.length() > folder.length()
                && requestPath.indexOf('/', folder.length()) < 0;
    }
}
