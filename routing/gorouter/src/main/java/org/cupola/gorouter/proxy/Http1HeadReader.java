package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.Verdict;

/** Moves the bytes of an HTTP/1 request's head from what has arrived to where they are parsed, and none of what follows. */
final class Http1HeadReader {
    private static final int HEAD_ROOM_BYTES = 4096;
    private static final int HEAD_COPY_BYTES = 8192;

    private Http1HeadReader() {}

    /**
     * Reads on.
     *
     * @param maxHeaderBytes the configured limit; a head may be a little larger, so that it can be refused as a request
     * @return whether the head is complete; what was consumed of a refused one is not defined
     */
    static Verdict read(ByteBuf in, RequestHead head, int maxHeaderBytes) {
        int before = head.filled();
        if (before == 0) {
            skipEmptyLine(in);
        }
        int amount = Math.min(in.readableBytes(), HEAD_COPY_BYTES);
        if (amount == 0) {
            return Verdict.INCOMPLETE;
        }
        in.getBytes(in.readerIndex(), head.room(amount), before, amount);
        head.added(amount);
        Verdict verdict = head.read(maxHeaderBytes + HEAD_ROOM_BYTES);
        if (verdict == Verdict.INCOMPLETE) {
            in.skipBytes(amount);
        } else if (verdict == Verdict.COMPLETE) {
            in.skipBytes(head.end() - before);
        }
        return verdict;
    }

    /** RFC 9112, 2.2: a line's end left over from the request before is to be ignored. */
    private static void skipEmptyLine(ByteBuf in) {
        if (in.readableBytes() >= 2
                && in.getByte(in.readerIndex()) == '\r'
                && in.getByte(in.readerIndex() + 1) == '\n') {
            in.skipBytes(2);
        }
    }
}
