package org.cupola.platform.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.slf4j.event.KeyValuePair;

/** A line for a terminal: {@code 12:00:00.123 INFO  gorouter          route-registered route=a.b}. */
final class HumanEncoder extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    @Override
    public byte[] encode(ILoggingEvent event) {
        var line = new StringBuilder(160);
        line.append(TIME.format(event.getInstant()));
        line.append(' ').append(String.format("%-5s", event.getLevel()));
        line.append(' ').append(String.format("%-16s", Logging.component(event.getLoggerName())));
        line.append(' ').append(event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                line.append(' ').append(pair.key).append('=').append(pair.value);
            }
        }
        appendError(line, event);
        return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void appendError(StringBuilder line, ILoggingEvent event) {
        var error = event.getThrowableProxy();
        if (error == null) {
            return;
        }
        line.append(" error=").append(error.getMessage() == null ? error.getClassName() : error.getMessage());
        if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
            line.append('\n').append(ThrowableProxyUtil.asString(error).stripTrailing());
        }
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
