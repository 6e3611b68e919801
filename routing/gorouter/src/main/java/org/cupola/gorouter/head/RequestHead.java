package org.cupola.gorouter.head;

/** The head of a request, read strictly. */
public final class RequestHead extends HeaderLines {
    private static final boolean[] TOKEN = new boolean[256];
    private static final boolean[] HOST_CHARACTER = new boolean[256];

    static {
        for (int i = 33; i < 127; i++) {
            TOKEN[i] = isTokenCharacter(i);
            HOST_CHARACTER[i] = Character.isLetterOrDigit(i) || "!$%&'()*+,-.:;=[]_~".indexOf(i) >= 0;
        }
    }

    private int methodEnd;
    private int targetStart;
    private int targetEnd;
    private int lineEnd;
    private int minorVersion;
    private int hostStart;
    private int hostEnd;
    private int pathStart;
    private int pathEnd;
    private boolean absolute;
    private boolean chunked;
    private long contentLength;
    private boolean keepAlive;
    private boolean upgrade;

    /** Reads what has been added so far. Bytes beyond the head stay untouched. */
    public Verdict read(int maxBytes) {
        if (!worthReading()) {
            return filled > maxBytes ? Verdict.TOO_LARGE : Verdict.INCOMPLETE;
        }
        Verdict line = readRequestLine();
        if (line == Verdict.COMPLETE) {
            line = readLines(lineEnd, Integer.MAX_VALUE);
        }
        if (line == Verdict.INCOMPLETE) {
            return filled > maxBytes ? Verdict.TOO_LARGE : Verdict.INCOMPLETE;
        }
        if (line != Verdict.COMPLETE) {
            return line;
        }
        if (end > maxBytes) {
            return Verdict.TOO_LARGE;
        }
        return understand();
    }

    private Verdict readRequestLine() {
        byte[] b = bytes;
        int limit = filled;
        int at = 0;
        while (at < limit && TOKEN[b[at] & 0xff]) {
            at++;
        }
        if (at >= limit) {
            return Verdict.INCOMPLETE;
        }
        if (b[at] != ' ' || at == 0) {
            return Verdict.MALFORMED;
        }
        methodEnd = at++;
        targetStart = at;
        while (at < limit && (b[at] < 0 || (b[at] > ' ' && b[at] != 127))) {
            at++;
        }
        if (at >= limit) {
            return Verdict.INCOMPLETE;
        }
        if (b[at] != ' ' || at == targetStart) {
            return Verdict.MALFORMED;
        }
        targetEnd = at++;
        if (limit - at < 10) {
            return Verdict.INCOMPLETE;
        }
        if (b[at] != 'H'
                || b[at + 1] != 'T'
                || b[at + 2] != 'T'
                || b[at + 3] != 'P'
                || b[at + 4] != '/'
                || !digit(b[at + 5])
                || b[at + 6] != '.'
                || !digit(b[at + 7])
                || b[at + 8] != '\r'
                || b[at + 9] != '\n') {
            return Verdict.MALFORMED;
        }
        minorVersion = b[at + 7] - '0';
        lineEnd = at + 10;
        return b[at + 5] == '1' && minorVersion <= 1 ? Verdict.COMPLETE : Verdict.UNSUPPORTED_VERSION;
    }

    private static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    private Verdict understand() {
        Verdict target = understandTarget();
        if (target != Verdict.COMPLETE) {
            return target;
        }
        chunked = false;
        contentLength = -1;
        boolean close = false;
        boolean explicitKeepAlive = false;
        boolean connectionUpgrade = false;
        for (int i = 0; i < count(); i++) {
            int start = valueStart(i);
            int stop = valueEnd(i);
            switch (id(i)) {
                case Names.CONTENT_LENGTH -> {
                    if (contentLength >= 0) {
                        return Verdict.MALFORMED;
                    }
                    contentLength = length(bytes, start, stop);
                    if (contentLength < 0) {
                        return Verdict.MALFORMED;
                    }
                }
                case Names.TRANSFER_ENCODING -> {
                    if (chunked || minorVersion == 0) {
                        return Verdict.MALFORMED;
                    }
                    if (!Ascii.equalsIgnoreCase(bytes, start, stop, "chunked")) {
                        return Verdict.UNKNOWN_TRANSFER_CODING;
                    }
                    chunked = true;
                }
                case Names.CONNECTION -> {
                    close |= Ascii.listHas(bytes, start, stop, "close");
                    explicitKeepAlive |= Ascii.listHas(bytes, start, stop, "keep-alive");
                    connectionUpgrade |= Ascii.listHas(bytes, start, stop, "upgrade");
                }
                case Names.EXPECT -> {
                    if (!Ascii.equalsIgnoreCase(bytes, start, stop, "100-continue")) {
                        return Verdict.UNKNOWN_EXPECTATION;
                    }
                }
                default -> {}
            }
        }
        if (chunked && contentLength >= 0) {
            return Verdict.MALFORMED;
        }
        keepAlive = !close && (minorVersion == 1 || explicitKeepAlive);
        upgrade = connectionUpgrade && has(Names.UPGRADE) && minorVersion == 1;
        return Verdict.COMPLETE;
    }

