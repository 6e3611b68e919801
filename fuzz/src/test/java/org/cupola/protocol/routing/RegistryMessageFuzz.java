package org.cupola.protocol.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is taken as a registration is JSON to another parser too, and can be sent on unchanged. */
class RegistryMessageFuzz {
    private static final JsonMapper SECOND_OPINION = JsonMapper.builder().build();

    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void isJsonToAnotherParser(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                "{\"host\":\"10.0.0.1\",\"port\":61001,\"tls_port\":61002,\"uris\":[\"a.b\",\"*.c/d\"],\"app\":\"guid\","
                        + "\"tags\":{\"k\":\"v\"},\"options\":{\"loadbalancing\":\"hash\",\"hash_balance\":1.5}}",
                "{\"HOST\":\"x\\u0041\\n\",\"port\":null,\"uris\":[],\"unknown\":[{\"a\":[1e5,true,null]}]}",
                "{\"endpoint_updated_at_ns\":-1,\"stale_threshold_in_seconds\":120,\"route_service_url\":\"https://a\"}",
                "null");
    }

    @Test
    void readsDamagedExamples() {
        Damage.each(30_000, RegistryMessageFuzz::check, examples());
    }

    static void check(byte[] input) {
        RegistryMessage message;
        try {
            message = RegistryMessage.parse(input);
        } catch (RegistryMessageException e) {
            assertThat(e.getMessage()).isNotEmpty();
            return;
        }
        String text = new String(input, UTF_8);
        if (text.indexOf('\ufffd') < 0 && !text.contains("\\u")) { // those are replaced, as Go does, or refused
            JsonNode tree = SECOND_OPINION.readTree(input);
            assertThat(tree.isObject() || tree.isNull()).isTrue();
        }
        assertThat(message.port()).isBetween(0, 65_535);
        RegistryMessage again;
        try {
            again = RegistryMessage.parse(message.toEmitterJson());
        } catch (RegistryMessageException e) {
            throw new AssertionError("what we write we cannot read: " + new String(message.toEmitterJson(), UTF_8), e);
        }
        assertThat(again.host()).isEqualTo(message.host());
        assertThat(again.port()).isEqualTo(message.port());
        assertThat(again.tlsPort()).isEqualTo(message.tlsPort());
        assertThat(again.uris()).isEqualTo(message.uris());
        assertThat(again.app()).isEqualTo(message.app());
        assertThat(again.routeServiceUrl()).isEqualTo(message.routeServiceUrl());
        assertThat(again.endpointUpdatedAtNs()).isEqualTo(message.endpointUpdatedAtNs());
        assertThat(again.toEmitterJson()).isEqualTo(message.toEmitterJson());
    }
}
