package org.cupola.tcprouter;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import java.util.Locale;

/**
 * Reads the server name out of the first bytes of a TLS connection (RFC 8446 4.1.2, RFC 6066 3), without consuming or
 * answering them. The message may be spread over several records. Stateless, any thread.
 */
final class ClientHello {
    /** A larger one is not waited for. */
    static final int MAX_BYTES = 32 * 1024;

    private static final int HANDSHAKE_RECORD = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int SERVER_NAME = 0;
    private static final int MAX_RECORD_BYTES = 16_384;
    private static final int RECORD_HEADER_BYTES = 5;

    private ClientHello() {}

    /** What the bytes are. */
    sealed interface Parsed {
        /** The beginning of one, perhaps. */
        record Incomplete() implements Parsed {}

        /** Something else, or one too large or malformed to read. */
        record NotTls() implements Parsed {}

        /** A whole one; {@code host} is lower case and empty when the client names no server. */
        record Hello(String host) implements Parsed {}
    }

    static final Parsed INCOMPLETE = new Parsed.Incomplete();
    static final Parsed NOT_TLS = new Parsed.NotTls();
    private static final Parsed NO_HOST = new Parsed.Hello("");

    static Parsed parse(ByteBuf in) {
        ByteBuf message = in.alloc().buffer(Math.min(in.readableBytes(), MAX_BYTES));
        try {
            return collect(in, message);
        } finally {
            message.release();
        }
    }

    /** Gathers the handshake message out of its records. */
    private static Parsed collect(ByteBuf in, ByteBuf message) {
        int position = in.readerIndex();
        int end = in.writerIndex();
        while (true) {
            if (position < end && in.getUnsignedByte(position) != HANDSHAKE_RECORD) {
                return NOT_TLS;
            }
            if (position + 1 < end && in.getUnsignedByte(position + 1) != 3) {
                return NOT_TLS;
            }
            if (end - position < RECORD_HEADER_BYTES) {
                return incomplete(in);
            }
            int length = in.getUnsignedShort(position + 3);
            if (length == 0 || length > MAX_RECORD_BYTES) {
                return NOT_TLS;
            }
            position += RECORD_HEADER_BYTES;
            int there = Math.min(length, end - position);
            message.writeBytes(in, position, there);
            position += there;
            if (message.isReadable() && message.getUnsignedByte(0) != CLIENT_HELLO) {
                return NOT_TLS;
            }
            if (message.readableBytes() >= 4) {
                int messageLength = message.getUnsignedMedium(1);
                if (messageLength > MAX_BYTES) {
                    return NOT_TLS;
                }
                if (message.readableBytes() >= 4 + messageLength) {
                    return hello(message.slice(4, messageLength));
                }
            }
            if (there < length) {
                return incomplete(in);
            }
        }
    }

    private static Parsed incomplete(ByteBuf in) {
        return in.readableBytes() >= MAX_BYTES ? NOT_TLS : INCOMPLETE;
    }

    private static Parsed hello(ByteBuf body) {
        // version, random
        if (!skip(body, 2 + 32)
                // session id, cipher suites, compression methods
                || !skipVector(body, 1)
                || !skipVector(body, 2)
                || !skipVector(body, 1)) {
            return NOT_TLS;
        }
        if (!body.isReadable()) {
            return NO_HOST;
        }
        if (body.readableBytes() < 2 || body.readUnsignedShort() != body.readableBytes()) {
            return NOT_TLS;
        }
        while (body.isReadable()) {
            if (body.readableBytes() < 4) {
                return NOT_TLS;
            }
            int type = body.readUnsignedShort();
            int length = body.readUnsignedShort();
            if (length > body.readableBytes()) {
                return NOT_TLS;
            }
            if (type == SERVER_NAME) {
                return serverName(body.readSlice(length));
            }
            body.skipBytes(length);
        }
        return NO_HOST;
    }

    private static Parsed serverName(ByteBuf list) {
        if (list.readableBytes() < 5 || list.readUnsignedShort() != list.readableBytes()) {
            return NOT_TLS;
        }
        int type = list.readUnsignedByte();
        int length = list.readUnsignedShort();
        if (type != 0 || length > list.readableBytes()) {
            return NOT_TLS;
        }
        return new Parsed.Hello(
                list.toString(list.readerIndex(), length, US_ASCII).toLowerCase(Locale.ROOT));
    }

    private static boolean skipVector(ByteBuf body, int lengthBytes) {
        if (body.readableBytes() < lengthBytes) {
            return false;
        }
        return skip(body, lengthBytes == 1 ? body.readUnsignedByte() : body.readUnsignedShort());
    }

    private static boolean skip(ByteBuf body, int bytes) {
        if (body.readableBytes() < bytes) {
            return false;
        }
        body.skipBytes(bytes);
        return true;
    }
}