    /** Finds host and path; both in the target when it is absolute, which then outranks the Host line (RFC 9112, 3.2.2). */
    private Verdict understandTarget() {
        int line = first(Names.HOST);
        for (int i = line + 1; line >= 0 && i < count(); i++) {
            if (id(i) == Names.HOST) {
                return Verdict.MALFORMED_HOST;
            }
        }
        if (line < 0 && minorVersion == 1) {
            return Verdict.MALFORMED_HOST;
        }
        hostStart = line < 0 ? 0 : valueStart(line);
        hostEnd = line < 0 ? 0 : valueEnd(line);
        for (int i = hostStart; i < hostEnd; i++) {
            if (!HOST_CHARACTER[bytes[i] & 0xff]) {
                return Verdict.MALFORMED_HOST;
            }
        }
        absolute = false;
        pathStart = targetStart;
        if (bytes[targetStart] != '/' && !understandOtherForms()) {
            return Verdict.MALFORMED;
        }
        pathEnd = pathStart;
        while (pathEnd < targetEnd && bytes[pathEnd] != '?') {
            pathEnd++;
        }
        return Verdict.COMPLETE;
    }

    private boolean understandOtherForms() {
        if (targetEnd - targetStart == 1 && bytes[targetStart] == '*') {
            return methodIs("OPTIONS");
        }
        if (methodIs("CONNECT")) {
            return false;
        }
        int scheme = Ascii.startsWithIgnoreCase(bytes, targetStart, targetEnd, "http://")
                ? 7
                : Ascii.startsWithIgnoreCase(bytes, targetStart, targetEnd, "https://") ? 8 : 0;
        if (scheme == 0) {
            return false;
        }
        absolute = true;
        hostStart = targetStart + scheme;
        hostEnd = hostStart;
        while (hostEnd < targetEnd && bytes[hostEnd] != '/' && bytes[hostEnd] != '?') {
            if (!HOST_CHARACTER[bytes[hostEnd] & 0xff]) {
                return false;
            }
            hostEnd++;
        }
        pathStart = hostEnd;
        return hostEnd > hostStart;
    }

    public boolean methodIs(String method) {
        if (methodEnd != method.length()) {
            return false;
        }
        for (int i = 0; i < methodEnd; i++) {
            if (bytes[i] != method.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    public String method() {
        return Ascii.text(bytes, 0, methodEnd);
    }

    public int methodEnd() {
        return methodEnd;
    }

    public int targetStart() {
        return targetStart;
    }

    public int targetEnd() {
        return targetEnd;
    }

    public String target() {
        return Ascii.text(bytes, targetStart, targetEnd);
    }

    /** End of the request line, its CRLF included. */
    public int requestLineEnd() {
        return lineEnd;
    }

    /** 0 or 1. */
    public int minorVersion() {
        return minorVersion;
    }

    /** The host as the client gave it, with its port; empty range when there is none. */
    public int hostStart() {
        return hostStart;
    }

    public int hostEnd() {
        return hostEnd;
    }

    /** Where the host's name ends: at its first colon. */
    public int hostNameEnd() {
        for (int i = hostStart; i < hostEnd; i++) {
            if (bytes[i] == ':') {
                return i;
            }
        }
        return hostEnd;
    }

    public String host() {
        return Ascii.text(bytes, hostStart, hostEnd);
    }

    /** The path, without the query. */
    public int pathStart() {
        return pathStart;
    }

    public int pathEnd() {
        return pathEnd;
    }

    public boolean isAbsolute() {
        return absolute;
    }

    /** {@code OPTIONS *}. */
    public boolean isAsterisk() {
        return targetEnd - targetStart == 1 && bytes[targetStart] == '*';
    }

    public boolean isChunked() {
        return chunked;
    }

    /** -1 when the request does not say. */
    public long contentLength() {
        return contentLength;
    }

    public boolean hasBody() {
        return chunked || contentLength > 0;
    }

    /** Whether the client means to send another request on this connection. */
    public boolean isKeepAlive() {
        return keepAlive;
    }

    /** Whether the client asks to change the protocol. */
    public boolean isUpgrade() {
        return upgrade;
    }

    public boolean isWebSocket() {
        return upgrade && valueIs(Names.UPGRADE, "websocket");
    }

    /** Whether sending it twice does no harm (RFC 9110, 9.2.2, and the usual header), so far as a body allows. */
    public boolean isRepeatable() {
        return !hasBody()
                && (methodIs("GET")
                        || methodIs("HEAD")
                        || methodIs("OPTIONS")
                        || methodIs("TRACE")
                        || has(Names.IDEMPOTENCY_KEY)
                        || has(Names.X_IDEMPOTENCY_KEY));
    }
}
