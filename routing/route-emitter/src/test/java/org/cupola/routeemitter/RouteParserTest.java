package org.cupola.routeemitter;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.Map;
import org.cupola.protocol.routing.RouteOptions;
import org.cupola.routeemitter.Desired.HttpRoute;
import org.cupola.routeemitter.Desired.InternalRoute;
import org.cupola.routeemitter.Desired.Routes;
import org.cupola.routeemitter.Desired.TcpRoute;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouteParserTest {
    private static Routes parse(String kind, String json) {
        return RouteParser.parse("app", Map.of(kind, ByteString.copyFromUtf8(json)));
    }

    @Test
    void readsHttpRoutes() {
        String json = """
                [{"hostnames":["a.example.com","b.example.com/path"],"port":8080,"route_service_url":"https://rs",
                  "isolation_segment":"seg","protocol":"http2","options":{"loadbalancing":"least-connection"}},
                 {"hostnames":["c"],"port":9090}]""";

        assertThat(parse("cf-router", json).http())
                .containsExactly(
                        new HttpRoute("a.example.com", 8080, "https://rs", "seg", "http2", leastConnection()),
                        new HttpRoute("b.example.com/path", 8080, "https://rs", "seg", "http2", leastConnection()),
                        new HttpRoute("c", 9090, "", "", "", RouteOptions.NONE));
    }

    private static RouteOptions leastConnection() {
        return new RouteOptions("", "", 0, "{\"loadbalancing\":\"least-connection\"}");
    }

    @Test
    void readsTcpRoutes() {
        String json = """
                [{"router_group_guid":"g","external_port":5000,"container_port":8080},
                 {"router_group_guid":"g","external_port":5001,"container_port":8080,
                  "backend_sni_hostname":"sni","terminate_frontend_tls":true,"enable_backend_mtls":true}]""";

        assertThat(parse("tcp-router", json).tcp())
                .containsExactly(
                        new TcpRoute("g", 5000, 8080, null, false, false),
                        new TcpRoute("g", 5001, 8080, "sni", true, true));
    }

    @Test
    void readsInternalRoutes() {
        assertThat(parse("internal-router", "[{\"hostname\":\"a.apps.internal\"}]")
                        .internal())
                .containsExactly(new InternalRoute("a.apps.internal"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "",
                "[",
                "{}",
                "[1]",
                "[{\"hostnames\":\"a\",\"port\":8080}]",
                "[{\"hostnames\":[\"a\"],\"port\":\"8080\"}]",
                "[{\"hostnames\":[\"a\"],\"port\":-1}]",
                "[{\"hostnames\":[\"a\"],\"port\":65536}]",
                "[{\"hostnames\":[\"a\"],\"port\":8080},{\"hostnames\":[2],\"port\":8080}]"
            })
    void takesAnythingElseForNoRoutes(String json) {
        assertThat(parse("cf-router", json)).isEqualTo(Routes.NONE);
    }

    @Test
    void aMalformedKindDoesNotSpoilTheOthers() {
        Routes routes = RouteParser.parse(
                "app",
                Map.of(
                        "cf-router",
                        ByteString.copyFromUtf8("broken"),
                        "internal-router",
                        ByteString.copyFromUtf8("[{\"hostname\":\"x\"}]"),
                        "diego-ssh",
                        ByteString.copyFromUtf8("{\"container_port\":2222}")));

        assertThat(routes.http()).isEmpty();
        assertThat(routes.internal()).hasSize(1);
    }
}
