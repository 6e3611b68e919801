package org.cupola.protocol.routing;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON (RFC 8259) from bytes, front to back, without building a tree. A router may get twenty thousand
 * registrations a second and knows every key it wants, which is what this is for. Confined to its thread.
 */
final class JsonScanner {
    private static final int MAX_DEPTH = 1000;

    private final byte[] bytes;
    private final int end;
    private final @Nullable SharedTexts shared;
    private int at;
    private int depth;

    // The last text read: a range of the bytes, and whether it must be decoded.
    private int textStart;
    private int textEnd;
    private boolean escaped;

    JsonScanner(byte[] bytes) {
        this(bytes, bytes.length, null);
    }

    /**
     * @param end    where the JSON in the bytes ends
     * @param shared where short texts come from, {@code null} to make them all anew
     */
    JsonScanner(byte[] bytes, int end, @Nullable SharedTexts shared) {
        this.bytes = bytes;
        this.end = end;
        this.shared = shared;
    }

    static String utf8(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    int position() {
        return at;
    }

    /** The first byte of the next value, not consumed; -1 at the end. */
    int peek() {
        while (at < end) {
            byte b = bytes[at];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return b & 0xff;
            }
            at++;
        }
        return -1;
    }

    boolean takeIf(int wanted) {
        if (peek() == wanted) {
            at++;
            return true;
        }
        return false;
    }

    void expect(int wanted) throws RegistryMessageException {
        if (!takeIf(wanted)) {
            throw unexpected("'" + (char) wanted + "'");
        }
    }

    void end() throws RegistryMessageException {
        if (peek() >= 0) {
            throw unexpected("the end");
        }
    }

    /** Consumes {@code null} if that is next. */
    boolean takeNull() throws RegistryMessageException {
        if (peek() == 'n') {
            literal("null");
            return true;
        }
        return false;
    }

    /** After the opening bracket or a value: true when another value follows. */
    boolean more(int closing, boolean first) throws RegistryMessageException {
        if (takeIf(closing)) {
            return false;
        }
        if (!first) {
            expect(',');
        }
        return true;
    }

    /** Reads a key and its colon; compare it with {@link #textIs}. */
    void key() throws RegistryMessageException {
        scanText();
        expect(':');
    }

    /** Whether the last text equals the given lower-case ASCII name, in any case. */
    boolean textIs(String name) {
        if (escaped) {
            return decoded().equalsIgnoreCase(name);
        }
        if (textEnd - textStart != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            int b = bytes[textStart + i];
            int lower = b >= 'A' && b <= 'Z' ? b + 32 : b;
            if (lower != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** As {@link #textIs}, in its very case. */
    boolean textIsExactly(String name) {
        return !escaped && SharedTexts.equal(name, bytes, textStart, textEnd);
    }

    String text() throws RegistryMessageException {
        scanText();
        return decoded();
    }

    String lastText() {
        return decoded();
    }

    long integer(long min, long max) throws RegistryMessageException {
        int first = peek();
        int start = at;
        number();
        boolean small = first != '-' && at - start < 10;
        long value = 0;
        for (int i = start; small && i < at; i++) {
            int digit = bytes[i] - '0';
            small = digit >= 0 && digit < 10;
            value = value * 10 + digit;
        }
        return small && value >= min && value <= max ? value : wide(start, min, max);
    }

    /** Of the number that begins there, which is not a short one, or not in range. */
    private long wide(int start, long min, long max) throws RegistryMessageException {
        String digits = new String(bytes, start, at - start, StandardCharsets.ISO_8859_1);
        try {
            long value = Long.parseLong(digits);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // a fraction, an exponent or too many digits: refused below like any other number out of range
        }
        throw new RegistryMessageException("number " + digits + " at byte " + start + " (expected: a whole number from "
                + min + " to " + max + ")");
    }

    double decimal() throws RegistryMessageException {
        peek();
        int start = at;
        number();
        return Double.parseDouble(new String(bytes, start, at - start, StandardCharsets.ISO_8859_1));
    }

    String raw(int start) {
        return new String(bytes, start, at - start, StandardCharsets.UTF_8);
    }

    /** Passes over one value of any kind. */
    void skip() throws RegistryMessageException {
        switch (peek()) {
            case '"' -> scanText();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            case '{' -> skipAll('}', true);
            case '[' -> skipAll(']', false);
            default -> number();
        }
    }

    private void skipAll(int closing, boolean keyed) throws RegistryMessageException {
        if (++depth > MAX_DEPTH) {
            throw new RegistryMessageException("JSON nested deeper than " + MAX_DEPTH);
        }
        at++;
        for (boolean first = true; more(closing, first); first = false) {
            if (keyed) {
                key();
            }
            skip();
        }
        depth--;
    }

    private void literal(String word) throws RegistryMessageException {
        for (int i = 0; i < word.length(); i++) {
            if (at >= end || bytes[at] != word.charAt(i)) {
                throw unexpected(word);
            }
            at++;
        }
    }

    private void number() throws RegistryMessageException {
        takeRaw('-');
        if (!takeRaw('0') && digits() == 0) {
            throw unexpected("a value");
        }
        if (takeRaw('.') && digits() == 0) {
            throw unexpected("a digit");
        }
        if (takeRaw('e') || takeRaw('E')) {
            if (!takeRaw('+')) {
                takeRaw('-');
            }
            if (digits() == 0) {
                throw unexpected("a digit");
            }
        }
    }

    private boolean takeRaw(char wanted) {
        if (at < end && bytes[at] == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private int digits() {
        int start = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        return at - start;
    }

    private void scanText() throws RegistryMessageException {
        expect('"');
        textStart = at;
        escaped = false;
        while (true) {
            at = Words.special(bytes, at, end);
            if (at == end) {
                throw unexpected("'\"'");
            }
            switch (bytes[at]) {
                case '"' -> {
                    textEnd = at++;
                    return;
                }
                case '\\' -> {
                    escaped = true;
                    at++;
                    escape();
                }
                default -> throw unexpected("no control character in a text");
            }
        }
    }

    private void escape() throws RegistryMessageException {
        int b = at < end ? bytes[at] : -1;
        if (b == 'u') {
            for (int i = 1; i <= 4; i++) {
                if (at + i >= end || Character.digit(bytes[at + i], 16) < 0) {
                    throw unexpected("four hexadecimal digits");
                }
            }
            at += 5;
        } else if (b > 0 && "\"\\/bfnrt".indexOf(b) >= 0) {
            at++;
        } else {
            throw unexpected("an escape");
        }
    }

    private String decoded() {
        if (!escaped) {
            return shared == null ? utf8(bytes, textStart, textEnd) : shared.text(bytes, textStart, textEnd);
        }
        String plain = utf8(bytes, textStart, textEnd);
        var text = new StringBuilder(plain.length());
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char kind = plain.charAt(++i);
            switch (kind) {
                case 'u' -> {
                    text.append((char) Integer.parseInt(plain, i + 1, i + 5, 16));
                    i += 4;
                }
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                default -> text.append(kind);
            }
        }
        return text.toString();
    }

    private RegistryMessageException unexpected(String expected) {
        String found = at < end ? "byte " + at : "end of message";
        return new RegistryMessageException("invalid JSON at " + found + " (expected: " + expected + ")");
    }
}
