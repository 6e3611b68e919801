package org.cupola.cloudcontroller;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.json.Json;
import org.cupola.protocol.uaa.TokenSource;
import tools.jackson.databind.JsonNode;

/** Reads {@code /v1/router_groups} with a client of the Cloud Controller's own. */
final class RoutingApiRouterGroups implements RouterGroups {
    private final BlockingWebClient client;
    private final TokenSource tokens;

    RoutingApiRouterGroups(URI routingApi, HttpClients clients, TokenSource tokens) {
        this.client = clients.client(routingApi, Duration.ofSeconds(10)).build().blocking();
        this.tokens = tokens;
    }

    @Override
    public List<RouterGroup> list() {
        try {
            AggregatedHttpResponse response = get(tokens.token());
            if (response.status().equals(HttpStatus.UNAUTHORIZED)) {
                response = get(tokens.renewed());
            }
            if (!response.status().equals(HttpStatus.OK)) {
                throw new IllegalStateException("/v1/router_groups: status " + response.status() + " (expected: 200)");
            }
            List<RouterGroup> groups = new ArrayList<>();
            for (JsonNode group : Json.tree(response.content().array())) {
                groups.add(new RouterGroup(
                        group.path("guid").asString(),
                        group.path("name").asString(),
                        group.path("type").asString(),
                        group.path("reservable_ports").asString("")));
            }
            return groups;
        } catch (Exception e) { // the client throws its causes undeclared; for the user all are the same
            ApiException unavailable = ApiException.routingApiUnavailable();
            unavailable.initCause(e);
            throw unavailable;
        }
    }

    private AggregatedHttpResponse get(String token) {
        return client.execute(HttpRequest.of(RequestHeaders.of(
                HttpMethod.GET, "/v1/router_groups", HttpHeaderNames.AUTHORIZATION, "bearer " + token)));
    }
}
