package org.cupola.gorouter.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.cupola.gorouter.head.Ascii;
import org.cupola.gorouter.head.ChunkScanner;
import org.cupola.gorouter.head.HeaderLines;
import org.cupola.gorouter.http2.FieldSink;
import org.jspecify.annotations.Nullable;

/**
 * Writes a field section of HTTP/2 or HTTP/3 as a head of HTTP/1.1, or as the trailers of a chunked body, and finds what makes
 * it malformed (RFC 9113, 8.2 and 8.3; RFC 9114, 4.2 and 4.3). What is malformed in HTTP/1.1 as well, such as the characters of a host or a second
 * length, is left to who reads the head.
 *
 * <p>Reused from section to section, one per event loop. Confined to it.
 */
final class FieldSection implements FieldSink {
    private static final byte[] VERSION = ascii(" HTTP/1.1\r\nhost: ");
    private static final byte[] STATUS_LINE = ascii("HTTP/1.1 ");
    private static final byte[] CHUNKED = ascii("transfer-encoding: chunked\r\n");
    private static final byte[] NO_LENGTH = ascii("content-length: 0\r\n");
    private static final byte[] COOKIE_LINE = ascii("cookie: ");
    private static final byte[] SPACE = ascii(" ");
    private static final byte[] CRLF = ascii("\r\n");

    private static final byte[] TE = ascii("te");
    private static final byte[] HOST = ascii("host");
    private static final byte[] COOKIE = ascii("cookie");
    private static final byte[] UPGRADE = ascii("upgrade");
    private static final byte[] CONNECTION = ascii("connection");
    private static final byte[] KEEP_ALIVE = ascii("keep-alive");
    private static final byte[] CONTENT_LENGTH = ascii("content-length");
    private static final byte[] PROXY_CONNECTION = ascii("proxy-connection");
    private static final byte[] TRANSFER_ENCODING = ascii("transfer-encoding");

    private static final boolean[] IN_NAME = new boolean[256];
    private static final boolean[] IN_VALUE = new boolean[256];

    static {
        for (int i = 0; i < 256; i++) {
            boolean letter = i >= 'a' && i <= 'z';
            IN_NAME[i] = letter || (i >= '0' && i <= '9') || (i > ' ' && i < 127 && "!#$%&'*+-.^_`|~".indexOf(i) >= 0);
            IN_VALUE[i] = i == '\t' || (i >= ' ' && i != 127);
        }
    }

    private enum Kind {
        REQUEST,
        RESPONSE,
        TRAILERS
    }

    /** A pseudo-header's value: a range of {@link #front}. */
    private static final class Part {
        private int start = -1;
        private int end;

        private boolean isPresent() {
            return start >= 0;
        }
    }

    private final ByteSink front = new ByteSink(512);
    private final ByteSink lines = new ByteSink(2048);
    private final ByteSink cookies = new ByteSink(64);
    private final Part method = new Part();
    private final Part scheme = new Part();
    private final Part authority = new Part();
    private final Part path = new Part();
    private final Part status = new Part();
    private final Part host = new Part();
    private Kind kind = Kind.TRAILERS;
    private boolean regularSeen;
    private boolean lengthSeen;
    private boolean malformed;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    FieldSection request() {
        return begin(Kind.REQUEST);
    }

    FieldSection response() {
        return begin(Kind.RESPONSE);
    }

    FieldSection trailers() {
        return begin(Kind.TRAILERS);
    }

    private FieldSection begin(Kind newKind) {
        kind = newKind;
        front.clear();
        lines.clear();
        cookies.clear();
        method.start = -1;
        scheme.start = -1;
        authority.start = -1;
        path.start = -1;
        status.start = -1;
        host.start = -1;
        regularSeen = false;
        lengthSeen = false;
        malformed = false;
        return this;
    }

