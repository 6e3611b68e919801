package org.cupola.platform.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as Go's {@code time.ParseDuration} and {@code Duration.String} write them, such as {@code 1m30s} or
 * {@code 250ms}: the form of every original component's configuration and logs.
 */
public final class GoDuration {
    private static final Pattern WHOLE = Pattern.compile("[-+]?(0|(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)(.*))");
    private static final Pattern PART = Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
    private static final BigDecimal NANOS_PER_SECOND = BigDecimal.valueOf(1_000_000_000L);

    private GoDuration() {}

    /** @throws IllegalArgumentException when the text is not a Go duration, or does not fit 64-bit nanoseconds */
    public static Duration parse(String text) {
        if (!WHOLE.matcher(text).matches()) {
            throw invalid(text);
        }
        String unsigned = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        BigDecimal nanos = BigDecimal.ZERO;
        if (!unsigned.equals("0")) {
            Matcher part = PART.matcher(unsigned);
            int end = 0;
            while (part.find() && part.start() == end) {
                nanos = nanos.add(new BigDecimal("0" + part.group(1)).multiply(nanosPer(part.group(2))));
                end = part.end();
            }
            if (end != unsigned.length()) {
                throw invalid(text);
            }
        }
        long value = nanos.toBigInteger().bitLength() > 63 ? overflow(text) : nanos.longValue();
        return Duration.ofNanos(text.startsWith("-") ? -value : value);
    }

    /** As Go prints it: {@code 2m0s}, {@code 1.5s}, {@code 20ms}, {@code 0s}. */
    public static String format(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        String sign = duration.isNegative() ? "-" : "";
        long nanos = duration.abs().toNanos();
        if (nanos < 1_000L) {
            return sign + nanos + "ns";
        }
        if (nanos < 1_000_000L) {
            return sign + decimal(nanos, 1_000L) + "µs";
        }
        if (nanos < 1_000_000_000L) {
            return sign + decimal(nanos, 1_000_000L) + "ms";
        }
        long hours = nanos / 3_600_000_000_000L;
        long minutes = nanos / 60_000_000_000L % 60;
        String seconds = decimal(nanos % 60_000_000_000L, 1_000_000_000L) + "s";
        if (hours > 0) {
            return sign + hours + "h" + minutes + "m" + seconds;
        }
        return sign + (minutes > 0 ? minutes + "m" : "") + seconds;
    }

    private static String decimal(long value, long unit) {
        return BigDecimal.valueOf(value)
                .divide(BigDecimal.valueOf(unit))
                .stripTrailingZeros()
                .toPlainString();
    }

    private static BigDecimal nanosPer(String unit) {
        return switch (unit) {
            case "ns" -> BigDecimal.ONE;
            case "ms" -> BigDecimal.valueOf(1_000_000L);
            case "s" -> NANOS_PER_SECOND;
            case "m" -> NANOS_PER_SECOND.multiply(BigDecimal.valueOf(60));
            case "h" -> NANOS_PER_SECOND.multiply(BigDecimal.valueOf(3600));
            default -> BigDecimal.valueOf(1_000L);
        };
    }

    private static long overflow(String text) {
        throw invalid(text);
    }

    private static IllegalArgumentException invalid(String text) {
        return new IllegalArgumentException("\"" + text + "\" (expected: a duration such as 300ms, 20s or 1m30s)");
    }
}
