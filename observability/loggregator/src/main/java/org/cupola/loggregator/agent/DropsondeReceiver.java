package org.cupola.loggregator.agent;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.concurrent.atomic.LongAdder;
import org.cupola.protocol.loggregator.FromV1;
import org.cupola.protocol.loggregator.v1.Envelope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent's UDP side: one Envelope v1 a datagram. One virtual thread; what the kernel's buffer does not hold is lost. */
public final class DropsondeReceiver implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DropsondeReceiver.class);
    private static final int MAX_DATAGRAM_BYTES = 65_535;
    private static final int KERNEL_BUFFER_BYTES = 4 * 1024 * 1024;

    private final DatagramSocket socket;
    private final Agent agent;
    private final LongAdder invalid = new LongAdder();

    /** @throws IOException naming the address that cannot be used */
    public DropsondeReceiver(InetSocketAddress address, Agent agent) throws IOException {
        this.agent = agent;
        try {
            socket = new DatagramSocket(address);
        } catch (SocketException e) {
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + " (UDP): "
                            + e.getMessage(),
                    e);
        }
        socket.setReceiveBufferSize(KERNEL_BUFFER_BYTES);
    }

    public void start() {
        Thread.ofVirtual().name("dropsonde").start(this::receive);
    }

    public int port() {
        return socket.getLocalPort();
    }

    private void receive() {
        var packet = new DatagramPacket(new byte[MAX_DATAGRAM_BYTES], MAX_DATAGRAM_BYTES);
        while (!socket.isClosed()) {
            try {
                packet.setLength(MAX_DATAGRAM_BYTES);
                socket.receive(packet);
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    log.atWarn().addKeyValue("error", e.getMessage()).log("datagram-not-received");
                }
                continue;
            }
            accept(packet);
        }
    }

    private void accept(DatagramPacket packet) {
        try {
            var envelope = FromV1.convert(Envelope.parseFrom(
                    CodedInputStream.newInstance(packet.getData(), packet.getOffset(), packet.getLength())));
            if (envelope.isPresent()) {
                agent.accept(envelope.get());
                return;
            }
        } catch (IOException e) {
            log.atDebug().addKeyValue("error", e.getMessage()).log("datagram-is-no-envelope");
        }
        invalid.increment();
    }

    /** Datagrams that were no envelope. */
    public long invalid() {
        return invalid.sum();
    }

    @Override
    public void close() {
        socket.close();
    }
}
