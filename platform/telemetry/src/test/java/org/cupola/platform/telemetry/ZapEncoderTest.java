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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.KeyValuePair;

class ZapEncoderTest {
    private static final String REGISTRY = "org.cupola.gorouter.registry";

    private final LoggerContext context = new LoggerContext();

    private String line(boolean readable, LoggingEvent event) {
        return new String(new ZapEncoder(readable, "vcap.gorouter").encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void writesSecondsAsANumber() {
        assertThat(line(false, event(REGISTRY, Level.INFO, null)))
                .isEqualTo("{\"log_level\":1,\"timestamp\":1767323045.678,\"message\":\"route-registered\","
                        + "\"source\":\"vcap.gorouter.registry\",\"data\":{\"uri\":\"a.b\"}}\n");
    }

    @Test
    void writesReadableTimes() {
        assertThat(line(true, event(REGISTRY, Level.DEBUG, null)))
                .isEqualTo("{\"log_level\":0,\"timestamp\":\"2026-01-02T03:04:05.678000000Z\","
                        + "\"message\":\"route-registered\",\"source\":\"vcap.gorouter.registry\","
                        + "\"data\":{\"uri\":\"a.b\"}}\n");
    }

    @ParameterizedTest
    @CsvSource({"DEBUG,0", "INFO,1", "WARN,2", "ERROR,3"})
    void countsLevelsFromDebug(String level, int number) {
        assertThat(Json.tree(line(false, event(REGISTRY, Level.toLevel(level), null)))
                        .path("log_level")
                        .asInt())
                .isEqualTo(number);
    }

    @Test
    void aClassIsNoPartOfTheSource() {
        String line =
                line(false, event("org.cupola.gorouter.GorouterComponent", Level.ERROR, new RuntimeException("no")));

        assertThat(Json.tree(line).path("source").asString()).isEqualTo("vcap.gorouter");
        assertThat(Json.tree(line).path("data").path("error").asString()).isEqualTo("no");
    }

    private LoggingEvent event(String logger, Level level, Throwable error) {
        var event = new LoggingEvent("", context.getLogger(logger), level, "route-registered", error, null);
        event.setInstant(Instant.parse("2026-01-02T03:04:05.678Z"));
        event.setKeyValuePairs(List.of(new KeyValuePair("uri", "a.b")));
        return event;
    }
}
