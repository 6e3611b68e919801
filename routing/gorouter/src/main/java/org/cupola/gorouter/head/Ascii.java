package org.cupola.gorouter.head;

import java.nio.charset.StandardCharsets;

/** Comparing and reading ranges of ASCII bytes. */
public final class Ascii {
    private Ascii() {}

    /** Whether the range equals the lower-case text, in any case. */
    public static boolean equalsIgnoreCase(byte[] bytes, int start, int end, String lower) {
        if (end - start != lower.length()) {
            return false;
        }
        for (int i = 0; i < lower.length(); i++) {
            if (lowerCase(bytes[start + i]) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    public static boolean startsWithIgnoreCase(byte[] bytes, int start, int end, String lower) {
        return end - start >= lower.length() && equalsIgnoreCase(bytes, start, start + lower.length(), lower);
    }

    /** Whether a comma-separated list has the lower-case token, in any case. */
    public static boolean listHas(byte[] bytes, int start, int end, String lower) {
        int from = start;
        while (from <= end) {
            int comma = from;
            while (comma < end && bytes[comma] != ',') {
                comma++;
            }
            int first = from;
            int last = comma;
            while (first < last && isBlank(bytes[first])) {
                first++;
            }
            while (last > first && isBlank(bytes[last - 1])) {
                last--;
            }
            if (equalsIgnoreCase(bytes, first, last, lower)) {
                return true;
            }
            from = comma + 1;
        }
        return false;
    }

    public static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    public static int lowerCase(byte b) {
        return b >= 'A' && b <= 'Z' ? b + 32 : b;
    }

    public static String text(byte[] bytes, int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }

    /** Writes the digits of a number that is not negative; returns the position after them. */
    public static int number(byte[] out, int at, long value) {
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int i = at + digits - 1; i >= at; i--) {
            out[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return at + digits;
    }
}
