package org.cupola.launcher;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cupola.platform.lifecycle.Signals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How signals end the router's process: the first one does, with exit code 0; those after it change nothing. Any thread. */
final class Ending {
    private static final Logger log = LoggerFactory.getLogger(Ending.class);

    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Integer> code = new CompletableFuture<>();

    /** @param stop what is done before the process ends; may block */
    void on(String signal, Runnable stop) {
        Signals.on(signal, () -> {
            if (!begun.compareAndSet(false, true)) {
                log.atInfo().addKeyValue("signal", signal).log("gorouter.signal.ignored");
                return;
            }
            stop.run();
            log.atInfo().log("gorouter.exited");
            code.complete(0);
            System.exit(0);
        });
    }

    /** Whether a signal has come. */
    boolean hasBegun() {
        return begun.get();
    }

    /** The exit code, once everything is stopped. */
    int await() {
        return code.join();
    }
}
