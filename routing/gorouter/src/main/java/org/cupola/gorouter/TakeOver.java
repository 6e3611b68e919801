package org.cupola.gorouter;

import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.net.SharedPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A router that starts takes the ports of one that is about to drain, in an order in which no connection is lost: the new
 * one, ready, directs all new connections to itself; the old one goes on accepting those that had begun before, for
 * {@link #SETTLE_MILLIS} at least, and only then stops listening.
 */
final class TakeOver {
    private static final Logger log = LoggerFactory.getLogger(TakeOver.class);

    /** Longer than the handshake of any client that is worth waiting for, and than a first packet sent again. */
    private static final long SETTLE_MILLIS = 1500;

    private static final long LOOK_SECONDS = 1;

    private TakeOver() {}

    /** For the new one, when it is ready: takes all new connections, until the ports are its own. */
    static void begin(List<SharedPort> ports, ScheduledExecutorService timers) {
        List<SharedPort> shared = ports.stream().filter(SharedPort::isShared).toList();
        if (shared.isEmpty()) {
            return;
        }
        boolean all = true;
        for (SharedPort port : shared) {
            all &= port.takeOver();
        }
        log.atInfo().addKeyValue("complete", all).log("gorouter.took-over");
        shared.forEach(port -> releaseWhenAlone(port, timers));
    }

    private static void releaseWhenAlone(SharedPort port, ScheduledExecutorService timers) {
        timers.schedule(
                () -> {
                    if (port.isShared()) {
                        releaseWhenAlone(port, timers);
                    } else {
                        port.release();
                    }
                },
                LOOK_SECONDS,
                TimeUnit.SECONDS);
    }

    /** For the old one, before it stops listening: lets come what is on its way to its own sockets. */
    static void settle(List<SharedPort> ports) throws InterruptedException {
        if (ports.stream().anyMatch(SharedPort::isShared)) {
            TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
        }
    }
}
