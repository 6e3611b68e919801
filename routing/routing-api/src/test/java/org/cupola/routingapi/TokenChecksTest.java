package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.cupola.platform.config.Secret;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.protocol.routing.RoutingApiClient;
import org.cupola.protocol.uaa.TokenClient;
import org.cupola.protocol.uaa.TokenSource;
import org.cupola.protocol.uaa.UaaConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenChecksTest {
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    @TempDir
    Path folder;

    private TestUaa uaa;
    private RunningApi api;

    @BeforeEach
    void start() throws Exception {
        uaa = new TestUaa();
        api = RunningApi.start(folder, config(), false, () -> Instant.now().plus(ahead.get()), RunningApi.FAST);
    }

    private String config() {
        return RunningApi.sql(DatabaseConfig.sqlite(folder.resolve("db")))
                + "oauth: {token_endpoint: 'http://127.0.0.1', port: " + uaa.port() + "}\n";
    }

    @AfterEach
    void stop() {
        api.close();
        uaa.close();
    }

    private AggregatedHttpResponse get(String path, String authorization) {
        var headers = RequestHeaders.builder(HttpMethod.GET, path);
        if (!authorization.isEmpty()) {
            headers.set("authorization", authorization);
        }
        return api.request(headers.build(), "");
    }

    @Test
    void everyEndpointAsksForItsScope() {
        for (Endpoint endpoint : Endpoint.values()) {
            String path = "/routing/v1/" + path(endpoint);
            String others = List.of(
                            "routing.routes.read",
                            "routing.routes.write",
                            "routing.router_groups.read",
                            "routing.router_groups.write")
                    .stream()
                    .filter(scope -> !scope.equals(endpoint.scope()))
                    .reduce((a, b) -> a + " " + b)
                    .orElseThrow();
            RequestHeaders headers = RequestHeaders.of(
                    endpoint.method(), path, "authorization", "bearer " + uaa.token(others.split(" ")));

            AggregatedHttpResponse refused = api.request(headers, "not even JSON");

            assertThat(refused.status().code()).as(endpoint.name()).isEqualTo(401);
            assertThat(refused.contentUtf8())
                    .isEqualTo("{\"name\":\"UnauthorizedError\",\"message\":"
                            + "\"You are not authorized to perform the requested action\"}");
        }
    }

    private static String path(Endpoint endpoint) {
        return switch (endpoint) {
            case LIST_ROUTES, UPSERT_ROUTES, DELETE_ROUTES -> "routes";
            case ROUTE_EVENTS -> "events";
            case LIST_ROUTER_GROUPS, CREATE_ROUTER_GROUP -> "router_groups";
            case UPDATE_ROUTER_GROUP, DELETE_ROUTER_GROUP -> "router_groups/some-guid";
            case LIST_TCP_ROUTES -> "tcp_routes";
            case UPSERT_TCP_ROUTES -> "tcp_routes/create";
            case DELETE_TCP_ROUTES -> "tcp_routes/delete";
            case TCP_ROUTE_EVENTS -> "tcp_routes/events";
        };
    }

    @Test
    void refusesTokensThatAreNoneOrOfAnother() {
        Map<String, String> cases = Map.of(
                "",
                "invalid token format",
                "bearer",
                "invalid token format",
                "basic x",
                "invalid token type: basic",
                "bearer " + uaa.sign(Map.of("alg", "HS256"), Map.of("iss", TestUaa.ISSUER)),
                "invalid signing method",
                "bearer " + uaa.sign(Map.of("alg", "RS256"), Map.of("iss", "https://other")),
                "invalid issuer",
                "bearer " + uaa.sign(Map.of("alg", "RS256"), Map.of("iss", TestUaa.ISSUER, "exp", 1)),
                "token is expired");

        cases.forEach((authorization, message) -> {
            AggregatedHttpResponse response = get("/routing/v1/routes", authorization);
            assertThat(response.status().code()).as(authorization).isEqualTo(401);
            assertThat(response.contentUtf8()).contains("UnauthorizedError", message);
        });
        assertThat(api.admin(HttpMethod.GET, "/metrics").contentUtf8())
                .contains("routing_api_token_errors_total " + cases.size());
    }

    @Test
    void acceptsATokenIssuedInTheFutureAndOneWithoutScopesIsAnswered() {
        long soon = Instant.now().plusSeconds(300).getEpochSecond();
        String early = uaa.sign(
                Map.of("alg", "RS256"),
                Map.of("iss", TestUaa.ISSUER, "iat", soon, "scope", List.of("routing.routes.read")));
        String scopeless = uaa.sign(Map.of("alg", "RS256"), Map.of("iss", TestUaa.ISSUER));

        assertThat(get("/routing/v1/routes", "Bearer " + early).status().code()).isEqualTo(200);
        assertThat(get("/routing/v1/routes", "bearer " + scopeless).status().code())
                .isEqualTo(401);
    }

    @Test
    void aKeyRotationCostsNobodyARequest() {
        uaa.rotateKey();
        ahead.set(Duration.ofSeconds(10));

        assertThat(get("/routing/v1/routes", "bearer " + uaa.token("routing.routes.read"))
                        .status()
                        .code())
                .isEqualTo(200);
    }

    @Test
    void mutualTlsNeedsACertificateAndStillAToken() {
        TokenSource tokens = new TokenClient(
                new UaaConnection(URI.create("http://127.0.0.1:" + uaa.port()), api.clients(), Duration.ofSeconds(10)),
                "tcp_router",
                new Secret("s"),
                InstantSource.system());
        try (var stranger = HttpClients.create(null, List.of(RunningApi.AUTHORITY.certificate()))) {
            var uncertified = new RoutingApiClient(api.mtlsUrl(), stranger, tokens, Duration.ofSeconds(10));

            assertThatThrownBy(uncertified::tcpRoutes).hasMessageContaining("no answer");
            assertThatThrownBy(() -> api.client().tcpRoutes()).hasMessageContaining("401");
            assertThatCode(() -> api.client(tokens).tcpRoutes()).doesNotThrowAnyException();
        }
    }

    @Test
    void doesNotStartWithoutAUsableKey() throws Exception {
        uaa.showAsKey("no PEM");
        Path elsewhere = RunningApi.newFolder(folder);

        var component = RunningApi.component(elsewhere, config(), false, InstantSource.system(), RunningApi.FAST);

        assertThatThrownBy(component::start).hasMessageContaining("public uaa token must be PEM encoded");
    }
}
