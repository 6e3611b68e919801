package org.cupola.platform.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.cupola.platform.json.Json;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LagerEncoderTest {
    private final LoggerContext context = new LoggerContext();

    @Test
    void writesTheReadableForm() {
        var line = new String(new LagerEncoder(true).encode(event(null)), StandardCharsets.UTF_8);

        assertThat(line)
                .isEqualTo("{\"timestamp\":\"2026-01-02T03:04:05.678000000Z\",\"level\":\"info\","
                        + "\"source\":\"gorouter\",\"message\":\"gorouter.route-registered\","
                        + "\"data\":{\"route\":\"a.b\",\"port\":80}}\n");
    }

    @Test
    void writesTheEpochForm() {
        var line = new String(new LagerEncoder(false).encode(event(null)), StandardCharsets.UTF_8);

        assertThat(line)
                .isEqualTo("{\"timestamp\":\"1767323045.678000000\",\"source\":\"gorouter\","
                        + "\"message\":\"gorouter.route-registered\",\"log_level\":1,"
                        + "\"data\":{\"route\":\"a.b\",\"port\":80}}\n");
    }

    @Test
    void anErrorStandsInTheData() {
        byte[] line = new LagerEncoder(true).encode(event(new IllegalStateException("boom")));

        assertThat(Json.tree(line).path("data").path("error").asString()).isEqualTo("boom");
    }

    private LoggingEvent event(Throwable error) {
        var event = new LoggingEvent(
                "", context.getLogger("org.cupola.gorouter.RouteTable"), Level.INFO, "route-registered", error, null);
        event.setInstant(Instant.parse("2026-01-02T03:04:05.678Z"));
        event.setKeyValuePairs(List.of(new KeyValuePair("route", "a.b"), new KeyValuePair("port", 80)));
        return event;
    }
}
