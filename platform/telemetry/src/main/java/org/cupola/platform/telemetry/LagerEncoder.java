package org.cupola.platform.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.cupola.platform.json.Json;
import org.slf4j.event.KeyValuePair;

/**
 * One JSON object a line, as the Go library lager writes it; {@code message} is prefixed by the source, {@code data}
 * holds the key-values, an error goes to {@code data.error}.
 */
final class LagerEncoder extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter RFC3339 =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter();

    private final boolean readable;

    LagerEncoder(boolean readable) {
        this.readable = readable;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String source = Logging.component(event.getLoggerName());
        Instant instant = event.getInstant();
        Map<String, Object> line = new LinkedHashMap<>();
        if (readable) {
            line.put("timestamp", RFC3339.format(instant));
            line.put("level", levelName(event.getLevel()));
        } else {
            line.put(
                    "timestamp",
                    "%d.%09d"
                            .formatted(
                                    event.getInstant().getEpochSecond(),
                                    event.getInstant().getNano()));
        }
        line.put("source", source);
        line.put("message", source + "." + event.getFormattedMessage());
        if (!readable) {
            line.put("log_level", levelNumber(event.getLevel()));
        }
        line.put("data", data(event));
        return (Json.text(line) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The key-values; an error under {@code error}. */
    static Map<String, Object> data(ILoggingEvent event) {
        Map<String, Object> data = new LinkedHashMap<>();
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                data.put(pair.key, plain(pair.value));
            }
        }
        IThrowableProxy error = event.getThrowableProxy();
        if (error != null) {
            data.put("error", error.getMessage() == null ? error.getClassName() : error.getMessage());
            if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                data.put("trace", ThrowableProxyUtil.asString(error));
            }
        }
        return data;
    }

    private static Object plain(Object value) {
        return value instanceof Number || value instanceof Boolean || value instanceof Map || value instanceof Iterable
                ? value
                : String.valueOf(value);
    }

    private static String levelName(Level level) {
        return level.toString().toLowerCase(java.util.Locale.ROOT);
    }

    private static int levelNumber(Level level) {
        return level.isGreaterOrEqual(Level.ERROR) ? 2 : level.isGreaterOrEqual(Level.INFO) ? 1 : 0;
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