    @Override
    public void field(byte[] name, int nameStart, int nameEnd, byte[] value, int valueStart, int valueEnd) {
        if (malformed) {
            return;
        }
        if (nameStart == nameEnd
                || !isValue(value, valueStart, valueEnd)
                || (kind == Kind.REQUEST && hasBlankEnds(value, valueStart, valueEnd))) {
            malformed = true;
        } else if (name[nameStart] == ':') {
            pseudo(name, nameStart, nameEnd, value, valueStart, valueEnd);
        } else {
            regularSeen = true;
            regular(name, nameStart, nameEnd, value, valueStart, valueEnd);
        }
    }

    /** A line's end in a value would make two lines of one. */
    private static boolean isValue(byte[] value, int start, int end) {
        for (int i = start; i < end; i++) {
            if (!IN_VALUE[value[i] & 0xff]) {
                return false;
            }
        }
        return true;
    }

    /** Blanks around a value are not part of it (8.2.1). Apps are forgiven: who reads the head takes them off. */
    private static boolean hasBlankEnds(byte[] value, int start, int end) {
        return end > start && (Ascii.isBlank(value[start]) || Ascii.isBlank(value[end - 1]));
    }

    private void pseudo(byte[] name, int nameStart, int nameEnd, byte[] value, int valueStart, int valueEnd) {
        Part part = regularSeen ? null : part(name, nameStart, nameEnd);
        if (part == null || part.isPresent()) {
            malformed = true;
        } else {
            set(part, value, valueStart, valueEnd);
        }
    }

    private void set(Part part, byte[] value, int start, int end) {
        part.start = front.length();
        front.add(value, start, end);
        part.end = front.length();
    }

    private @Nullable Part part(byte[] name, int start, int end) {
        return switch (kind) {
            case REQUEST ->
                switch (end - start) {
                    case 5 -> is(name, start, end, ":path") ? path : null;
                    case 7 ->
                        is(name, start, end, ":method") ? method : is(name, start, end, ":scheme") ? scheme : null;
                    case 10 -> is(name, start, end, ":authority") ? authority : null;
                    default -> null;
                };
            case RESPONSE -> is(name, start, end, ":status") ? status : null;
            case TRAILERS -> null;
        };
    }

    private static boolean is(byte[] bytes, int start, int end, String lower) {
        return Ascii.equalsIgnoreCase(bytes, start, end, lower);
    }

    private void regular(byte[] name, int nameStart, int nameEnd, byte[] value, int valueStart, int valueEnd) {
        for (int i = nameStart; i < nameEnd; i++) {
            if (!IN_NAME[name[i] & 0xff]) {
                malformed = true;
                return;
            }
        }
        if (kind == Kind.TRAILERS && !ChunkScanner.mayTrail(Ascii.text(name, nameStart, nameEnd))) {
            malformed = true;
            return;
        }
        if (isSpecial(name, nameStart, nameEnd, value, valueStart, valueEnd)) {
            return;
        }
        lines.add(name, nameStart, nameEnd)
                .add((byte) ':')
                .add((byte) ' ')
                .add(value, valueStart, valueEnd)
                .add(CRLF);
    }

    /** Whether it is a field that becomes no line of its own, or may not be there at all. */
    private boolean isSpecial(byte[] name, int start, int end, byte[] value, int valueStart, int valueEnd) {
        switch (end - start) {
            case 2 ->
                malformed |= kind == Kind.REQUEST
                        && same(TE, name, start, end)
                        && !is(value, valueStart, valueEnd, "trailers");
            case 4 -> {
                if (kind == Kind.REQUEST && same(HOST, name, start, end)) {
                    malformed |= host.isPresent();
                    set(host, value, valueStart, valueEnd);
                    return true;
                }
            }
            case 6 -> {
                if (kind == Kind.REQUEST && same(COOKIE, name, start, end)) {
                    if (cookies.length() > 0) {
                        cookies.add((byte) ';').add((byte) ' ');
                    }
                    cookies.add(value, valueStart, valueEnd);
                    return true;
                }
            }
            case 7 -> malformed |= same(UPGRADE, name, start, end);
            case 10 -> malformed |= same(CONNECTION, name, start, end) || same(KEEP_ALIVE, name, start, end);
            case 14 -> lengthSeen |= same(CONTENT_LENGTH, name, start, end);
            case 16 -> malformed |= same(PROXY_CONNECTION, name, start, end);
            case 17 -> malformed |= same(TRANSFER_ENCODING, name, start, end);
            default -> {}
        }
        return malformed;
    }

