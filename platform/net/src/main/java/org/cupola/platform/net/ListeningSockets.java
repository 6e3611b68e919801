package org.cupola.platform.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many sockets listened on each address at one moment, those of all processes in our network namespace, as Linux tells
 * in {@code /proc/net}; elsewhere none are known. Immutable.
 */
public final class ListeningSockets {
    private static final Logger log = LoggerFactory.getLogger(ListeningSockets.class);
    private static final String TCP_LISTEN = "0A";
    private static final String UDP_UNCONNECTED = "07";

    /** For who does not need to know. */
    static final ListeningSockets NONE = new ListeningSockets();

    private final Map<Place, Integer> counts = new HashMap<>();

    private record Place(boolean datagrams, String address, int port) {}

    private ListeningSockets() {}

    /** Reads all of the system's tables: some milliseconds where there are thousands of connections. */
    public static ListeningSockets read() {
        var sockets = new ListeningSockets();
        for (String table : List.of("tcp", "tcp6")) {
            sockets.add(Path.of("/proc/net", table), TCP_LISTEN, false);
        }
        for (String table : List.of("udp", "udp6")) {
            sockets.add(Path.of("/proc/net", table), UDP_UNCONNECTED, true);
        }
        return sockets;
    }

    /** On exactly this address and port; 0 when nobody says. */
    int count(InetSocketAddress address, boolean datagrams) {
        return counts.getOrDefault(new Place(datagrams, text(address.getAddress()), address.getPort()), 0);
    }

    private void add(Path table, String state, boolean datagrams) {
        try (var lines = Files.lines(table)) {
            lines.forEach(line -> add(line.strip().split("\\s+", 5), state, datagrams));
        } catch (IOException e) {
            log.atDebug().setCause(e).log("no-table-of-sockets");
        }
    }

    /** @param columns number, local address, remote address, state and more */
    private void add(String[] columns, String state, boolean datagrams) {
        if (columns.length > 3 && columns[3].equals(state)) {
            int colon = columns[1].indexOf(':');
            var place = new Place(
                    datagrams,
                    text(bytes(columns[1].substring(0, colon))),
                    Integer.parseInt(columns[1].substring(colon + 1), 16));
            counts.merge(place, 1, Integer::sum);
        }
    }

    /** The table shows addresses as 32-bit numbers in the machine's byte order. */
    private static byte[] bytes(String hex) {
        ByteBuffer bytes = ByteBuffer.allocate(hex.length() / 2).order(ByteOrder.nativeOrder());
        for (int at = 0; at < hex.length(); at += 8) {
            bytes.putInt(Integer.parseUnsignedInt(hex, at, at + 8, 16));
        }
        return bytes.array();
    }

    private static String text(InetAddress address) {
        return text(address.getAddress());
    }

    /** IPv4 addresses as such, and one form for the addresses that mean all. */
    private static String text(byte[] address) {
        boolean mapped = address.length == 16 && address[10] == -1 && address[11] == -1;
        byte[] plain = mapped ? Arrays.copyOfRange(address, 12, 16) : address;
        for (byte b : plain) {
            if (b != 0) {
                return Arrays.toString(plain);
            }
        }
        return "all";
    }
}
