package org.cupola.gorouter.head;

/** The head of a response, read strictly. */
public final class ResponseHead extends HeaderLines {
    private int status;
    private int minorVersion;
    private int lineEnd;
    private boolean chunked;
    private long contentLength;
    private boolean keepAlive;

    public Verdict read(int maxBytes, int maxLines) {
        if (!worthReading()) {
            return filled > maxBytes ? Verdict.TOO_LARGE : Verdict.INCOMPLETE;
        }
        Verdict line = readStatusLine();
        if (line == Verdict.COMPLETE) {
            line = readLines(lineEnd, maxLines);
        }
        if (line == Verdict.INCOMPLETE) {
            return filled > maxBytes ? Verdict.TOO_LARGE : Verdict.INCOMPLETE;
        }
        if (line != Verdict.COMPLETE) {
            return line;
        }
        return end > maxBytes ? Verdict.TOO_LARGE : understand();
    }

    private Verdict readStatusLine() {
        byte[] b = bytes;
        int limit = filled;
        if (limit < 14) {
            return Verdict.INCOMPLETE;
        }
        boolean version = b[0] == 'H' && b[1] == 'T' && b[2] == 'T' && b[3] == 'P' && b[4] == '/' && b[5] == '1';
        boolean minor = b[6] == '.' && (b[7] == '0' || b[7] == '1') && b[8] == ' ';
        if (!version || !minor) {
            return Verdict.MALFORMED;
        }
        minorVersion = b[7] - '0';
        status = 0;
        for (int i = 9; i < 12; i++) {
            if (b[i] < '0' || b[i] > '9') {
                return Verdict.MALFORMED;
            }
            status = status * 10 + b[i] - '0';
        }
        int at = 12;
        if (status < 100 || (b[at] != ' ' && b[at] != '\r')) {
            return Verdict.MALFORMED;
        }
        while (at < limit && (b[at] < 0 || b[at] == '\t' || (b[at] >= ' ' && b[at] != 127))) {
            at++;
        }
        if (at + 1 >= limit) {
            return Verdict.INCOMPLETE;
        }
        lineEnd = at + 2;
        return b[at] == '\r' && b[at + 1] == '\n' ? Verdict.COMPLETE : Verdict.MALFORMED;
    }

    private Verdict understand() {
        chunked = false;
        contentLength = -1;
        boolean close = false;
        boolean explicitKeepAlive = false;
        for (int i = 0; i < count(); i++) {
            int start = valueStart(i);
            int stop = valueEnd(i);
            switch (id(i)) {
                case Names.CONTENT_LENGTH -> {
                    long length = length(bytes, start, stop);
                    if (length < 0 || (contentLength >= 0 && length != contentLength)) {
                        return Verdict.MALFORMED;
                    }
                    contentLength = length;
                }
                case Names.TRANSFER_ENCODING -> {
                    if (chunked || minorVersion == 0 || !Ascii.equalsIgnoreCase(bytes, start, stop, "chunked")) {
                        return Verdict.UNKNOWN_TRANSFER_CODING;
                    }
                    chunked = true;
                }
                case Names.CONNECTION -> {
                    close |= Ascii.listHas(bytes, start, stop, "close");
                    explicitKeepAlive |= Ascii.listHas(bytes, start, stop, "keep-alive");
                }
                default -> {}
            }
        }
        if (chunked) {
            contentLength = -1; // RFC 9112, 6.3: the coding outranks a length, which must not be passed on
        }
        keepAlive = !close && (minorVersion == 1 || explicitKeepAlive);
        return Verdict.COMPLETE;
    }

    public int status() {
        return status;
    }

    public int statusLineEnd() {
        return lineEnd;
    }

    public boolean isChunked() {
        return chunked;
    }

    /** -1 when the response does not say. */
    public long contentLength() {
        return contentLength;
    }

    /** Whether the backend means to keep the connection. */
    public boolean isKeepAlive() {
        return keepAlive;
    }
}
