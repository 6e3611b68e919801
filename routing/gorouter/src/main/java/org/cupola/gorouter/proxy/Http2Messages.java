package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.cupola.gorouter.head.HeaderLines;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.ResponseHead;
import org.cupola.gorouter.http2.HpackEncoder;

/**
 * Turns heads of HTTP/1.1 into header blocks of HTTP/2, and bodies of HTTP/2 into chunks. Inside the router a message has the
 * form of HTTP/1.1, a body of unknown length that of chunks; so everything is read, looked up, rewritten and recorded in one
 * way. The other direction is {@link FieldSection}.
 */
final class Http2Messages {
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] SLASH = {'/'};

    private Http2Messages() {}

    /** The head of a request that was written as HTTP/1.1. */
    static void encode(RequestHead request, boolean tls, HpackEncoder out) {
        byte[] bytes = request.bytes();
        int pathStart = request.isAbsolute() ? request.pathStart() : request.targetStart();
        boolean slash = pathStart < request.targetEnd() && (bytes[pathStart] == '/' || bytes[pathStart] == '*');
        out.request(bytes, 0, request.methodEnd(), tls);
        out.authority(bytes, request.hostStart(), request.hostEnd());
        out.path(SLASH, slash ? 0 : 1, bytes, pathStart, request.targetEnd());
        lines(request, out);
    }

    /** The head of a response that was written as HTTP/1.1. */
    static void encode(ResponseHead response, HpackEncoder out) {
        out.status(response.status());
        lines(response, out);
    }

    private static void lines(HeaderLines head, HpackEncoder out) {
        byte[] bytes = head.bytes();
        for (int line = 0; line < head.count(); line++) {
            switch (head.id(line)) {
                case Names.HOST, Names.CONNECTION, Names.KEEP_ALIVE, Names.TRANSFER_ENCODING, Names.UPGRADE -> {}
                default ->
                    out.field(
                            bytes,
                            head.nameStart(line),
                            head.nameEnd(line),
                            head.valueStart(line),
                            head.valueEnd(line));
            }
        }
    }

    /** Trailers from the lines at the end of a chunked body. */
    static void encodeTrailers(String lines, HpackEncoder out) {
        for (String line : lines.split("\r\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                String value = line.substring(colon + 1).strip();
                byte[] bytes = (line.substring(0, colon) + value).getBytes(StandardCharsets.ISO_8859_1);
                out.field(bytes, 0, colon, colon, bytes.length);
            }
        }
    }

    /** The data as one chunk; takes over the data. */
    static ByteBuf chunk(ByteBufAllocator allocator, ByteBuf data) {
        if (!data.isReadable()) {
            return data;
        }
        ByteBuf size = allocator.buffer(12);
        size.writeCharSequence(Integer.toHexString(data.readableBytes()), StandardCharsets.US_ASCII);
        size.writeBytes(CRLF);
        return allocator
                .compositeBuffer(3)
                .addComponents(true, size, data, allocator.buffer(2).writeBytes(CRLF));
    }

    /** The end of a chunked body. */
    static ByteBuf lastChunk(ByteBufAllocator allocator, String trailers) {
        ByteBuf end = allocator.buffer(5 + trailers.length());
        end.writeCharSequence("0\r\n" + trailers + "\r\n", StandardCharsets.ISO_8859_1);
        return end;
    }

    /** Puts a head that is complete into a reader of heads. */
    static void fill(HeaderLines head, byte[] bytes, int length) {
        System.arraycopy(bytes, 0, head.room(length), head.filled(), length);
        head.added(length);
    }
}
