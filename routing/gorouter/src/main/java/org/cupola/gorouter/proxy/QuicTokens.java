package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * Makes every client show that it gets what is sent to its address, before anything is kept of it (RFC 9000, 8.1.2). A
 * first packet is answered with a token, which is smaller than that packet: nobody can have a third party flooded, nor
 * fill our memory under forged addresses.
 *
 * <p>A token is {@code time[8] mac[32] id[0..20]}: the second it was made in, HMAC-SHA256 over time, id, address and
 * port, and the connection id that the client had chosen. Confined to one event loop.
 */
final class QuicTokens implements QuicTokenHandler {
    static final String ALGORITHM = "HmacSHA256";
    private static final int TIME_BYTES = 8;
    private static final int MAC_BYTES = 32;
    private static final int ID_OFFSET = TIME_BYTES + MAC_BYTES;
    private static final long LIFETIME_SECONDS = 10;

    private final Mac mac;
    private final LongSupplier nanoTime;

    /** @param key the same for all sockets of a port, as the system may give the next packet to another one */
    QuicTokens(SecretKey key, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    private long now() {
        return TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong());
    }

    @Override
    public boolean writeToken(ByteBuf out, ByteBuf chosenId, InetSocketAddress address) {
        byte[] id = bytes(chosenId, chosenId.readerIndex(), chosenId.readableBytes());
        long time = now();
        out.writeLong(time).writeBytes(mac(time, id, address)).writeBytes(id);
        return true;
    }

    @Override
    public int validateToken(ByteBuf token, InetSocketAddress address) {
        int length = token.readableBytes();
        if (length <= ID_OFFSET || length > maxTokenLength()) {
            return -1;
        }
        int start = token.readerIndex();
        long time = token.getLong(start);
        long age = now() - time;
        byte[] id = bytes(token, start + ID_OFFSET, length - ID_OFFSET);
        boolean ours = MessageDigest.isEqual(bytes(token, start + TIME_BYTES, MAC_BYTES), mac(time, id, address));
        return ours && age >= 0 && age <= LIFETIME_SECONDS ? ID_OFFSET : -1;
    }

    @Override
    public int maxTokenLength() {
        return ID_OFFSET + Quic.MAX_CONN_ID_LEN;
    }

    private byte[] mac(long time, byte[] id, InetSocketAddress address) {
        mac.update(ByteBuffer.allocate(TIME_BYTES + Short.BYTES + 1)
                .putLong(time)
                .putShort((short) address.getPort())
                .put((byte) id.length)
                .array());
        mac.update(id);
        return mac.doFinal(address.getAddress().getAddress());
    }

    private static byte[] bytes(ByteBuf from, int start, int length) {
        byte[] bytes = new byte[length];
        from.getBytes(start, bytes);
        return bytes;
    }
}
