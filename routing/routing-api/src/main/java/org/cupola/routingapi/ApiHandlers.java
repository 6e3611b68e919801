package org.cupola.routingapi;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.cupola.platform.http.EventStream;
import org.cupola.protocol.routing.EventStreams;
import org.cupola.protocol.routing.HttpRoute;
import org.cupola.protocol.routing.JsonBytes;
import org.cupola.protocol.routing.RouterGroup;
import org.cupola.protocol.routing.RoutingJson;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.cupola.routingapi.RouterGroupBook.Creation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What each endpoint does with a request that may be made. Blocking; any thread. */
final class ApiHandlers implements ApiService.Handlers {
    private static final int MAX_PENDING_BATCHES = 1024;
    private static final long MAX_PENDING_BYTES = 16L * 1024 * 1024;
    private static final int TYPICAL_ROUTE_BYTES = 384;
    private static final byte[] EMPTY_LIST = JsonBytes.ascii("[]\n");
    private static final byte[] LIST_END = JsonBytes.ascii("]\n");
    private static final MediaType SNIFFED = MediaType.PLAIN_TEXT_UTF_8;
    private static final MediaType JSON = MediaType.parse("application/json");
    private static final String PORTS_WARNING = URLEncoder.encode(
            "Note: changing reservable ports may result in existing routes becoming inaccessible, when a load balancer no"
                    + " longer forwards the ports that are not reservable any more.",
            StandardCharsets.UTF_8);

    private final RouteBook<TcpRouteMapping> tcpRoutes;
    private final RouteBook<HttpRoute> httpRoutes;
    private final RouterGroupBook groups;
    private final TcpRouteRules tcpRules;
    private final HttpRouteRules httpRules;
    private final int maxTtl;
    private final RoutingMetrics metrics;

    /** @param maxTtl seconds, also for routes that name none */
    ApiHandlers(
            RouteBook<TcpRouteMapping> tcpRoutes,
            RouteBook<HttpRoute> httpRoutes,
            RouterGroupBook groups,
            TcpRouteRules tcpRules,
            int maxTtl,
            RoutingMetrics metrics) {
        this.tcpRoutes = tcpRoutes;
        this.httpRoutes = httpRoutes;
        this.groups = groups;
        this.tcpRules = tcpRules;
        this.httpRules = new HttpRouteRules(maxTtl);
        this.maxTtl = maxTtl;
        this.metrics = metrics;
    }

    @Override
    public HttpResponse handle(Endpoint endpoint, ServiceRequestContext ctx, byte[] body) throws ApiError {
        return switch (endpoint) {
            case LIST_ROUTES -> list(httpRoutes, httpRoutes.list(route -> true));
            case UPSERT_ROUTES -> {
                List<HttpRoute> routes = withTtl(RouteKind.HTTP, routes(RouteKind.HTTP, body));
                httpRules.checkUpserts(routes);
                httpRoutes.upsert(routes, present -> {});
                yield ApiService.empty(201);
            }
            case DELETE_ROUTES -> {
                List<HttpRoute> routes = routes(RouteKind.HTTP, body);
                httpRules.checkDeletes(routes);
                httpRoutes.delete(routes);
                yield ApiService.empty(204);
            }
            case ROUTE_EVENTS -> events(httpRoutes, ctx);
            case LIST_ROUTER_GROUPS -> listRouterGroups(ctx);
            case CREATE_ROUTER_GROUP -> createRouterGroup(body);
            case UPDATE_ROUTER_GROUP -> updateRouterGroup(Endpoint.guid(ctx.path()), body);
            case DELETE_ROUTER_GROUP -> ApiService.empty(groups.delete(Endpoint.guid(ctx.path())) ? 204 : 404);
            case LIST_TCP_ROUTES -> listTcpRoutes(ctx);
            case UPSERT_TCP_ROUTES -> upsertTcpRoutes(body);
            case DELETE_TCP_ROUTES -> {
                List<TcpRouteMapping> routes = routes(RouteKind.TCP, body);
                tcpRules.checkDeletes(routes);
                tcpRoutes.delete(routes);
                yield ApiService.empty(204);
            }
            case TCP_ROUTE_EVENTS -> events(tcpRoutes, ctx);
        };
    }

    private HttpResponse upsertTcpRoutes(byte[] body) throws ApiError {
        List<TcpRouteMapping> routes = withTtl(RouteKind.TCP, routes(RouteKind.TCP, body));
        boolean anySni = routes.stream().anyMatch(route -> route.backendSniHostname() != null);
        tcpRoutes.upsert(
                routes,
                present -> tcpRules.checkUpserts(
                        routes,
                        groups.list(),
                        anySni ? present.list(route -> route.backendSniHostname() != null) : List.of()));
        return ApiService.empty(201);
    }

