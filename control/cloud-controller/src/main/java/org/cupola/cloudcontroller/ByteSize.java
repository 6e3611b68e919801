package org.cupola.cloudcontroller;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as manifests write them: {@code 64M}, {@code 1.5GB}. */
final class ByteSize {
    private static final Pattern FORMAT = Pattern.compile("(-?\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)");
    private static final Map<String, Long> UNITS = Map.of(
            "B", 1L,
            "K", 1L << 10,
            "KB", 1L << 10,
            "M", 1L << 20,
            "MB", 1L << 20,
            "G", 1L << 30,
            "GB", 1L << 30,
            "T", 1L << 40,
            "TB", 1L << 40);

    private ByteSize() {}

    /** In bytes; empty when it is no number with a unit. */
    static OptionalLong parse(String text) {
        Matcher size = FORMAT.matcher(text.trim());
        Long unit = size.matches() ? UNITS.get(size.group(2).toUpperCase(Locale.ROOT)) : null;
        return unit == null ? OptionalLong.empty() : OptionalLong.of((long) (Double.parseDouble(size.group(1)) * unit));
    }

    static boolean number(String text) {
        return text.trim().matches("-?\\d+(\\.\\d+)?.*");
    }

    /** As the original writes memory: {@code 512M}. */
    static String megabytes(long megabytes) {
        return megabytes + "M";
    }

    /** The largest unit that leaves a whole number. */
    static String bytes(long bytes) {
        if (bytes <= 0) {
            return Long.toString(bytes);
        }
        String[] units = {"B", "K", "M", "G", "T"};
        int unit = 0;
        long value = bytes;
        while (unit < units.length - 1 && value % 1024 == 0) {
            value /= 1024;
            unit++;
        }
        return value + units[unit];
    }
}
