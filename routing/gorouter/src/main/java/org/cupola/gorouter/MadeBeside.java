package org.cupola.gorouter;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A part that takes a while to make, made on a thread of its own while something else is done: a start is as long as what
 * has to happen one after the other.
 */
final class MadeBeside<T extends AutoCloseable> {
    private final FutureTask<T> making;

    MadeBeside(String thread, Callable<T> maker) {
        making = new FutureTask<>(maker);
        Thread.ofPlatform().daemon().name(thread).start(making);
    }

    /** Does something meanwhile; if that fails, the part is closed. */
    <U> U meanwhile(Callable<U> other) throws Exception {
        try {
            return other.call();
        } catch (Exception e) {
            try {
                making.get().close();
            } catch (Exception second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    /** Blocks until it is there; throws what its maker threw. */
    T get() throws Exception {
        try {
            return making.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }
}
