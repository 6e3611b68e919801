package org.cupola.tcprouter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cupola.platform.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * What an existing deployment says in the head of its HAProxy configuration: timeouts, limits, health listeners. Everything
 * else there concerns HAProxy alone. Immutable; absent values were not in the file.
 */
record HaproxyHead(
        @Nullable Duration connectTimeout,
        @Nullable Duration idleTimeout,
        @Nullable Integer maxConnections,
        List<HealthListener> healthListeners) {
    static final HaproxyHead NONE = new HaproxyHead(null, null, null, List.of());

    private static final Pattern TIMEOUT = Pattern.compile("timeout (connect|client|server) (\\d+)(us|ms|s|m|h|d)?");
    private static final Pattern MAX_CONNECTIONS = Pattern.compile("maxconn (\\d+)");
    private static final Pattern SECTION = Pattern.compile("(global|defaults|frontend|listen|backend)\\b.*");
    private static final Pattern BIND = Pattern.compile("bind (?:([^ :]*):)?(\\d+)(?: ssl crt (\\S+).*)?");

    /** Where {@code /health} is answered; with a file of certificate and key, over TLS. */
    record HealthListener(String host, int port, @Nullable Path certificateAndKey) {}

    HaproxyHead {
        healthListeners = List.copyOf(healthListeners);
    }

    static HaproxyHead read(Path file) throws ConfigException {
        try {
            return parse(Files.readAllLines(file));
        } catch (IOException e) {
            throw new ConfigException(file.toString(), List.of("cannot be read: " + e));
        }
    }

    static HaproxyHead parse(List<String> lines) {
        Duration connect = null;
        Duration idle = null;
        Integer maxConnections = null;
        boolean hasClientTimeout = false;
        boolean inDefaults = false;
        boolean inHealth = false;
        List<HealthListener> health = new ArrayList<>();
        for (String raw : lines) {
            String line = raw.strip().replaceAll("\\s+", " ");
            Matcher timeout = TIMEOUT.matcher(line);
            Matcher limit = MAX_CONNECTIONS.matcher(line);
            Matcher bind = BIND.matcher(line);
            if (SECTION.matcher(line).matches()) {
                inHealth = line.startsWith("listen health_check");
                inDefaults = line.startsWith("defaults");
            } else if (timeout.matches()) {
                Duration value = duration(timeout.group(2), timeout.group(3));
                if (timeout.group(1).equals("connect")) {
                    connect = value;
                } else {
                    idle = value;
                    hasClientTimeout = true;
                }
            } else if (limit.matches()) {
                maxConnections = Integer.valueOf(limit.group(1));
            } else if (inHealth && bind.matches()) {
                String host = bind.group(1);
                String certificate = bind.group(3);
                health.add(new HealthListener(
                        host == null || host.isEmpty() || host.equals("*") ? "0.0.0.0" : host,
                        Integer.parseInt(bind.group(2)),
                        certificate == null ? null : Path.of(certificate)));
            }
            // A deployment without request timeout leaves the line out: then nothing is closed for being idle.
            if (inDefaults && !hasClientTimeout) {
                idle = Duration.ZERO;
            }
        }
        return new HaproxyHead(connect, idle, maxConnections, health);
    }

    private static Duration duration(String number, @Nullable String unit) {
        long value = Long.parseLong(number);
        return switch (unit == null ? "ms" : unit) {
            case "us" -> Duration.ofNanos(1_000 * value);
            case "s" -> Duration.ofSeconds(value);
            case "m" -> Duration.ofMinutes(value);
            case "h" -> Duration.ofHours(value);
            case "d" -> Duration.ofDays(value);
            default -> Duration.ofMillis(value);
        };
    }
}