    private static boolean same(byte[] wanted, byte[] name, int start, int end) {
        return Arrays.equals(wanted, 0, wanted.length, name, start, end);
    }

    /**
     * Writes the request that was read.
     *
     * @param bodyFollows whether the head is not all of it
     * @return false when it is malformed; the head is then undefined
     */
    boolean write(HeaderLines head, boolean bodyFollows) {
        if (malformed
                || !scheme.isPresent()
                || !isWord(method)
                || !isWord(path)
                || !isPath()
                || (authority.isPresent() && host.isPresent() && !sameHost())) {
            return false;
        }
        put(head, front.bytes(), method.start, method.end);
        put(head, SPACE);
        put(head, front.bytes(), path.start, path.end);
        put(head, VERSION);
        Part named = authority.isPresent() ? authority : host;
        if (named.isPresent()) {
            put(head, front.bytes(), named.start, named.end);
        }
        put(head, CRLF);
        put(head, lines.bytes(), 0, lines.length());
        if (cookies.length() > 0) {
            put(head, COOKIE_LINE);
            put(head, cookies.bytes(), 0, cookies.length());
            put(head, CRLF);
        }
        if (bodyFollows && !lengthSeen) {
            put(head, CHUNKED);
        }
        put(head, CRLF);
        return true;
    }

    /** Something that a space would end. */
    private boolean isWord(Part part) {
        for (int i = part.start; i >= 0 && i < part.end; i++) {
            if (front.bytes()[i] == ' ' || front.bytes()[i] == '\t') {
                return false;
            }
        }
        return part.isPresent() && part.end > part.start;
    }

    /** Anything else might be read as a URL with a host of its own. */
    private boolean isPath() {
        byte first = front.bytes()[path.start];
        return first == '/' || (first == '*' && path.end - path.start == 1);
    }

    private boolean sameHost() {
        if (authority.end - authority.start != host.end - host.start) {
            return false;
        }
        byte[] bytes = front.bytes();
        for (int i = 0; i < host.end - host.start; i++) {
            if (Ascii.lowerCase(bytes[authority.start + i]) != Ascii.lowerCase(bytes[host.start + i])) {
                return false;
            }
        }
        return true;
    }

    /**
     * Writes the response that was read.
     *
     * @param bodyFollows whether the head is not all of it
     * @param needsLength whether a response without a body must say so
     * @return false when it is malformed; the head is then undefined
     */
    boolean writeResponse(HeaderLines head, boolean bodyFollows, boolean needsLength) {
        if (malformed || status.end - status.start != 3 || !status.isPresent()) {
            return false;
        }
        String code = Ascii.text(front.bytes(), status.start, status.end);
        put(head, STATUS_LINE);
        put(head, front.bytes(), status.start, status.end);
        put(head, SPACE);
        put(head, ascii(Reasons.ofAny(code)));
        put(head, CRLF);
        put(head, lines.bytes(), 0, lines.length());
        boolean interim = code.charAt(0) == '1';
        if (!interim && !lengthSeen && bodyFollows) {
            put(head, CHUNKED);
        } else if (!interim && !lengthSeen && needsLength) {
            put(head, NO_LENGTH);
        }
        put(head, CRLF);
        return true;
    }

    /** Whether the trailers that were read are in order. */
    boolean isWellFormed() {
        return !malformed;
    }

    /** The lines of the trailers that were read. */
    String trailerLines() {
        return Ascii.text(lines.bytes(), 0, lines.length());
    }

    private static void put(HeaderLines head, byte[] bytes) {
        put(head, bytes, 0, bytes.length);
    }

    private static void put(HeaderLines head, byte[] bytes, int start, int end) {
        int amount = end - start;
        System.arraycopy(bytes, start, head.room(amount), head.filled(), amount);
        head.added(amount);
    }
}
