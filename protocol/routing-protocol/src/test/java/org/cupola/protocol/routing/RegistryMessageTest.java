package org.cupola.protocol.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryMessageTest {
    private static final String APP_INSTANCE = """
            {"host":"10.0.32.7","port":61012,"tls_port":61014,"uris":["shop.apps.example.org"],"protocol":"http1",\
            "app":"9f1d7c0e-7a55-4d0e-8d1e-0a8d4c1b2f33","private_instance_id":"5f0c6a0f-43a7-4f3a-6a0b-91d2",\
            "private_instance_index":"2","server_cert_domain_san":"5f0c6a0f-43a7-4f3a-6a0b-91d2",\
            "endpoint_updated_at_ns":1767225600000000000,"tags":{"component":"route-emitter"},"availability_zone":"z2"}""";
    private static final String SYSTEM_COMPONENT = """
            {"uris":["uaa.sys.example.org","*.login.sys.example.org"],"host":"10.0.4.7","tls_port":8443,\
            "tags":{"component":"uaa"},"private_instance_id":"0b6a2f0e-2b4e-4d7c-9a7d-6f3f2f6f4d11",\
            "server_cert_domain_san":"uaa.service.cf.internal","availability_zone":"z1"}""";

    private static RegistryMessage parse(String json) throws RegistryMessageException {
        return RegistryMessage.parse(json.getBytes(UTF_8));
    }

    @Test
    void readsEveryFieldAndWritesTheEmittersBytes() throws Exception {
        RegistryMessage message = parse(APP_INSTANCE);

        assertThat(message.host()).isEqualTo("10.0.32.7");
        assertThat(message.port()).isEqualTo(61012);
        assertThat(message.tlsPort()).isEqualTo(61014);
        assertThat(message.uris()).containsExactly("shop.apps.example.org");
        assertThat(message.privateInstanceIndex()).isEqualTo("2");
        assertThat(message.endpointUpdatedAtNs()).isEqualTo(1767225600000000000L);
        assertThat(message.tags()).isEqualTo(Map.of("component", "route-emitter"));
        assertThat(message.availabilityZone()).isEqualTo("z2");
        assertThat(new String(message.toEmitterJson(), UTF_8)).isEqualTo("""
                        {"host":"10.0.32.7","port":61012,"tls_port":61014,"uris":["shop.apps.example.org"],"protocol":"http1",\
                        "app":"9f1d7c0e-7a55-4d0e-8d1e-0a8d4c1b2f33","private_instance_id":"5f0c6a0f-43a7-4f3a-6a0b-91d2",\
                        "private_instance_index":"2","server_cert_domain_san":"5f0c6a0f-43a7-4f3a-6a0b-91d2",\
                        "endpoint_updated_at_ns":1767225600000000000,"tags":{"component":"route-emitter"},"availability_zone":"z2"}""");
    }

    @Test
    void writesTheRegistrarsBytes() throws Exception {
        assertThat(new String(parse(SYSTEM_COMPONENT).toRegistrarJson(), UTF_8)).isEqualTo(SYSTEM_COMPONENT);
        assertThat(new String(
                        RegistryMessage.builder("10.0.0.1", List.of("a.b"))
                                .port(80)
                                .privateInstanceId("x")
                                .build()
                                .toRegistrarJson(),
                        UTF_8))
                .isEqualTo(
                        "{\"uris\":[\"a.b\"],\"host\":\"10.0.0.1\",\"port\":80,\"tags\":null,\"private_instance_id\":\"x\"}");
    }

    @Test
    void ignoresUnknownKeysNullsAndTheCaseOfKeys() throws Exception {
        RegistryMessage message =
                parse(" {\"HOST\" : \"h\", \"Port\":1, \"uris\":[\"a\"], \"app\":null, \"tags\":null, \"dea\":\"d\","
                        + " \"x\":{\"y\":[1,2.5e3,true,false,null,\"\\u00e9\\n\"]}} ");

        assertThat(message.host()).isEqualTo("h");
        assertThat(message.port()).isEqualTo(1);
        assertThat(message.app()).isEmpty();
        assertThat(message.tags()).isNull();
    }

    @Test
    void readsOneMessageAsAnyOtherWhateverCameBefore() throws Exception {
        List<String> messages = List.of(
                "{\"host\":\"10.0.0.1\",\"port\":80,\"uris\":[\"a.com\"],\"app\":\"one\",\"tags\":{\"a\":\"1\",\"b\":\"2\"}}",
                "{\"port\":81,\"host\":\"10.0.0.1\",\"app\":\"two\",\"uris\":[\"a.com\",\"b.com\"],\"tags\":{\"b\":\"1\",\"a\":\"2\"}}",
                "{\"tags\":{\"a\":\"1\"},\"unknown\":[1],\"APP\":\"three\",\"host\":\"10.0.0.2\",\"uris\":[]}",
                "{\"tags\":{\"a\":\"1\",\"A\":\"2\",\"a\":\"3\",\"\\u0062\":\"4\"},\"app\":null,\"app\":\"fo\\u0075r\",\"app\":null}",
                "{\"host\":\"10.0.0.1\",\"port\":80,\"uris\":[null],\"protocol\":\"http2\",\"availability_zone\":\"zürich\"}",
                "{}");
        var shared = new SharedTexts();

        for (String first : messages) {
            for (String second : messages) {
                for (String json : List.of(first, second)) {
                    byte[] bytes = (json + "}garbage\"").getBytes(UTF_8);
                    int length = json.getBytes(UTF_8).length;
                    assertThat(RegistryMessage.parse(bytes, length, shared))
                            .isEqualTo(RegistryMessage.parse(json.getBytes(UTF_8)));
                }
            }
        }

        RegistryMessage odd = RegistryMessage.parse(messages.get(3).getBytes(UTF_8), shared);
        assertThat(odd.app()).isEqualTo("four");
        assertThat(odd.tags()).isEqualTo(Map.of("a", "3", "A", "2", "b", "4"));
    }

    @Test
    void findsTheEndOfATextWhereverItIs() throws Exception {
        for (int length = 0; length < 40; length++) {
            for (String odd : List.of("", "\\n", "\\\"", "ü", "\u007f", "!", "#", "[", "]")) {
                for (int at = 0; at <= length; at++) {
                    String text = "x".repeat(at) + odd + "x".repeat(length - at);
                    String json = "{\"app\":\"" + text + "\",\"host\":\"h\"}";

                    RegistryMessage message = RegistryMessage.parse(json.getBytes(UTF_8));

                    assertThat(message.app())
                            .isEqualTo(text.replace("\\n", "\n").replace("\\\"", "\""));
                    assertThat(message.host()).isEqualTo("h");
                }
            }
        }
    }

    @Test
    void refusesControlCharactersWhereverTheyAre() {
        for (char c = 0; c < ' '; c++) {
            for (int at = 0; at < 20; at++) {
                String json = "{\"app\":\"" + "x".repeat(at) + c + "x".repeat(20 - at) + "\"}";
                assertThatThrownBy(() -> RegistryMessage.parse(json.getBytes(UTF_8)))
                        .isInstanceOf(RegistryMessageException.class)
                        .hasMessageContaining("control character");
            }
        }
    }

    @Test
    void decodesEscapesAndUtf8() throws Exception {
        assertThat(parse("{\"app\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041é\"}").app())
                .isEqualTo("\"\\/\b\f\n\r\tAé");
    }

    @Test
    void readsOptionsUnderBothNamesAndKeepsTheirText() throws Exception {
        assertThat(parse("{\"options\":{\"lb_algo\":\"least-connection\"}}").options())
                .isEqualTo(new RouteOptions("least-connection", "", 0, "{\"lb_algo\":\"least-connection\"}"));
        assertThat(RouteOptions.parse("{\"loadbalancing\":\"hash\",\"hash_header\":\"X-T\",\"hash_balance\":1.25}"))
                .extracting(RouteOptions::loadBalancing, RouteOptions::hashHeader, RouteOptions::hashBalance)
                .containsExactly("hash", "X-T", 1.25);
        assertThat(RouteOptions.parse("null")).isEqualTo(RouteOptions.NONE);
    }

    @Test
    void refusesARouteServiceThatIsNotHttps() {
        assertThatThrownBy(() -> parse("{\"route_service_url\":\"http://a\"}"))
                .isInstanceOf(RegistryMessageException.class)
                .hasMessage("Unable to validate message. route_service_url must be https");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "\"x\"",
                "{",
                "{\"host\":1}",
                "{\"port\":\"80\"}",
                "{\"port\":1.5}",
                "{\"port\":65536}",
                "{\"port\":-1}",
                "{\"port\":01}",
                "{\"uris\":\"a\"}",
                "{\"uris\":[1]}",
                "{\"tags\":{\"a\":1}}",
                "{\"tags\":[]}",
                "{\"host\":\"a\"} x",
                "{\"host\":\"a\",}",
                "{\"host\":\"a\" \"port\":1}",
                "{\"host\":\"\\x\"}",
                "{\"host\":\"\\u12\"}",
                "{\"host\":\"a\nb\"}",
                "{host:1}",
                "{\"x\":tru}",
                "{\"x\":1.}",
                "{\"x\":1e}",
                "{\"x\":-}"
            })
    void refusesWhatIsNotAMessage(String json) {
        assertThatThrownBy(() -> parse(json)).isInstanceOf(RegistryMessageException.class);
    }

    @Test
    void refusesDeepNestingWithoutRunningOutOfStack() {
        String deep = "{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

        assertThatThrownBy(() -> parse(deep)).isInstanceOf(RegistryMessageException.class);
    }

    @Test
    void neitherLoopsNorBreaksOnDamagedMessages() {
        var random = new Random(42);
        byte[] whole = APP_INSTANCE.getBytes(UTF_8);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = java.util.Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            for (int n = random.nextInt(4); n > 0 && damaged.length > 0; n--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                RegistryMessage.parse(damaged);
            } catch (RegistryMessageException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void startMessageHasTheOriginalsBytes() {
        var message = new RouterStartMessage("0-6f1b3c52", List.of("10.0.16.4"), 20, 120);

        assertThat(new String(message.toJson(), UTF_8))
                .isEqualTo("{\"id\":\"0-6f1b3c52\",\"hosts\":[\"10.0.16.4\"],\"minimumRegisterIntervalInSeconds\":20,"
                        + "\"pruneThresholdInSeconds\":120}");
        assertThat(RouterStartMessage.parse(message.toJson())).isEqualTo(message);
        assertThat(RouterStartMessage.parse("{\"minimumRegisterIntervalInSeconds\":5}".getBytes(UTF_8)))
                .isEqualTo(new RouterStartMessage("", List.of(), 5, 0));
    }
}
