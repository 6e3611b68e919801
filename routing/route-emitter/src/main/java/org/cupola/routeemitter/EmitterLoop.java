package org.cupola.routeemitter;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread on which the routing table lives; everything that touches it is handed over here and done in order. Any
 * thread may hand over.
 */
final class EmitterLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EmitterLoop.class);
    private static final int CAPACITY = 4096;

    private final BlockingQueue<Runnable> tasks = new ArrayBlockingQueue<>(CAPACITY);
    private final Thread thread =
            Thread.ofPlatform().daemon().name("route-emitter").unstarted(this::run);
    private volatile boolean closed;

    void start() {
        thread.start();
    }

    /** Waits while the loop is far behind, so that the sender of too many events is slowed down. */
    void run(Runnable task) throws InterruptedException {
        tasks.put(task);
    }

    /** As {@link #run}, and waits until it is done, or this loop is closed. */
    void runAndWait(Runnable task) throws InterruptedException {
        var done = new CountDownLatch(1);
        tasks.put(() -> {
            try {
                task.run();
            } finally {
                done.countDown();
            }
        });
        boolean over = false;
        while (!over) {
            over = done.await(100, TimeUnit.MILLISECONDS) || closed;
        }
    }

    private void run() {
        while (!closed) {
            try {
                tasks.take().run();
            } catch (InterruptedException e) {
                return; // closed
            } catch (RuntimeException e) {
                log.atError().setCause(e).log("emitter-loop-failure"); // one bad record must not end routing
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
