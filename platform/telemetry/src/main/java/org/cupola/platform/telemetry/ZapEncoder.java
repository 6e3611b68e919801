package org.cupola.platform.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.cupola.platform.json.Json;

/**
 * One JSON object a line, as the Go library zap writes it for the original Gorouter: {@code log_level} from 0 (debug) to 3
 * (error), the bare message, and as {@code source} the configured prefix. A logger that is named by a word and not by a
 * class, such as {@code org.cupola.gorouter.registry}, adds the word to it.
 */
final class ZapEncoder extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter RFC3339 =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter();
    private static final double NANOS_PER_SECOND = 1e9;

    private final boolean readable;
    private final String prefix;

    ZapEncoder(boolean readable, String prefix) {
        this.readable = readable;
        this.prefix = prefix;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("log_level", levelNumber(event.getLevel()));
        line.put("timestamp", readable ? RFC3339.format(event.getInstant()) : seconds(event.getInstant()));
        line.put("message", event.getFormattedMessage());
        line.put("source", source(event.getLoggerName()));
        line.put("data", LagerEncoder.data(event));
        return (Json.text(line) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** As Go prints a 64-bit number of seconds: in its shortest form, never with an exponent. */
    private static BigDecimal seconds(Instant instant) {
        double seconds = instant.getEpochSecond() + instant.getNano() / NANOS_PER_SECOND;
        return new BigDecimal(new BigDecimal(Double.toString(seconds)).toPlainString());
    }

    private String source(String loggerName) {
        String last = loggerName.substring(loggerName.lastIndexOf('.') + 1);
        return last.isEmpty() || Character.isUpperCase(last.charAt(0)) ? prefix : prefix + "." + last;
    }

    private static int levelNumber(Level level) {
        return level.isGreaterOrEqual(Level.ERROR)
                ? 3
                : level.isGreaterOrEqual(Level.WARN) ? 2 : level.isGreaterOrEqual(Level.INFO) ? 1 : 0;
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
