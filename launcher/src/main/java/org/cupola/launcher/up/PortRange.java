package org.cupola.launcher.up;

/** Ports from {@code first} to {@code last}, both included; written {@code first-last}. */
public record PortRange(int first, int last) {
    public PortRange {
        if (first < 1 || last > 65535 || first > last) {
            throw new IllegalArgumentException(
                    "port range: " + first + "-" + last + " (expected: FIRST-LAST within 1-65535)");
        }
    }

    /** @throws IllegalArgumentException for anything but {@code FIRST-LAST} */
    public static PortRange parse(String text) {
        String[] ends = text.split("-", -1);
        try {
            if (ends.length == 2) {
                return new PortRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[1]));
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("port range: " + text + " (expected: FIRST-LAST)", e);
        }
        throw new IllegalArgumentException("port range: " + text + " (expected: FIRST-LAST)");
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
