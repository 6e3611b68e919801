package org.cupola.protocol.routing;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.client.RequestOptions;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestHeadersBuilder;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.SplitHttpResponse;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.routing.RoutingApiException.Kind;
import org.cupola.protocol.uaa.TokenSource;
import org.cupola.protocol.uaa.UaaException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A typed client of the Routing API, ours and the original. Each request is sent once, or once more with a new token when
 * the first was refused. Blocking; any thread.
 */
public final class RoutingApiClient {
    private static final int MAX_RESPONSE_BYTES = 512 * 1024 * 1024;
    private static final byte[] NO_BODY = {};

    private final URI api;
    private final WebClient client;
    private final BlockingWebClient blocking;
    private final TokenSource tokens;
    private final Duration timeout;

    /** @param timeout for each request as a whole; for event streams, until the first byte of the answer */
    public RoutingApiClient(URI api, HttpClients clients, TokenSource tokens, Duration timeout) {
        this.api = api;
        // The original's plain listener does not understand an HTTP/2 preface.
        URI base = "http".equals(api.getScheme())
                ? URI.create("h1c" + api.toString().substring(4))
                : api;
        this.client = clients.client(base, timeout)
                .maxResponseLength(MAX_RESPONSE_BYTES)
                .build();
        this.blocking = client.blocking();
        this.tokens = tokens;
        this.timeout = timeout;
    }

    public List<RouterGroup> routerGroups() throws RoutingApiException {
        return list("/routing/v1/router_groups", RouterGroup::read);
    }

