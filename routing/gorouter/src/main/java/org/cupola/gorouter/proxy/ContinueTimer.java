package org.cupola.gorouter.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a backend to react to {@code Expect: 100-continue}; after a second of silence the client is told to go on
 * all the same. Confined to its event loop.
 */
final class ContinueTimer {
    private final EventLoop eventLoop;
    private final Runnable silence;
    private @Nullable Future<?> running;

    ContinueTimer(EventLoop eventLoop, Runnable silence) {
        this.eventLoop = eventLoop;
        this.silence = silence;
    }

    void start() {
        running = eventLoop.schedule(silence, 1, TimeUnit.SECONDS);
    }

    /** Does nothing when it does not run. */
    void stop() {
        Future<?> waiting = running;
        if (waiting != null) {
            running = null;
            waiting.cancel(false);
        }
    }
}
