package org.cupola.launcher.up;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.json.Json;
import tools.jackson.databind.JsonNode;

/**
 * Gorouter's routes of a running platform, for people.
 *
 * @param lines one an endpoint: URI, address, and the app or component behind it
 */
public record RoutingTable(List<String> lines) {
    static final String USER = "router-status";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    public RoutingTable {
        lines = List.copyOf(lines);
    }

    /** @throws IllegalStateException when Gorouter does not answer, or refuses */
    public static RoutingTable read(Endpoints endpoints) {
        Path secrets = endpoints.passwordFile().resolveSibling("secrets.json");
        String password = PlatformSecrets.open(secrets).get(USER);
        String basic = Base64.getEncoder().encodeToString((USER + ":" + password).getBytes(StandardCharsets.UTF_8));
        try (var clients = HttpClients.create(null, List.of())) {
            var request = RequestHeaders.builder(
                            HttpMethod.GET, endpoints.routes().getPath())
                    .add(HttpHeaderNames.AUTHORIZATION, "Basic " + basic)
                    .build();
            AggregatedHttpResponse response = clients.client(endpoints.routes().resolve("/"), TIMEOUT)
                    .build()
                    .blocking()
                    .execute(request);
            if (!response.status().isSuccess()) {
                throw new IllegalStateException(endpoints.routes() + ": " + response.status());
            }
            return of(Json.tree(response.content().array()));
        }
    }

    private static RoutingTable of(JsonNode table) {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, JsonNode> route : table.properties()) {
            for (JsonNode endpoint : route.getValue()) {
                JsonNode tags = endpoint.path("tags");
                String owner =
                        tags.path("app_name").asString(tags.path("component").asString(""));
                String instance = tags.path("instance_id").asString("");
                lines.add("%-48s %-22s %s"
                        .formatted(
                                route.getKey(),
                                endpoint.path("address").asString(""),
                                instance.isEmpty() ? owner : owner + "/" + instance)
                        .stripTrailing());
            }
        }
        lines.sort(String::compareTo);
        return new RoutingTable(lines);
    }
}
