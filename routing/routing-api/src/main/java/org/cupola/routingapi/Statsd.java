package org.cupola.routingapi;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends gauges to a statsd over UDP, several to a packet. Guarded by its lock; sending to a datagram socket does not wait for
 * anyone. What cannot be sent is lost, as is usual with statsd.
 */
final class Statsd implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Statsd.class);
    private static final String PREFIX = "routing_api.";
    private static final int PACKET_BYTES = 512;

    @GuardedBy("this")
    private final @Nullable DatagramChannel channel;

    @GuardedBy("this")
    private final StringBuilder buffer = new StringBuilder(PACKET_BYTES);

    private Statsd(@Nullable DatagramChannel channel) {
        this.channel = channel;
    }

    /** One that sends nothing. */
    static Statsd none() {
        return new Statsd(null);
    }

    /** @param endpoint host:port */
    static Statsd to(String endpoint) throws IOException {
        int colon = endpoint.lastIndexOf(':');
        if (colon < 0 || !endpoint.substring(colon + 1).matches("\\d{1,5}")) {
            throw new IOException("statsd_endpoint: " + endpoint + " (expected: host:port)");
        }
        var address =
                new InetSocketAddress(endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)));
        DatagramChannel channel = DatagramChannel.open();
        try {
            channel.connect(address);
            channel.configureBlocking(false);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw new IOException("statsd_endpoint: " + endpoint + " cannot be used: " + e, e);
        }
        return new Statsd(channel);
    }

    /** @param value a number, or a number with a sign for a change of the gauge */
    synchronized void gauge(String name, String value) {
        if (channel == null) {
            return;
        }
        int length = PREFIX.length() + name.length() + value.length() + 3;
        if (buffer.length() + length + 1 > PACKET_BYTES) {
            flush();
        }
        if (!buffer.isEmpty()) {
            buffer.append('\n');
        }
        buffer.append(PREFIX).append(name).append(':').append(value).append("|g");
    }

    synchronized void flush() {
        if (channel == null || buffer.isEmpty()) {
            return;
        }
        try {
            channel.write(ByteBuffer.wrap(buffer.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            log.atDebug().setCause(e).log("metrics-not-sent"); // nobody listens there at present
        }
        buffer.setLength(0);
    }

    @Override
    public synchronized void close() {
        flush();
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            log.atDebug().setCause(e).log("metrics-socket-not-closed");
        }
    }
}
