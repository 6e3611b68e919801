package org.cupola.gorouter.proxy;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;

/**
 * How much one connection may hold in memory, and how much is read at once. Reads of up to 256 KiB, and as much waiting
 * before the other side is held back, let a body of 64 KiB through without switching reading off and on.
 */
final class Buffers {
    static final WriteBufferWaterMark WRITE_LIMITS = new WriteBufferWaterMark(64 * 1024, 256 * 1024);
    static final RecvByteBufAllocator READS = new AdaptiveRecvByteBufAllocator(512, 4096, 256 * 1024);

    private Buffers() {}

    static void configure(ChannelConfig config) {
        config.setRecvByteBufAllocator(READS);
        config.setWriteBufferWaterMark(WRITE_LIMITS);
    }
}
