package org.cupola.protocol.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

class RoutingJsonTest {
    private static JsonNode tree(String json) {
        return RoutingJson.MAPPER.readTree(json);
    }

    private static String text(JsonNode json) {
        return RoutingJson.MAPPER.writeValueAsString(json);
    }

    @Test
    void writesTcpRoutesInTheOriginalsOrder() {
        TcpRouteMapping plain = TcpRouteMapping.of("g", 5222, "10.0.0.1", 80);
        assertThat(text(plain.toJson()))
                .isEqualTo("{\"router_group_guid\":\"g\",\"backend_port\":80,\"backend_tls_port\":0,"
                        + "\"backend_ip\":\"10.0.0.1\",\"instance_id\":\"\",\"port\":5222,"
                        + "\"modification_tag\":{\"guid\":\"\",\"index\":0},\"isolation_segment\":\"\"}");

        TcpRouteMapping full = plain.toBuilder()
                .backendSniHostname("")
                .sniRewriteHostname("r")
                .ttl(5)
                .terminateFrontendTls(true)
                .alpns("h2")
                .enableBackendMtls(true)
                .modificationTag(new ModificationTag("t", 4_294_967_295L))
                .build();
        assertThat(text(full.toJson()))
                .isEqualTo("{\"router_group_guid\":\"g\",\"backend_port\":80,\"backend_tls_port\":0,"
                        + "\"backend_ip\":\"10.0.0.1\",\"backend_sni_hostname\":\"\",\"sni_rewrite_hostname\":\"r\","
                        + "\"instance_id\":\"\",\"port\":5222,\"modification_tag\":{\"guid\":\"t\",\"index\":4294967295},"
                        + "\"ttl\":5,\"isolation_segment\":\"\",\"terminate_frontend_tls\":true,\"alpns\":\"h2\","
                        + "\"enable_backend_mtls\":true}");
        assertThat(TcpRouteMapping.read(tree(text(full.toJson())))).isEqualTo(full);
    }

    @Test
    void writesHttpRoutesAndEscapesAsGo() {
        var route = new HttpRoute("a", 80, "ip", null, "", "https://x?<&>", ModificationTag.NONE);

        assertThat(text(route.toJson()))
                .isEqualToIgnoringCase("{\"route\":\"a\",\"port\":80,\"ip\":\"ip\",\"ttl\":null,\"log_guid\":\"\","
                        + "\"route_service_url\":\"https://x?\\u003c\\u0026\\u003e\","
                        + "\"modification_tag\":{\"guid\":\"\",\"index\":0}}");
        assertThat(HttpRoute.read(tree(text(route.toJson())))).isEqualTo(route);
    }

    @Test
    void readsKeysInAnyCaseAndNullsAsNothing() {
        TcpRouteMapping route =
                TcpRouteMapping.read(tree("{\"PORT\":1,\"backend_ip\":null,\"ttl\":null,\"more\":[]} {\"second\":1}"));

        assertThat(route.port()).isEqualTo(1);
        assertThat(route.backendIp()).isEmpty();
        assertThat(route.ttl()).isNull();
    }

    @Test
    void escapesAsTheMapperDoes() {
        String odd = "a\"\\<&>\u0001\t\u007f\u2028\u00e9\ud83d\ude00";

        var json = new JsonBytes(1).text(odd).number(-7).number(0).number(Long.MAX_VALUE);

        assertThat(new String(json.toArray(), StandardCharsets.UTF_8))
                .isEqualTo(text(JsonNodeFactory.instance.stringNode(odd)) + "-709223372036854775807");
    }

    @Test
    void readsAListAtOnceAsOneByOne() {
        TcpRouteMapping full = TcpRouteMapping.builder("g", 5222, "10.0.0.1", 80)
                .backendTlsPort(-1)
                .backendSniHostname("s")
                .sniRewriteHostname("r")
                .instanceId("\u00e9<")
                .modificationTag(new ModificationTag("t", 4_294_967_295L))
                .ttl(5)
                .isolationSegment("i")
                .terminateFrontendTls(true)
                .alpns("h2")
                .enableBackendMtls(true)
                .build();
        String list = "[" + text(full.toJson()) + ",{\"unknown\":[{\"port\":7}],\"port\":1,\"port\":2,\"ttl\":null,"
                + "\"backend_ip\":null,\"modification_tag\":null}, {}] more";

        assertThat(TcpRouteMapping.readAll(list.getBytes(StandardCharsets.UTF_8)))
                .containsExactly(full, TcpRouteMapping.of("", 2, "", 0), TcpRouteMapping.of("", 0, "", 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "[",
                "[null]",
                "[5]",
                "[{\"PORT\":1}]",
                "[{\"port\":65536}]",
                "[{\"port\":1.0}]",
                "[{\"port\":\"1\"}]",
                "[{\"backend_ip\":1}]",
                "[{\"ttl\":2147483648}]",
                "[{\"ttl\":99999999999999999999}]",
                "[{\"terminate_frontend_tls\":\"true\"}]",
                "[{\"modification_tag\":[]}]",
                "[{\"modification_tag\":{\"Guid\":\"\"}}]",
                "[{\"port\":1}"
            })
    void leavesOtherListsToBeReadOneByOne(String json) {
        assertThat(TcpRouteMapping.readAll(json.getBytes(StandardCharsets.UTF_8)))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "5",
                "{\"port\":65536}",
                "{\"port\":-1}",
                "{\"port\":1.0}",
                "{\"port\":\"1\"}",
                "{\"backend_ip\":1}",
                "{\"terminate_frontend_tls\":\"true\"}",
                "{\"modification_tag\":{\"index\":4294967296}}"
            })
    void refusesWhatGoWould(String json) {
        assertThatThrownBy(() -> TcpRouteMapping.read(tree(json)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("json: ");
    }

    @Test
    void tagsOrderTheChangesOfOneLife() {
        var tag = new ModificationTag("a", 5);

        assertThat(tag.succeededBy(new ModificationTag("a", 6))).isTrue();
        assertThat(tag.succeededBy(tag)).isFalse();
        assertThat(tag.succeededBy(new ModificationTag("a", 4))).isFalse();
        assertThat(tag.succeededBy(new ModificationTag("b", 0))).isTrue();
        assertThat(tag.succeededBy(ModificationTag.NONE)).isTrue();
        assertThat(ModificationTag.NONE.succeededBy(tag)).isTrue();
        assertThat(new ModificationTag("a", 4_294_967_295L).next().index()).isZero();
    }
}
