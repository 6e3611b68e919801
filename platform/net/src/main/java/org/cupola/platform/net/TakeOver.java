package org.cupola.platform.net;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that starts takes the ports of one that is about to stop, in an order in which no connection is lost: the new
 * one, ready, directs all new connections to itself; the old one, told to stop, directs to the new one whatever may still
 * come to itself, goes on accepting what had begun before, for {@link #settle} at least, and only then stops listening.
 *
 * <p>Guarded by its lock; looks at the system's tables on the given timer's thread.
 */
public final class TakeOver {
    private static final Logger log = LoggerFactory.getLogger(TakeOver.class);

    /** Longer than the handshake of any client that is worth waiting for, and than a first packet sent again. */
    private static final long SETTLE_MILLIS = 1500;

    /** Many ports are opened at once, and one look serves them all. */
    private static final long FIRST_LOOK_MILLIS = 50;

    private static final long LOOK_MILLIS = 1000;

    private final ScheduledExecutorService timers;

    @GuardedBy("this")
    private final Set<SharedPort> ports = new LinkedHashSet<>();

    @GuardedBy("this")
    private final Set<SharedPort> fresh = new HashSet<>();

    @GuardedBy("this")
    private final Set<SharedPort> contested = new HashSet<>();

    @GuardedBy("this")
    private boolean looking;

    @GuardedBy("this")
    private boolean leaving;

    public TakeOver(ScheduledExecutorService timers) {
        this.timers = timers;
    }

    /**
     * We listen and serve there.
     *
     * @param foundTaken whether others may have listened there before us; then we take all new connections, until the
     *                   port is our own
     */
    public synchronized void opened(SharedPort port, boolean foundTaken) {
        ports.add(port);
        if (foundTaken) {
            fresh.add(port);
            lookIn(FIRST_LOOK_MILLIS);
        }
    }

    /** Stops listening there. Unless we have given way, it is thought that others will do so too. */
    public synchronized void close(Collection<SharedPort> closing) {
        closing.forEach(ports::remove);
        closing.forEach(fresh::remove);
        closing.forEach(contested::remove);
        ListeningSockets now = leaving && !closing.isEmpty() ? ListeningSockets.read() : ListeningSockets.NONE;
        closing.forEach(port -> port.close(now));
    }

    @GuardedBy("this")
    private void lookIn(long millis) {
        if (!looking && !leaving) {
            looking = true;
            try {
                timers.schedule(this::look, millis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                log.atDebug().setCause(e).log("stopping-already");
            }
        }
    }

    private synchronized void look() {
        looking = false;
        if (leaving) {
            return;
        }
        ListeningSockets now = ListeningSockets.read();
        takeFresh(now);
        contested.removeIf(port -> {
            boolean alone = !port.isShared(now);
            if (alone) {
                port.release();
            }
            return alone;
        });
        if (!contested.isEmpty()) {
            lookIn(LOOK_MILLIS);
        }
    }

    @GuardedBy("this")
    private void takeFresh(ListeningSockets now) {
        List<SharedPort> shared =
                fresh.stream().filter(port -> port.isShared(now)).toList();
        fresh.clear();
        if (!shared.isEmpty()) {
            boolean all = true;
            for (SharedPort port : shared) {
                all &= port.takeOver(now);
            }
            contested.addAll(shared);
            log.atInfo()
                    .addKeyValue("ports", shared.size())
                    .addKeyValue("complete", all)
                    .log("took-over");
        }
    }

    /**
     * We are about to stop listening, so new connections go to others where there are any.
     *
     * @return whether there are; then {@link #settle} must pass before we stop
     */
    public synchronized boolean giveWay() {
        leaving = true;
        ListeningSockets now = ListeningSockets.read();
        boolean any = false;
        for (SharedPort port : ports) {
            any |= port.giveWay(now);
        }
        if (any) {
            log.atInfo().log("gave-way");
        }
        return any;
    }

    /** Lets come what is on its way to our own sockets. */
    public static void settle() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
    }
}
