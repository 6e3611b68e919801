package org.cupola.blobstore;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The part of a content that a {@code Range} header asks for (RFC 9110 section 14); both ends included. Immutable. */
record ByteRange(long first, long last) {
    private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /** What to do with the header. */
    sealed interface Wanted {
        /** No range, several, or none we understand: everything is sent. */
        record All() implements Wanted {}

        /** One that exists. */
        record Part(ByteRange range) implements Wanted {}

        /** One that does not: 416. */
        record Nothing() implements Wanted {}
    }

    static Wanted of(String header, long length) {
        Matcher one = ONE.matcher(header.replace(" ", ""));
        if (!one.matches() || (one.group(1).isEmpty() && one.group(2).isEmpty())) {
            return new Wanted.All();
        }
        if (one.group(1).isEmpty()) {
            long suffix = Long.parseLong(one.group(2));
            return suffix == 0 || length == 0
                    ? new Wanted.Nothing()
                    : new Wanted.Part(new ByteRange(Math.max(0, length - suffix), length - 1));
        }
        long first = Long.parseLong(one.group(1));
        Optional<Long> last = one.group(2).isEmpty() ? Optional.empty() : Optional.of(Long.parseLong(one.group(2)));
        if (last.filter(end -> end < first).isPresent()) {
            return new Wanted.All(); // not a range at all
        }
        return first >= length
                ? new Wanted.Nothing()
                : new Wanted.Part(new ByteRange(first, Math.min(last.orElse(length - 1), length - 1)));
    }

    long length() {
        return last - first + 1;
    }
}
