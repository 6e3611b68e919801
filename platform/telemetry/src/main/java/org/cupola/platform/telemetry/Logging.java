package org.cupola.platform.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import org.slf4j.LoggerFactory;

/**
 * Sets up logging of this process. Any thread; the last call wins.
 *
 * <p>The component a line belongs to is read from the logger's name: loggers are named by class, and the package
 * after {@code org.cupola} is the component's.
 */
public final class Logging {
    private static final String HOME = "org.cupola";

    private Logging() {}

    /** Applies the settings to the whole process; libraries stay at warnings unless the level is debug. */
    public static void configure(LogSettings settings) {
        configure((LoggerContext) LoggerFactory.getILoggerFactory(), settings);
    }

    /** Changes only the level, as a log-level endpoint or a signal asks for. */
    public static void level(LogLevel level) {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(HOME).setLevel(logback(level));
    }

    static void configure(LoggerContext context, LogSettings settings) {
        var encoder = encoder(settings);
        encoder.setContext(context);
        encoder.start();
        var console = new ConsoleAppender<ILoggingEvent>();
        console.setContext(context);
        console.setEncoder(encoder);
        console.start();
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.addAppender(console);
        root.setLevel(Level.WARN);
        // Warns once per process that two servers count the same executor, which several components in one always do.
        context.getLogger("io.micrometer").setLevel(Level.ERROR);
        context.getLogger(HOME).setLevel(logback(settings.level()));
    }

    static String component(String loggerName) {
        if (!loggerName.startsWith(HOME + ".")) {
            return loggerName.substring(loggerName.lastIndexOf('.') + 1);
        }
        int start = HOME.length() + 1;
        int end = loggerName.indexOf('.', start);
        return end < 0 ? loggerName.substring(start) : loggerName.substring(start, end);
    }

    private static Encoder<ILoggingEvent> encoder(LogSettings settings) {
        return switch (settings.format()) {
            case HUMAN -> new HumanEncoder();
            case LAGER_RFC3339 -> new LagerEncoder(true);
            case LAGER_EPOCH -> new LagerEncoder(false);
            case ZAP_RFC3339 -> new ZapEncoder(true, settings.source());
            case ZAP_EPOCH -> new ZapEncoder(false, settings.source());
        };
    }

    private static Level logback(LogLevel level) {
        return switch (level) {
            case DEBUG -> Level.DEBUG;
            case INFO -> Level.INFO;
            case WARN -> Level.WARN;
            case ERROR, FATAL -> Level.ERROR;
        };
    }
}
