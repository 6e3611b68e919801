package org.cupola.platform.net;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.channel.Channel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port that this process listens on with one or more sockets while another process may do the same (SO_REUSEPORT): how
 * to tell, and how to take over from the other one without losing a connection.
 *
 * <p>Linux spreads new connections over all listening sockets of a port, and what waits in a socket's queue is reset when
 * that socket is closed. So the newcomer first directs all new connections to itself ({@link #takeOver}), by a filter
 * that the kernel asks for each of them; the old process accepts what had come to it before, and then closes. Afterwards
 * the newcomer takes the filter away ({@link #release}). The old one does its part as well ({@link #giveWay}, {@link
 * #close}), for a port that it opened after the newcomer. The same for UDP, where it is datagrams that are directed.
 *
 * <p>The filter names a socket by its place among those of the port. A socket is placed behind all others when it begins to
 * listen; when one is closed, the last is put into its place. Guarded by its lock.
 */
public final class SharedPort {
    private static final Logger log = LoggerFactory.getLogger(SharedPort.class);

    // Numbers of Linux, the same on every architecture that Netty's transports exist for.
    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;
    private static final int SO_DETACH_REUSEPORT_BPF = 68;
    private static final int LOAD_WORD = 0x20;
    private static final int MODULO = 0x94;
    private static final int ADD = 0x04;
    private static final int RETURN_ACCUMULATOR = 0x16;
    private static final int RANDOM = 0xfffff000 + 56;
    private static final int INSTRUCTIONS = 4;
    private static final int INSTRUCTION_BYTES = 8;
    private static final int PROGRAM_BYTES = 16;

    private static final RawUnixChannelOption ATTACH =
            new RawUnixChannelOption("SO_ATTACH_REUSEPORT_CBPF", SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, PROGRAM_BYTES);
    private static final IntegerUnixChannelOption DETACH =
            new IntegerUnixChannelOption("SO_DETACH_REUSEPORT_BPF", SOL_SOCKET, SO_DETACH_REUSEPORT_BPF);

    private final InetSocketAddress address;
    private final boolean datagrams;

    @GuardedBy("this")
    private final List<Channel> own;

    @GuardedBy("this")
    private boolean behindOthers;

    /** @param own this process's listening sockets in the order in which they were bound, all to one address; at least one */
    public SharedPort(List<? extends Channel> own) {
        this.own = new ArrayList<>(own);
        this.address = (InetSocketAddress) own.getFirst().localAddress();
        this.datagrams = own.getFirst() instanceof DatagramChannel;
    }

    /**
     * Sharing hides that someone else has a port; asking for it alone shows it.
     *
     * @throws IOException when someone has it
     */
    public static void refuseTaken(InetSocketAddress address) throws IOException {
        try (var probe = new Socket()) {
            probe.setReuseAddress(true);
            probe.bind(address); // but does not listen
        }
    }

    /** Whether someone has it, ourselves included. */
    public static boolean isTaken(InetSocketAddress address) {
        try {
            refuseTaken(address);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** The same for UDP. */
    public static boolean isTakenForDatagrams(InetSocketAddress address) {
        try (var _ = new DatagramSocket(address)) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Whether sockets other than ours listen on it; false where that cannot be told. */
    public boolean isShared() {
        return isShared(ListeningSockets.read());
    }

    synchronized boolean isShared(ListeningSockets now) {
        return others(now) > 0;
    }

    /**
     * Directs all new connections to our sockets, which must be the last that began to listen.
     *
     * @return false when the system does not let us; then all go on sharing
     */
    public boolean takeOver() {
        return takeOver(ListeningSockets.read());
    }

    synchronized boolean takeOver(ListeningSockets now) {
        int others = others(now);
        behindOthers = others > 0;
        return others == 0 || attach(others, own.size());
    }

    /** Undoes {@link #takeOver}. To be called when the others have gone: their places among the sockets are ours now. */
    public synchronized void release() {
        behindOthers = false;
        if (own.isEmpty()) {
            return;
        }
        try {
            own.getFirst().config().setOption(DETACH, 0);
        } catch (RuntimeException e) {
            // As it is, the filter names places that are not there, which the kernel takes for no answer.
            log.atDebug().setCause(e).log("shared-port-filter-not-removed");
        }
    }

    /** Directs all new connections to the others, if there are any: we are about to stop listening. */
    synchronized boolean giveWay(ListeningSockets now) {
        int others = others(now);
        return others > 0 && attach(behindOthers ? 0 : own.size(), others);
    }

    /**
     * Closes our sockets, and sees to it that meanwhile none of them is given a new connection that others can have.
     *
     * @param now as of a moment ago
     */
    public synchronized void close(ListeningSockets now) {
        List<Boolean> places = new ArrayList<>(Collections.nCopies(own.size(), true));
        places.addAll(behindOthers ? 0 : own.size(), Collections.nCopies(others(now), false));
        while (!own.isEmpty()) {
            int place = places.lastIndexOf(true);
            int others = places.indexOf(false); // the first of them stays where it is, if there are two
            if (others >= 0) {
                attach(others, 1);
            }
            own.removeLast().close().syncUninterruptibly();
            places.set(place, places.getLast());
            places.removeLast();
        }
    }

    /** The kernel takes the filter's answer for the place of a socket. */
    @GuardedBy("this")
    private boolean attach(int first, int count) {
        ByteBuffer filter =
                ByteBuffer.allocateDirect(INSTRUCTIONS * INSTRUCTION_BYTES).order(ByteOrder.nativeOrder());
        instruction(filter, LOAD_WORD, RANDOM);
        instruction(filter, MODULO, count);
        instruction(filter, ADD, first);
        instruction(filter, RETURN_ACCUMULATOR, 0);
        ByteBuffer program = ByteBuffer.allocateDirect(PROGRAM_BYTES).order(ByteOrder.nativeOrder());
        program.putShort(0, (short) INSTRUCTIONS);
        program.putLong(8, MemorySegment.ofBuffer(filter.flip()).address());
        try {
            return own.getFirst().config().setOption(ATTACH, program);
        } catch (RuntimeException e) {
            log.atWarn()
                    .addKeyValue("address", address.toString())
                    .addKeyValue("error", e.getMessage())
                    .log("shared-port-not-taken-over");
            return false;
        } finally {
            Reference.reachabilityFence(filter); // the kernel knows it by its address alone
        }
    }

    private static void instruction(ByteBuffer filter, int code, int operand) {
        filter.putShort((short) code).put((byte) 0).put((byte) 0).putInt(operand);
    }

    @GuardedBy("this")
    private int others(ListeningSockets now) {
        return own.isEmpty() ? 0 : Math.max(0, now.count(address, datagrams) - own.size());
    }
}
