package org.cupola.gorouter.protection;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.cupola.platform.config.GoDuration;
import org.cupola.platform.json.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Reads limits, from a route's options or from the configuration. A value that makes no sense is told of and left out: the
 * others hold. Numbers may come as text, as the platform's API keeps options.
 */
public final class RouteLimitsReader {
    private static final List<String> KEYS = List.of(
            "max_requests_per_second",
            "request_burst",
            "max_concurrent_requests",
            "max_request_body",
            "outlier_ejection");
    private static final Set<String> OUTLIER_KEYS = Set.of(
            "consecutive_failures",
            "error_percent",
            "min_requests",
            "interval",
            "base_ejection_time",
            "max_ejection_time",
            "max_ejected_percent");
    private static final double MAX_RATE = 1e9;
    private static final long MAX_COUNT = 1_000_000_000L;

    private final Consumer<String> problems;

    private RouteLimitsReader(Consumer<String> problems) {
        this.problems = problems;
    }

    /** From a route's {@code options}; what they do not say is as in {@code defaults}. */
    public static RouteLimits options(String json, RouteLimits defaults, Consumer<String> problems) {
        if (json.isEmpty() || KEYS.stream().noneMatch(json::contains)) {
            return defaults; // by far the most common case, and no reason to read JSON
        }
        try {
            return new RouteLimitsReader(problems).limits(Json.tree(json), defaults);
        } catch (JacksonException e) {
            problems.accept("options: " + e.getOriginalMessage() + " (expected: a JSON object)");
            return defaults;
        }
    }

    /** From the configuration, where every key must be known. */
    public static RouteLimits configuration(JsonNode section, Consumer<String> problems) {
        var reader = new RouteLimitsReader(problems);
        if (!section.isObject()) {
            problems.accept(section + " (expected: a map)");
            return RouteLimits.NONE;
        }
        for (String key : section.propertyNames()) {
            if (!KEYS.contains(key)) {
                problems.accept(key + " (expected: one of " + String.join(", ", KEYS) + ")");
            }
        }
        return reader.limits(section, RouteLimits.NONE);
    }

    private RouteLimits limits(JsonNode options, RouteLimits defaults) {
        double rate = number(options, "max_requests_per_second", defaults.requestsPerSecond(), MAX_RATE);
        boolean sameRate = rate == defaults.requestsPerSecond();
        long evenly = Math.max(1, (long) Math.ceil(rate));
        long burst = whole(options, "request_burst", sameRate ? defaults.burst() : evenly, MAX_COUNT);
        return new RouteLimits(
                rate,
                rate == 0 ? 0 : Math.max(1, burst == 0 ? evenly : burst),
                whole(options, "max_concurrent_requests", defaults.maxConcurrentRequests(), MAX_COUNT),
                bytes(options, "max_request_body", defaults.maxRequestBodyBytes()),
                outliers(options.get("outlier_ejection"), defaults.outliers()));
    }

    private @Nullable OutlierRules outliers(@Nullable JsonNode node, @Nullable OutlierRules otherwise) {
        if (node == null || node.isNull()) {
            return otherwise;
        }
        OutlierRules base = otherwise == null ? OutlierRules.DEFAULT : otherwise;
        if (node.isBoolean()) {
            return node.asBoolean() ? base : null;
        }
        if (!node.isObject()) {
            refuse("outlier_ejection", node, "true, false or an object");
            return otherwise;
        }
        for (String key : node.propertyNames()) {
            if (!OUTLIER_KEYS.contains(key)) {
                refuse(
                        "outlier_ejection",
                        key,
                        "keys "
                                + String.join(
                                        ", ", OUTLIER_KEYS.stream().sorted().toList()));
            }
        }
        return new OutlierRules(
                (int) whole(node, "consecutive_failures", base.consecutiveFailures(), MAX_COUNT),
                (int) whole(node, "error_percent", base.errorPercent(), 100),
                (int) whole(node, "min_requests", base.minRequests(), MAX_COUNT),
                duration(node, "interval", base.intervalNanos()),
                duration(node, "base_ejection_time", base.baseEjectionNanos()),
                duration(node, "max_ejection_time", base.maxEjectionNanos()),
                (int) whole(node, "max_ejected_percent", base.maxEjectedPercent(), 100));
    }

    private double number(JsonNode options, String key, double otherwise, double max) {
        JsonNode node = options.get(key);
        if (node == null || node.isNull()) {
            return otherwise;
        }
        String text = node.isString() || node.isNumber() ? node.asString() : "";
        try {
            double value = Double.parseDouble(text);
            if (value >= 0 && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // refused below, as any other value that is no such number
        }
        refuse(key, node, "a number from 0 to " + (long) max);
        return otherwise;
    }

    private long whole(JsonNode options, String key, long otherwise, long max) {
        JsonNode node = options.get(key);
        if (node == null || node.isNull()) {
            return otherwise;
        }
        long value = node.isString() || node.isNumber() ? parsed(node.asString()) : -1;
        if (value < 0 || value > max) {
            refuse(key, node, "a whole number from 0 to " + max);
            return otherwise;
        }
        return value;
    }

    /** -1 for what is no whole number. */
    private static long parsed(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private long bytes(JsonNode options, String key, long otherwise) {
        JsonNode node = options.get(key);
        if (node == null || node.isNull()) {
            return otherwise;
        }
        String text = node.isString() || node.isNumber() ? node.asString().toUpperCase(Locale.ROOT) : "";
        if (text.endsWith("B")) {
            text = text.substring(0, text.length() - 1);
        }
        int unit = text.isEmpty() ? 0 : "KMG".indexOf(text.charAt(text.length() - 1)) + 1;
        long value = parsed(unit > 0 ? text.substring(0, text.length() - 1) : text);
        if (value < 0 || value > Long.MAX_VALUE >> (10 * unit)) {
            refuse(key, node, "bytes, or a number with K, M or G");
            return otherwise;
        }
        return value << (10 * unit);
    }

    private long duration(JsonNode options, String key, long otherwise) {
        JsonNode node = options.get(key);
        if (node == null || node.isNull()) {
            return otherwise;
        }
        try {
            Duration value = GoDuration.parse(node.isString() ? node.asString() : "");
            if (value.isPositive()) {
                return value.toNanos();
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            // refused below, as a duration that is not positive
        }
        refuse(key, node, "a duration such as 30s");
        return otherwise;
    }

    private void refuse(String key, Object found, String expected) {
        problems.accept(key + ": " + found + " (expected: " + expected + ")");
    }
}
