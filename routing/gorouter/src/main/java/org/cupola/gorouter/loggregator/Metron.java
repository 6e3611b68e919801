package org.cupola.gorouter.loggregator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends datagrams to a Loggregator agent from one thread of its own. Nobody waits for it: when it falls behind, or nobody
 * listens at the other end, datagrams are lost and counted. Any thread.
 */
public final class Metron implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Metron.class);
    private static final int MAX_BLOCKS = 64;

    private final DatagramBlock last = new DatagramBlock();
    private final InetSocketAddress address;
    private final DatagramChannel channel;
    private final BlockingQueue<DatagramBlock> full = new ArrayBlockingQueue<>(MAX_BLOCKS);
    private final BlockingQueue<DatagramBlock> empty = new ArrayBlockingQueue<>(MAX_BLOCKS);
    private final LongAdder sent = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final Thread sender =
            Thread.ofPlatform().daemon().name("loggregator").unstarted(this::run);
    private volatile boolean reachable = true;

    // Confined to the sender's thread.
    private int goneThrough;

    private Metron(InetSocketAddress address, DatagramChannel channel) {
        this.address = address;
        this.channel = channel;
    }

    /**
     * Whether somebody listens there matters not.
     *
     * @throws IOException when the address cannot be used, such as for a name that nobody knows
     */
    public static Metron to(InetSocketAddress address) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("no address is known for " + address.getHostString());
        }
        DatagramChannel channel = DatagramChannel.open();
        try {
            channel.connect(address);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        var metron = new Metron(address, channel);
        metron.sender.start();
        return metron;
    }

    /** Datagrams that went out. */
    public long sent() {
        return sent.sum();
    }

    /** Events that were lost. */
    public long dropped() {
        return dropped.sum();
    }

    void dropped(int events) {
        dropped.add(events);
    }

    boolean isReachable() {
        return reachable;
    }

    DatagramBlock spare() {
        DatagramBlock spare = empty.poll();
        return spare == null ? new DatagramBlock() : spare;
    }

    /** Takes over the block and gives another to fill. */
    DatagramBlock offer(DatagramBlock block) {
        if (full.offer(block)) {
            return spare();
        }
        dropped.add(block.count());
        block.clear();
        return block;
    }

    private void run() {
        try {
            for (DatagramBlock block = full.take(); block != last; block = full.take()) {
                block.forEach(this::send);
                block.clear();
                empty.offer(block);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(ByteBuffer datagram) {
        try {
            channel.write(datagram);
            wentThrough();
        } catch (PortUnreachableException e) {
            refused(datagram);
        } catch (IOException e) {
            dropped.increment();
            log.atDebug().setCause(e).log("loggregator-send-failed");
        }
    }

    /** That nobody listens is told with the datagram after the one that was refused: two in a row must go through. */
    private void wentThrough() {
        sent.increment();
        if (!reachable && ++goneThrough == 2) {
            reachable = true;
            log.atInfo().addKeyValue("address", address.toString()).log("loggregator-agent-reachable");
        }
    }

    private void refused(ByteBuffer datagram) {
        goneThrough = 0;
        dropped.increment();
        if (reachable) {
            reachable = false;
            log.atWarn().addKeyValue("address", address.toString()).log("loggregator-agent-unreachable");
        }
        try {
            channel.write(datagram.rewind()); // the error was the one before's; this one may find somebody
            sent.increment();
        } catch (IOException e) {
            dropped.increment();
            log.atDebug().setCause(e).log("loggregator-send-failed");
        }
    }

    /** Sends what was handed over before. */
    @Override
    public void close() throws IOException {
        try {
            full.put(last);
            sender.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        channel.close();
    }
}
