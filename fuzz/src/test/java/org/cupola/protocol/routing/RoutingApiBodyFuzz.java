package org.cupola.protocol.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A body is refused with a reason, or its routes keep their values and bounds when they are written and read again. */
class RoutingApiBodyFuzz {
    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void keepsWhatItReads(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                "[{\"router_group_guid\":\"g\",\"port\":1024,\"backend_ip\":\"10.0.0.1\",\"backend_port\":80,\"ttl\":120,"
                        + "\"backend_sni_hostname\":\"s\",\"isolation_segment\":\"<i>\",\"modification_tag\":"
                        + "{\"guid\":\"m\",\"index\":3},\"terminate_frontend_tls\":true,\"alpns\":\"h2\"}]",
                "[{\"route\":\"a.b/c\",\"port\":8080,\"ip\":\"1.2.3.4\",\"ttl\":20,\"log_guid\":\"l\","
                        + "\"route_service_url\":\"https://r\"}]",
                "[{\"PORT\":null,\"backend_tls_port\":-1,\"x\":[1]}, 3]");
    }

    @Test
    void readsDamagedExamples() {
        Damage.each(30_000, RoutingApiBodyFuzz::check, examples());
    }

    static void check(byte[] input) {
        JsonNode body;
        try {
            body = RoutingJson.MAPPER.readTree(input);
        } catch (JacksonException e) {
            return;
        }
        List<TcpRouteMapping> atOnce = TcpRouteMapping.readAll(input);
        if (atOnce != null) {
            List<TcpRouteMapping> oneByOne = new ArrayList<>();
            body.forEach(route -> oneByOne.add(TcpRouteMapping.read(route)));
            assertThat(atOnce).isEqualTo(oneByOne);
        }
        for (JsonNode route : body) {
            try {
                TcpRouteMapping tcp = TcpRouteMapping.read(route);
                assertThat(tcp.port()).isBetween(0, 65_535);
                assertThat(tcp.backendPort()).isBetween(0, 65_535);
                assertThat(TcpRouteMapping.read(written(tcp.toJson()))).isEqualTo(tcp);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).startsWith("json: ");
            }
            try {
                HttpRoute http = HttpRoute.read(route);
                assertThat(http.port()).isBetween(0, 65_535);
                assertThat(HttpRoute.read(written(http.toJson()))).isEqualTo(http);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).startsWith("json: ");
            }
        }
    }

    private static JsonNode written(JsonNode json) {
        return RoutingJson.MAPPER.readTree(RoutingJson.MAPPER.writeValueAsBytes(json));
    }
}
