package org.cupola.nats;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes for one client, gathered on one event loop and then passed on as a whole. Confined to whoever holds it; it owns its
 * buffers until {@link #writeTo} or {@link #release}.
 */
final class OutputBatch {
    private static final int INITIAL_BYTES = 4096;

    private final ClientOutput target;
    private final ByteBufAllocator allocator;
    private final List<ByteBuf> buffers = new ArrayList<>(1);
    private @Nullable ByteBuf tail;
    private int bytes;
    private int messages;
    private long messageBytes;

    OutputBatch(ClientOutput target, ByteBufAllocator allocator) {
        this.target = target;
        this.allocator = allocator;
    }

    ClientOutput target() {
        return target;
    }

    int bytes() {
        return bytes;
    }

    int messages() {
        return messages;
    }

    /** Of payloads and headers, without what the protocol adds. */
    long messageBytes() {
        return messageBytes;
    }

    void countMessage(int size) {
        messages++;
        messageBytes += size;
    }

    /** A buffer to append the given number of bytes to. */
    ByteBuf append(int count) {
        ByteBuf buffer = tail;
        if (buffer == null) {
            buffer = allocator.buffer(Math.max(INITIAL_BYTES, count));
            buffers.add(buffer);
            tail = buffer;
        }
        bytes += count;
        return buffer;
    }

    /** Appends a large piece without copying it; its ownership passes to the batch. */
    void share(ByteBuf piece) {
        buffers.add(piece);
        tail = null;
        bytes += piece.readableBytes();
    }

    /** Writes everything, without a flush; the batch is empty then. The future is that of the last byte. */
    ChannelFuture writeTo(Channel channel) {
        int last = buffers.size() - 1;
        for (int i = 0; i < last; i++) {
            channel.write(buffers.get(i), channel.voidPromise());
        }
        ChannelFuture written = channel.write(last < 0 ? Unpooled.EMPTY_BUFFER : buffers.get(last));
        buffers.clear();
        tail = null;
        return written;
    }

    void release() {
        buffers.forEach(ByteBuf::release);
        buffers.clear();
        tail = null;
    }
}
