package org.cupola.routingapi;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The ports of a router group, such as {@code 1024-1123,5222}. Immutable. */
record ReservablePorts(List<Range> ranges) {
    static final int MIN_PORT = 1024;
    static final int MAX_PORT = 65_535;

    ReservablePorts {
        ranges = List.copyOf(ranges);
    }

    /** Both ends belong to it. */
    record Range(int from, int to) {
        boolean contains(int port) {
            return port >= from && port <= to;
        }

        boolean overlaps(Range other) {
            return from <= other.to && other.from <= to;
        }

        @Override
        public String toString() {
            return from == to ? Integer.toString(from) : "[" + from + "-" + to + "]";
        }
    }

    /** @throws IllegalArgumentException in the original's words, when the text is not such a list */
    static ReservablePorts parse(String text) {
        List<Range> ranges = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            Range range = parseItem(item);
            for (Range earlier : ranges) {
                if (earlier.overlaps(range)) {
                    throw new IllegalArgumentException("Overlapping values: " + earlier + " and " + range);
                }
            }
            ranges.add(range);
        }
        return new ReservablePorts(ranges);
    }

    boolean contains(int port) {
        return ranges.stream().anyMatch(range -> range.contains(port));
    }

    private static Range parseItem(String item) {
        String[] ends = item.split("-", -1);
        return switch (ends.length) {
            case 1 -> {
                int port = number(item).filter(ReservablePorts::isReservable).orElseThrow(ReservablePorts::outOfRange);
                yield new Range(port, port);
            }
            case 2 -> {
                int from = number(ends[0])
                        .orElseThrow(
                                () -> new IllegalArgumentException("range (" + item + ") requires a starting port"));
                int to = number(ends[1])
                        .orElseThrow(
                                () -> new IllegalArgumentException("range (" + item + ") requires an ending port"));
                if (!isReservable(from) || !isReservable(to)) {
                    throw outOfRange();
                }
                if (from >= to) {
                    throw new IllegalArgumentException("range (" + item + ") must be in ascending numeric order");
                }
                yield new Range(from, to);
            }
            default -> throw new IllegalArgumentException("range (" + item + ") has too many '-' separators");
        };
    }

    private static Optional<Integer> number(String text) {
        if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        String significant = text.replaceFirst("^0+(?=.)", "");
        return significant.length() <= 5 && Integer.parseInt(significant) <= MAX_PORT
                ? Optional.of(Integer.parseInt(significant))
                : Optional.empty();
    }

    private static boolean isReservable(int port) {
        return port >= MIN_PORT && port <= MAX_PORT;
    }

    private static IllegalArgumentException outOfRange() {
        return new IllegalArgumentException("port must be between 1024 and 65535");
    }
}
