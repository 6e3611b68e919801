package org.cupola.nats;

/** The grammar of subjects: tokens separated by dots, {@code *} and a last {@code >} as wildcard tokens. */
final class Subjects {
    private Subjects() {}

    /** Whether it may be subscribed to: no empty token, {@code >} only as the last. */
    static boolean isValid(ByteString subject) {
        byte[] bytes = subject.array();
        int from = 0;
        while (from <= bytes.length) {
            int to = tokenEnd(bytes, from, bytes.length);
            if (to == from || (isToken(bytes, from, to, '>') && to < bytes.length)) {
                return false;
            }
            from = to + 1;
        }
        return true;
    }

    /** Whether a pedantic client may publish to it: valid and without wildcard tokens. */
    static boolean isLiteral(byte[] bytes, int start, int end) {
        int from = start;
        while (from <= end) {
            int to = tokenEnd(bytes, from, end);
            if (to == from || isToken(bytes, from, to, '*') || isToken(bytes, from, to, '>')) {
                return false;
            }
            from = to + 1;
        }
        return true;
    }

    static boolean hasWildcard(ByteString subject) {
        byte[] bytes = subject.array();
        int from = 0;
        while (from <= bytes.length) {
            int to = tokenEnd(bytes, from, bytes.length);
            if (isToken(bytes, from, to, '*') || isToken(bytes, from, to, '>')) {
                return true;
            }
            from = to + 1;
        }
        return false;
    }

    static int tokens(ByteString subject) {
        int tokens = 1;
        for (byte b : subject.array()) {
            tokens += b == '.' ? 1 : 0;
        }
        return tokens;
    }

    /**
     * Whether everything the subject stands for is covered by the pattern. For a literal subject that is whether the
     * pattern matches it; a wildcard subject is covered by the same or a wider pattern.
     */
    static boolean covers(ByteString pattern, byte[] subject, int start, int end) {
        byte[] wide = pattern.array();
        int wideFrom = 0;
        int from = start;
        while (wideFrom <= wide.length && from <= end) {
            int wideTo = tokenEnd(wide, wideFrom, wide.length);
            int to = tokenEnd(subject, from, end);
            if (isToken(wide, wideFrom, wideTo, '>') && wideTo == wide.length) {
                return true;
            }
            boolean coversToken = isToken(wide, wideFrom, wideTo, '*')
                    ? !(isToken(subject, from, to, '>') && to == end)
                    : java.util.Arrays.equals(wide, wideFrom, wideTo, subject, from, to);
            if (!coversToken) {
                return false;
            }
            wideFrom = wideTo + 1;
            from = to + 1;
        }
        return wideFrom > wide.length && from > end;
    }

    static boolean covers(ByteString pattern, ByteString subject) {
        return covers(pattern, subject.array(), 0, subject.length());
    }

    static int tokenEnd(byte[] bytes, int from, int end) {
        int to = from;
        while (to < end && bytes[to] != '.') {
            to++;
        }
        return to;
    }

    static boolean isToken(byte[] bytes, int from, int to, char token) {
        return to == from + 1 && bytes[from] == token;
    }
}