    /** The group of that name; empty when there is none. */
    public Optional<RouterGroup> routerGroup(String name) throws RoutingApiException {
        String query = QueryParams.of("name", name).toQueryString();
        try {
            return list("/routing/v1/router_groups?" + query, RouterGroup::read).stream()
                    .findFirst();
        } catch (RoutingApiException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Creates it, or returns the one there is with this name and type. */
    public RouterGroup createRouterGroup(RouterGroup group) throws RoutingApiException {
        return parse(send(HttpMethod.POST, "/routing/v1/router_groups", body(group.toJson())), RouterGroup::read);
    }

    public RouterGroup updateReservablePorts(String routerGroupGuid, String reservablePorts)
            throws RoutingApiException {
        ObjectNode ports = JsonNodeFactory.instance.objectNode().put("reservable_ports", reservablePorts);
        return parse(
                send(HttpMethod.PUT, "/routing/v1/router_groups/" + routerGroupGuid, body(ports)), RouterGroup::read);
    }

    public void deleteRouterGroup(String routerGroupGuid) throws RoutingApiException {
        send(HttpMethod.DELETE, "/routing/v1/router_groups/" + routerGroupGuid, NO_BODY);
    }

    public List<TcpRouteMapping> tcpRoutes() throws RoutingApiException {
        return tcpList("/routing/v1/tcp_routes");
    }

    /** The routes of any of the given isolation segments; the empty text stands for routes without one. */
    public List<TcpRouteMapping> tcpRoutes(Collection<String> isolationSegments) throws RoutingApiException {
        var query = QueryParams.builder();
        isolationSegments.forEach(segment -> query.add("isolation_segment", segment));
        return tcpList("/routing/v1/tcp_routes?" + query.build().toQueryString());
    }

    /** Creates the routes, or keeps them alive. */
    public void upsertTcpRoutes(Collection<TcpRouteMapping> routes) throws RoutingApiException {
        send(HttpMethod.POST, "/routing/v1/tcp_routes/create", TcpRouteMapping.writeAll(routes));
    }

    /** Deletes those that are there. */
    public void deleteTcpRoutes(Collection<TcpRouteMapping> routes) throws RoutingApiException {
        send(HttpMethod.POST, "/routing/v1/tcp_routes/delete", TcpRouteMapping.writeAll(routes));
    }

    public List<HttpRoute> routes() throws RoutingApiException {
        return list("/routing/v1/routes", HttpRoute::read);
    }

    /** Creates the routes, or keeps them alive. */
    public void upsertRoutes(Collection<HttpRoute> routes) throws RoutingApiException {
        send(HttpMethod.POST, "/routing/v1/routes", httpBody(routes));
    }

    /** Deletes those that are there. */
    public void deleteRoutes(Collection<HttpRoute> routes) throws RoutingApiException {
        send(HttpMethod.DELETE, "/routing/v1/routes", httpBody(routes));
    }

    /**
     * Subscribes to changes of TCP routes. Changes before it returns may be missed, those after it are not; so subscribe
     * first, then list.
     *
     * @param lastEventId the id of the last event seen on an earlier stream; empty to begin now
     */
    public RoutingEvents<TcpRouteMapping> tcpRouteEvents(String lastEventId) throws RoutingApiException {
        return subscribe("/routing/v1/tcp_routes/events", lastEventId, TcpRouteMapping::read);
    }

    /** As {@link #tcpRouteEvents}, for HTTP routes. */
    public RoutingEvents<HttpRoute> routeEvents(String lastEventId) throws RoutingApiException {
        return subscribe("/routing/v1/events", lastEventId, HttpRoute::read);
    }

    private static byte[] httpBody(Collection<HttpRoute> routes) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode(routes.size());
        routes.forEach(route -> array.add(route.toJson()));
        return body(array);
    }

    private static byte[] body(JsonNode json) {
        return RoutingJson.MAPPER.writeValueAsBytes(json);
    }

    /** Routers ask for all of them again and again. */
    private List<TcpRouteMapping> tcpList(String path) throws RoutingApiException {
        AggregatedHttpResponse response = send(HttpMethod.GET, path, NO_BODY);
        List<TcpRouteMapping> routes =
                TcpRouteMapping.readAll(response.content().array());
        return routes == null ? items(response, TcpRouteMapping::read) : List.copyOf(routes);
    }

    private <T> List<T> list(String path, Function<JsonNode, T> read) throws RoutingApiException {
        return items(send(HttpMethod.GET, path, NO_BODY), read);
    }

    private <T> List<T> items(AggregatedHttpResponse response, Function<JsonNode, T> read) throws RoutingApiException {
        return parse(response, body -> {
            List<T> items = new ArrayList<>(body.size());
            body.forEach(item -> items.add(read.apply(item)));
            return List.copyOf(items);
        });
    }

    private <T> T parse(AggregatedHttpResponse response, Function<JsonNode, T> read) throws RoutingApiException {
        try {
            return read.apply(RoutingJson.MAPPER.readTree(response.content().array()));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new RoutingApiException(Kind.UNUSABLE_ANSWER, api + ": unusable answer: " + e.getMessage(), e);
        }
    }

    private AggregatedHttpResponse send(HttpMethod method, String path, byte[] bytes) throws RoutingApiException {
        String token = token(false);
        AggregatedHttpResponse response = execute(method, path, bytes, token);
        if (response.status().code() == 401 && !token.isEmpty()) {
            response = execute(method, path, bytes, token(true));
        }
        if (response.status().code() > 299) {
            throw refusal(path, response.headers(), response.content());
        }
        return response;
    }

    private AggregatedHttpResponse execute(HttpMethod method, String path, byte[] body, String token)
            throws RoutingApiException {
        RequestHeadersBuilder headers = headers(method, path, token);
        if (body.length > 0) {
            headers.contentType(MediaType.JSON);
        }
        try {
            return blocking.execute(HttpRequest.of(headers.build(), HttpData.wrap(body)));
        } catch (Exception e) { // the client also throws checked exceptions that it does not declare
            throw unreachable(path, e);
        }
    }

    private <T> RoutingEvents<T> subscribe(String path, String lastEventId, Function<JsonNode, T> read)
            throws RoutingApiException {
        String token = token(false);
        SplitHttpResponse response = open(path, lastEventId, token);
        ResponseHeaders headers = headersOf(path, response);
        if (headers.status().code() == 401 && !token.isEmpty()) {
            response.body().abort();
            response = open(path, lastEventId, token(true));
            headers = headersOf(path, response);
        }
        if (headers.status().code() != 200) {
            response.body().abort();
            throw refusal(path, headers, HttpData.empty());
        }
        return new RoutingEvents<>(response.body(), read, headers.contains(EventStreams.RESUMED_HEADER, "true"));
    }

    private SplitHttpResponse open(String path, String lastEventId, String token) {
        RequestHeadersBuilder headers = headers(HttpMethod.GET, path + "?" + EventStreams.RESUMABLE_QUERY, token)
                .set(HttpHeaderNames.ACCEPT, "text/event-stream");
        if (!lastEventId.isEmpty()) {
            headers.set(HttpHeaderNames.LAST_EVENT_ID, lastEventId);
        }
        RequestOptions endless = RequestOptions.builder()
                .responseTimeoutMillis(0)
                .maxResponseLength(0)
                .build();
        return client.execute(HttpRequest.of(headers.build()), endless).split();
    }

    private ResponseHeaders headersOf(String path, SplitHttpResponse response) throws RoutingApiException {
        try {
            return response.headers().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            response.body().abort();
            throw unreachable(path, e);
        } catch (InterruptedException e) {
            response.body().abort();
            Thread.currentThread().interrupt();
            throw unreachable(path, e);
        }
    }

    private static RequestHeadersBuilder headers(HttpMethod method, String path, String token) {
        RequestHeadersBuilder headers = RequestHeaders.builder(method, path);
        if (!token.isEmpty()) {
            headers.set(HttpHeaderNames.AUTHORIZATION, "bearer " + token);
        }
        return headers;
    }

    private String token(boolean renewed) throws RoutingApiException {
        try {
            return renewed ? tokens.renewed() : tokens.token();
        } catch (UaaException e) {
            Kind kind = e.kind() == UaaException.Kind.REFUSED ? Kind.UNAUTHORIZED : Kind.UNREACHABLE;
            throw new RoutingApiException(kind, "no token: " + e.getMessage(), e);
        }
    }

    private RoutingApiException unreachable(String path, Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return new RoutingApiException(Kind.UNREACHABLE, api + path + ": no answer: " + cause, e);
    }

    private RoutingApiException refusal(String path, ResponseHeaders headers, HttpData content) {
        int status = headers.status().code();
        Kind kind = switch (status) {
            case 401 -> Kind.UNAUTHORIZED;
            case 404 -> Kind.NOT_FOUND;
            default -> status >= 500 ? Kind.UNAVAILABLE : status >= 400 ? Kind.REFUSED : Kind.UNUSABLE_ANSWER;
        };
        String name = "";
        String message = content.toStringUtf8();
        try {
            JsonNode error = RoutingJson.MAPPER.readTree(content.array());
            name = error.path("name").asString("");
            message = error.path("message").asString(message);
        } catch (JacksonException e) {
            name = "ResponseError"; // a proxy in between, or no body at all
        }
        return new RoutingApiException(kind, status, name, api + path + ": " + status + " " + message);
    }
}
