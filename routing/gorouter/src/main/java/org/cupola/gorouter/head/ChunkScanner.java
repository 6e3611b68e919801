package org.cupola.gorouter.head;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * Follows a chunked body (RFC 9112, 7.1) as it passes, checks its framing and says where it ends. Strict: lines end in
 * CRLF, sizes have at most 15 hexadecimal digits, extensions and trailers are bounded, and trailers
 * hold nothing that belongs in a head. Confined to its thread.
 *
 * <p>The bytes stay where they are. A caller that passes the framing on takes whole runs ({@link #scan}); one that
 * needs the data alone asks for it piece by piece ({@link #nextData}).
 */
public final class ChunkScanner {
    private static final int MAX_EXTENSION_BYTES = 4096;
    private static final int MAX_EXTENSIONS_TOTAL = 64 * 1024;
    private static final int MAX_TRAILER_BYTES = 64 * 1024;
    private static final int MAX_SIZE_DIGITS = 15;

    private static final byte[] NO_BYTES = {};

    // What frames, routes or authenticates a message must stand in its head (RFC 9110, 6.5.1).
    private static final Set<String> NOT_IN_TRAILERS = Set.of(
            "authorization",
            "connection",
            "content-length",
            "cookie",
            "expect",
            "host",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "set-cookie",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private enum State {
        SIZE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        LINE_START,
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_LF,
        END_LF,
        DONE,
        BROKEN
    }

    private State state = State.SIZE;
    private long remaining;
    private int digits;
    private int extensionBytes;
    private int extensionsTotal;
    private int trailerBytes;
    private int trailerLine;
    private long dataBytes;
    private byte[] trailers = NO_BYTES;

    public void reset() {
        state = State.SIZE;
        remaining = 0;
        digits = 0;
        extensionBytes = 0;
        extensionsTotal = 0;
        trailerBytes = 0;
        dataBytes = 0;
        trailers = NO_BYTES;
    }

    public boolean isDone() {
        return state == State.DONE;
    }

    public boolean isBroken() {
        return state == State.BROKEN;
    }

    /** Data passed so far, without framing. */
    public long dataBytes() {
        return dataBytes;
    }

    /** How many bytes from the reader index on belong to this body; stops at its end, or where it is malformed. */
    public int scan(ByteBuf in) {
        int from = in.readerIndex();
        int to = in.writerIndex();
        int at = from;
        while (at < to && state != State.DONE && state != State.BROKEN) {
            if (state == State.DATA) {
                int take = (int) Math.min(remaining, to - at);
                at += take;
                consumed(take);
            } else {
                step(in.getByte(at++));
            }
        }
        return at - from;
    }

    /**
     * Passes over framing to the next data and says how much of it is there, without consuming it: call
     * {@link #consumed} for what was taken. 0 means that more bytes are needed, or that the body is done or broken.
     */
    public int nextData(ByteBuf in) {
        while (in.isReadable() && state != State.DONE && state != State.BROKEN) {
            if (state == State.DATA) {
                return (int) Math.min(remaining, in.readableBytes());
            }
            step(in.readByte());
        }
        return 0;
    }

    public void consumed(int amount) {
        remaining -= amount;
        dataBytes += amount;
        if (remaining == 0) {
            state = State.DATA_CR;
        }
    }

    private void step(byte b) {
        switch (state) {
            case SIZE -> size(b);
            case EXTENSION -> extension(b);
            case SIZE_LF -> {
                State next = remaining == 0 ? State.LINE_START : State.DATA;
                state = b == '\n' ? next : State.BROKEN;
            }
            case DATA_CR -> state = b == '\r' ? State.DATA_LF : State.BROKEN;
            case DATA_LF -> {
                state = b == '\n' ? State.SIZE : State.BROKEN;
                digits = 0;
                remaining = 0;
                extensionBytes = 0;
            }
            case LINE_START -> {
                if (b == '\r') {
                    state = State.END_LF;
                } else {
                    state = isToken(b) ? State.TRAILER_NAME : State.BROKEN;
                    trailerLine = trailerBytes;
                    trailer(b);
                }
            }
            case TRAILER_NAME -> {
                if (b == ':') {
                    state = mayTrail(Ascii.text(trailers, trailerLine, trailerBytes))
                            ? State.TRAILER_VALUE
                            : State.BROKEN;
                } else if (!isToken(b)) {
                    state = State.BROKEN;
                }
                trailer(b);
            }
            case TRAILER_VALUE -> {
                if (b == '\r') {
                    state = State.TRAILER_LF;
                } else if (isControl(b)) {
                    state = State.BROKEN;
                }
                trailer(b);
            }
            case TRAILER_LF -> {
                state = b == '\n' ? State.LINE_START : State.BROKEN;
                trailer(b);
            }
            case END_LF -> state = b == '\n' ? State.DONE : State.BROKEN;
            default -> throw new IllegalStateException("no step from " + state);
        }
    }

    private void size(byte b) {
        int digit = Character.digit(b, 16);
        if (digit >= 0 && b > 0) {
            remaining = remaining * 16 + digit;
            if (++digits > MAX_SIZE_DIGITS) {
                state = State.BROKEN;
            }
        } else if (digits > 0 && b == '\r') {
            state = State.SIZE_LF;
        } else if (digits > 0 && (b == ';' || Ascii.isBlank(b))) {
            state = State.EXTENSION;
        } else {
            state = State.BROKEN;
        }
    }

    private void extension(byte b) {
        extensionsTotal++;
        if (b == '\r') {
            state = State.SIZE_LF;
        } else if (isControl(b) || ++extensionBytes > MAX_EXTENSION_BYTES || extensionsTotal > MAX_EXTENSIONS_TOTAL) {
            state = State.BROKEN;
        }
    }

    private void trailer(byte b) {
        if (trailerBytes == MAX_TRAILER_BYTES) {
            state = State.BROKEN;
            return;
        }
        if (trailerBytes == trailers.length) {
            trailers = Arrays.copyOf(trailers, Math.max(128, trailers.length * 2));
        }
        trailers[trailerBytes++] = b;
    }

    /** The trailer lines that came so far, each with its CRLF; empty for none. */
    public String trailers() {
        return new String(trailers, 0, trailerBytes, StandardCharsets.ISO_8859_1);
    }

    /** Whether a field of this name, in any case, may stand behind a body. */
    public static boolean mayTrail(String name) {
        return !NOT_IN_TRAILERS.contains(name.toLowerCase(Locale.ROOT));
    }

    private static boolean isControl(byte b) {
        return b == 127 || (b >= 0 && b < ' ' && b != '\t');
    }

    private static boolean isToken(byte b) {
        return b > ' ' && b < 127 && "\"(),/:;<=>?@[\\]{}".indexOf(b) < 0;
    }
}
