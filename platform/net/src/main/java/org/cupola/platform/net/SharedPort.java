package org.cupola.platform.net;

import io.netty.channel.Channel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
 * the newcomer takes the filter away ({@link #release}). Immutable, any thread.
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
    private final List<Channel> own;

    /** @param own this process's listening sockets, all bound to one address; at least one */
    public SharedPort(List<Channel> own) {
        this.own = List.copyOf(own);
        this.address = (InetSocketAddress) own.getFirst().localAddress();
    }

    /**
     * Sharing hides that someone else has a port; asking for it alone shows it.
     *
     * @throws IOException when someone has it
     */
    public static void refuseTaken(InetSocketAddress address) throws IOException {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        }
    }

    /** Whether sockets other than ours listen on it; false where that cannot be told. */
    public boolean isShared() {
        return listeners() > own.size();
    }

    /**
     * Directs all new connections to our sockets, which must be the last that began to listen.
     *
     * @return false when the system does not let us; then all go on sharing
     */
    public boolean takeOver() {
        int others = listeners() - own.size();
        return others <= 0 || attach(others);
    }

    /** Undoes {@link #takeOver}. To be called when the others have gone: their places among the sockets are ours now. */
    public void release() {
        try {
            own.getFirst().config().setOption(DETACH, 0);
        } catch (RuntimeException e) {
            // As it is, the filter names places that are not there, which the kernel takes for no answer.
            log.atDebug().setCause(e).log("shared-port-filter-not-removed");
        }
    }

    /** The kernel takes the filter's answer for the number of a socket, in the order in which they began to listen. */
    private boolean attach(int others) {
        ByteBuffer filter =
                ByteBuffer.allocateDirect(INSTRUCTIONS * INSTRUCTION_BYTES).order(ByteOrder.nativeOrder());
        instruction(filter, LOAD_WORD, RANDOM);
        instruction(filter, MODULO, own.size());
        instruction(filter, ADD, others);
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

    /** Sockets that listen on exactly this address, of all processes in our network namespace; 0 when nobody says. */
    private int listeners() {
        int count = 0;
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            try {
                for (String line : Files.readAllLines(Path.of(table))) {
                    count += isListener(line.strip().split("\\s+")) ? 1 : 0;
                }
            } catch (IOException e) {
                log.atDebug().setCause(e).log("no-table-of-sockets");
            }
        }
        return count;
    }

    /** @param columns number, local address, remote address, state and more */
    private boolean isListener(String[] columns) {
        if (columns.length < 4 || !columns[3].equals("0A")) {
            return false;
        }
        int colon = columns[1].indexOf(':');
        return Integer.parseInt(columns[1].substring(colon + 1), 16) == address.getPort()
                && Arrays.equals(bytes(columns[1].substring(0, colon)), unmapped(address.getAddress()));
    }

    /** The table shows addresses as 32-bit numbers in the machine's byte order. */
    private static byte[] bytes(String hex) {
        ByteBuffer bytes = ByteBuffer.allocate(hex.length() / 2).order(ByteOrder.nativeOrder());
        for (int at = 0; at < hex.length(); at += 8) {
            bytes.putInt(Integer.parseUnsignedInt(hex, at, at + 8, 16));
        }
        return unmapped(bytes.array());
    }

    private static byte[] unmapped(InetAddress address) {
        return unmapped(address.getAddress());
    }

    /** IPv4 addresses as such, and one form for the addresses that mean all. */
    private static byte[] unmapped(byte[] address) {
        boolean mapped = address.length == 16 && address[10] == -1 && address[11] == -1;
        byte[] plain = mapped ? Arrays.copyOfRange(address, 12, 16) : address;
        for (byte b : plain) {
            if (b != 0) {
                return plain;
            }
        }
        return new byte[4];
    }
}
