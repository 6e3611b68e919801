package org.cupola.rep.container;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The cell's pool of host ports. A port that was given back is not handed out again before the whole range has been gone through,
 * so that a router with an old route meets a closed port and not another application. Guarded by its lock.
 */
final class HostPorts {
    private final int first;
    private final int count;

    @GuardedBy("this")
    private final Set<Integer> taken = new HashSet<>();

    @GuardedBy("this")
    private int next;

    HostPorts(int first, int count) {
        this.first = first;
        this.count = count;
    }

    /** @param offset into the range to begin at: where an earlier run stopped, or anywhere */
    synchronized void beginAt(int offset) {
        next = Math.floorMod(offset, count);
    }

    /** Where the next search begins. */
    synchronized int offset() {
        return next;
    }

    /** A port that nobody listens on now; none when the range is used up. */
    synchronized OptionalInt take() {
        for (int tries = 0; tries < count; tries++) {
            int port = first + next;
            next = (next + 1) % count;
            if (!taken.contains(port) && free(port)) {
                taken.add(port);
                return OptionalInt.of(port);
            }
        }
        return OptionalInt.empty();
    }

    synchronized void giveBack(int port) {
        taken.remove(port);
    }

    /** Bound to every address: what one application opened on loopback only is taken as well. */
    private static boolean free(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
