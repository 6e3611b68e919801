package org.cupola.platform.debug;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import java.util.Locale;
import java.util.Optional;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import org.cupola.platform.telemetry.Logging;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /log-level}: the body is the least level that this process logs from now on, by name, first letter or number. Any
 * thread.
 *
 * <p>Answers are those of {@code code.cloudfoundry.org/debugserver}, whose versions before July 2025 took any method and whose
 * manual still names PUT; so PUT is taken beside POST.
 */
final class LogLevelService {
    private static final Logger log = LoggerFactory.getLogger(LogLevelService.class);

    private LogLevelService() {}

    static void addTo(ServerBuilder services) {
        services.service("/log-level", new BlockingService((ctx, request) -> change(request)));
    }

    private static HttpResponse change(AggregatedHttpRequest request) {
        if (request.method() != HttpMethod.POST && request.method() != HttpMethod.PUT) {
            return text(HttpStatus.BAD_REQUEST, "method not allowed, use POST\n");
        }
        String wanted = request.contentUtf8();
        if (wanted.isEmpty()) {
            return text(HttpStatus.BAD_REQUEST, "log level cannot be empty\n");
        }
        Optional<LogLevel> level = level(wanted.strip().toLowerCase(Locale.ROOT));
        if (level.isEmpty()) {
            return text(HttpStatus.BAD_REQUEST, "invalid log level: " + wanted + "\n");
        }
        Logging.level(level.get());
        String name = level.get().name().toLowerCase(Locale.ROOT);
        log.atInfo().addKeyValue("level", name).log("log-level-changed");
        return text(HttpStatus.OK, "/log-level was invoked with Level: " + name + "\n");
    }

    private static Optional<LogLevel> level(String text) {
        return switch (text) {
            case "0", "d", "debug" -> Optional.of(LogLevel.DEBUG);
            case "1", "i", "info" -> Optional.of(LogLevel.INFO);
            case "2", "w", "warn" -> Optional.of(LogLevel.WARN);
            case "3", "e", "error" -> Optional.of(LogLevel.ERROR);
            case "4", "f", "fatal" -> Optional.of(LogLevel.FATAL);
            default -> Optional.empty();
        };
    }

    private static HttpResponse text(HttpStatus status, String text) {
        return HttpResponse.of(status, MediaType.PLAIN_TEXT_UTF_8, text);
    }
}
