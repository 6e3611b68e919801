package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import org.cupola.gorouter.head.ChunkScanner;
import org.cupola.gorouter.head.RequestHead;

/** Follows the body of a request of HTTP/1 as it comes, and says where it ends. Reused; confined to its event loop. */
final class Http1Body {
    private static final int MAX_DISCARDED_BYTES = 256 * 1024;

    private final ChunkScanner chunks = new ChunkScanner();
    private boolean chunked;
    private long remaining;
    private int data;
    private long discarded;

    void start(RequestHead head) {
        chunked = head.isChunked();
        remaining = head.contentLength();
        discarded = 0;
        if (chunked) {
            chunks.reset();
        }
    }

    /** How many of the readable bytes belong to it. */
    int scan(ByteBuf in) {
        if (chunked) {
            long before = chunks.dataBytes();
            int amount = chunks.scan(in);
            data = (int) (chunks.dataBytes() - before);
            return amount;
        }
        data = (int) Math.min(remaining, in.readableBytes());
        remaining -= data;
        return data;
    }

    /** How many of the bytes scanned last were not framing. */
    int data() {
        return data;
    }

    boolean isDone() {
        return chunked ? chunks.isDone() : remaining == 0;
    }

    boolean isBroken() {
        return chunked && chunks.isBroken();
    }

    /** Throws away what there is of it; false when it is malformed, or more than is worth the wait. */
    boolean discard(ByteBuf in) {
        int amount = scan(in);
        in.skipBytes(amount);
        discarded += amount;
        return discarded <= MAX_DISCARDED_BYTES && !isBroken();
    }
}