    private HttpResponse listTcpRoutes(ServiceRequestContext ctx) {
        Set<String> segments =
                new HashSet<>(QueryParams.fromQueryString(query(ctx)).getAll("isolation_segment"));
        return list(
                tcpRoutes, tcpRoutes.list(route -> segments.isEmpty() || segments.contains(route.isolationSegment())));
    }

    private HttpResponse listRouterGroups(ServiceRequestContext ctx) throws ApiError {
        String name = QueryParams.fromQueryString(query(ctx)).get("name", "");
        List<RouterGroup> found = groups.list().stream()
                .filter(group -> name.isEmpty() || group.name().equals(name))
                .toList();
        if (found.isEmpty() && !name.isEmpty()) {
            throw ApiError.notFound("router group '" + name + "' not found");
        }
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        found.forEach(group -> array.add(group.toJson()));
        return ApiService.json(200, JSON, RoutingJson.MAPPER.writeValueAsBytes(array));
    }

    private HttpResponse createRouterGroup(byte[] body) throws ApiError {
        Creation creation = groups.create(RouterGroup.read(RoutingJson.MAPPER.readTree(body)));
        return ApiService.json(
                creation.isNew() ? 201 : 200,
                SNIFFED,
                RoutingJson.MAPPER.writeValueAsBytes(creation.group().toJson()));
    }

    private HttpResponse updateRouterGroup(String guid, byte[] body) throws ApiError {
        RouterGroup wanted = RouterGroup.read(RoutingJson.MAPPER.readTree(body));
        ObjectNode group = groups.updatePorts(guid, wanted.reservablePorts()).toJson();
        ResponseHeaders headers = ResponseHeaders.builder(200)
                .contentType(JSON)
                .set("x-cf-warnings", PORTS_WARNING)
                .build();
        return HttpResponse.of(headers, HttpData.wrap(RoutingJson.MAPPER.writeValueAsBytes(group)));
    }

    private <R> HttpResponse events(RouteBook<R> book, ServiceRequestContext ctx) {
        ResponseHeadersBuilder headers = ResponseHeaders.builder(200)
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, no-store, must-revalidate");
        boolean resumable = query(ctx).contains(EventStreams.RESUMABLE_QUERY);
        String lastEventId = resumable ? ctx.request().headers().get(HttpHeaderNames.LAST_EVENT_ID, "") : "";
        EventStream stream = book.hub().subscribe(resumable, lastEventId, resumed -> {
            if (resumable) {
                headers.set(EventStreams.RESUMED_HEADER, Boolean.toString(resumed));
            }
            return EventStream.open(ctx, headers.build(), MAX_PENDING_BATCHES, MAX_PENDING_BYTES);
        });
        String kind = book.kind().name();
        metrics.subscribed(kind);
        stream.whenClosed().thenRun(() -> metrics.unsubscribed(kind));
        return stream.response();
    }

    private static <R> HttpResponse list(RouteBook<R> book, List<R> routes) {
        var json = new JsonBytes(TYPICAL_ROUTE_BYTES * routes.size());
        char before = '[';
        for (R route : routes) {
            book.kind().write(route, json.raw(before));
            before = ',';
        }
        json.raw(routes.isEmpty() ? EMPTY_LIST : LIST_END);
        return HttpResponse.of(
                ResponseHeaders.builder(200).contentType(SNIFFED).build(), HttpData.wrap(json.toArray()));
    }

    /** The routes of a body; {@code null} stands for none. */
    private static <R> List<R> routes(RouteKind<R> kind, byte[] body) {
        List<R> plain = kind.readAll(body);
        return plain == null ? routesOneByOne(kind, body) : plain;
    }

    private static <R> List<R> routesOneByOne(RouteKind<R> kind, byte[] body) {
        JsonNode json = RoutingJson.MAPPER.readTree(body);
        if (json.isNull()) {
            return new ArrayList<>();
        }
        if (!json.isArray()) {
            throw new IllegalArgumentException(
                    json.isMissingNode()
                            ? "EOF"
                            : "json: " + json.getNodeType() + " (expected: a list of " + kind.name() + " routes)");
        }
        List<R> routes = new ArrayList<>(json.size());
        json.forEach(item -> routes.add(kind.read(item)));
        return routes;
    }

    private <R> List<R> withTtl(RouteKind<R> kind, List<R> routes) {
        routes.replaceAll(route -> kind.ttl(route) == null ? kind.withTtl(route, maxTtl) : route);
        return routes;
    }

    private static String query(ServiceRequestContext ctx) {
        String query = ctx.query();
        return query == null ? "" : query;
    }
}
