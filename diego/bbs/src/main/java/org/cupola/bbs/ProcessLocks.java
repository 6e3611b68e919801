package org.cupola.bbs;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * One change at a time per process or task, from its transaction to its events, so that events leave in the order of
 * their commits. Names share a fixed number of locks; nobody holds two. Any thread.
 */
final class ProcessLocks {
    private static final int STRIPES = 1024;

    private final ReentrantLock[] locks =
            Stream.generate(ReentrantLock::new).limit(STRIPES).toArray(ReentrantLock[]::new);

    <T> T with(String guid, Supplier<T> change) {
        ReentrantLock lock = locks[Math.floorMod(guid.hashCode(), STRIPES)];
        lock.lock();
        try {
            return change.get();
        } finally {
            lock.unlock();
        }
    }
}
