package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import org.cupola.protocol.bbs.proto.ProtoRoutes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouteJsonTest {
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"hostnames\": [\"a.b\"], \"port\": 8080}]",
                "{\"a\": {\"b\": [1, 2, {\"c\": \"}],\\\"\"}]}}",
                "1.10e3",
                "-0",
                "null",
                "true",
                "\"text with \\\\ and \\\" and ü\"",
                "[]",
                "{}",
                " [ 1 , 2 ]"
            })
    void keepsAValueByteForByte(String value) {
        var routes = ProtoRoutes.newBuilder()
                .putRoutes("first", ByteString.copyFromUtf8(value))
                .putRoutes("key with \" and ,:{}", ByteString.copyFromUtf8(value))
                .putRoutes("zlast", ByteString.copyFromUtf8("{\"a\":1}"))
                .build();

        ProtoRoutes read = RouteJson.read(RouteJson.write(routes));

        assertThat(read.getRoutesMap().keySet()).isEqualTo(routes.getRoutesMap().keySet());
        assertThat(read.getRoutesOrThrow("first").toStringUtf8()).isEqualTo(value.strip());
        assertThat(read.getRoutesOrThrow("key with \" and ,:{}").toStringUtf8()).isEqualTo(value.strip());
    }

    @Test
    void writesOneObjectWithSortedKeys() {
        var routes = ProtoRoutes.newBuilder()
                .putRoutes("tcp-router", ByteString.copyFromUtf8("[]"))
                .putRoutes("cf-router", ByteString.copyFromUtf8("[1]"))
                .build();

        assertThat(new String(RouteJson.write(routes), StandardCharsets.UTF_8))
                .isEqualTo("{\"cf-router\":[1],\"tcp-router\":[]}");
    }

    @Test
    void readsNoRoutesInEachForm() {
        assertThat(RouteJson.read(utf8("null")).getRoutesCount()).isZero();
        assertThat(RouteJson.read(utf8(" { } ")).getRoutesCount()).isZero();
        assertThat(RouteJson.read(RouteJson.write(ProtoRoutes.getDefaultInstance()))
                        .getRoutesCount())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1", "1 2", "{\"a\":}"})
    void refusesAValueThatIsNotJson(String value) {
        var routes = ProtoRoutes.newBuilder()
                .putRoutes("r", ByteString.copyFromUtf8(value))
                .build();

        assertThatThrownBy(() -> RouteJson.write(routes)).hasMessage("the request received is invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "{\"a\"", "{\"a\":1", "{\"a\":\"x", "{\"a\":{\"b\":1}"})
    void saysWhereARecordEndsTooSoon(String json) {
        assertThatThrownBy(() -> RouteJson.read(utf8(json)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("routes: ");
    }
}
