package org.cupola.gorouter;

import java.util.function.Consumer;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.RouterSubjects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where messages about routes arrive. Most repeat what is known: they are done with on the NATS client's thread. The others,
 * and all that come while others wait, go to a thread of their own, which is at work on one while the next arrives. So
 * messages take effect in the order in which they came.
 */
final class RouteInbox implements NatsBus.Handler, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RouteInbox.class);

    private static final int MOST_WAITING = 1024;

    private final RouteTable table;
    private final RouteSubscriber subscriber;
    private final PendingMessages pending =
            PendingMessages.forHeap(Runtime.getRuntime().maxMemory());
    private final Thread reader;

    /** @param failure hears of what ends the thread, after which no route changes any more */
    RouteInbox(RouteTable table, RouteSubscriber subscriber, Consumer<Throwable> failure) {
        this.table = table;
        this.subscriber = subscriber;
        this.reader = Thread.ofPlatform()
                .daemon()
                .name("gorouter-registrations")
                .uncaughtExceptionHandler((_, e) -> failure.accept(e))
                .start(this::read);
    }

    /** Confined to the thread of one subscription. Waits only when a great many messages wait. */
    @Override
    public void handle(String subject, String replyTo, byte[] data) {
        boolean registers = subject.equals(RouterSubjects.REGISTER);
        if (!registers && !subject.equals(RouterSubjects.UNREGISTER)) {
            return; // greetings and the announcements of other routers
        }
        long fingerprint = registers ? table.fingerprint(data) : 0;
        if (!registers || pending.isBusy() || !subscriber.refresh(fingerprint)) {
            append(registers, fingerprint, data);
        }
    }

    private void append(boolean registers, long fingerprint, byte[] data) {
        try {
            pending.append(registers, fingerprint, data);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the connection is being closed
        }
    }

    /** They are put off faster than they can be read. */
    @Override
    public int mostWaiting() {
        return MOST_WAITING;
    }

    @Override
    public long pending() {
        return pending.count();
    }

    private void read() {
        try {
            pending.readAll(this::apply);
        } catch (InterruptedException e) {
            log.atDebug().log("registrations-interrupted");
        }
    }

    private void apply(boolean registers, long fingerprint, byte[] bytes, int length) {
        try {
            subscriber.apply(registers, fingerprint, bytes, length);
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("registration-failed"); // the next ones count all the same
        }
    }

    @Override
    public void close() {
        pending.close();
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
