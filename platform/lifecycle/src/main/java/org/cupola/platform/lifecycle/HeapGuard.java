package org.cupola.platform.lifecycle;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.time.Duration;
import java.util.Optional;

/**
 * Keeps the memory of a process in proportion to what lives in it.
 *
 * <p>HotSpot's serial collector, which needs the least memory and CPU beside a small heap, collects its old generation only
 * when the heap can grow no further, by default at a quarter of the machine's memory. Whatever lives for longer than some
 * young collections, as connections and endpoints do, therefore becomes resident memory even though it is garbage soon
 * after. The guard asks for a collection as soon as that garbage could be as much as what lived after the last one.
 *
 * <p>A collection stops the process for about 2 ms per MB that lives, and there is at most one in each {@link #INTERVAL}. Under
 * {@code -XX:+DisableExplicitGC} nothing is collected; other collectors bound themselves, so with them nothing is watched.
 */
public final class HeapGuard {
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    /** Less is not worth a pause. */
    private static final long LEAST_GARBAGE_BYTES = 24 << 20;

    private HeapGuard() {}

    /** Watches until the process ends, on a daemon thread of its own. */
    public static void watch() {
        watch(INTERVAL);
    }

    static void watch(Duration interval) {
        Thread.ofPlatform().daemon().name("heap-guard").start(() -> {
            try {
                Thread.sleep(interval); // a process that starts has better things to do
                Optional<MemoryPoolMXBean> old = oldGeneration();
                while (old.isPresent()) {
                    collectIfNeeded(old.get());
                    Thread.sleep(interval);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Empty unless the serial collector is in use. */
    static Optional<MemoryPoolMXBean> oldGeneration() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getName().equals("Tenured Gen"))
                .findFirst();
    }

    private static void collectIfNeeded(MemoryPoolMXBean old) {
        if (mayHoldTooMuch(old.getUsage().getUsed(), old.getCollectionUsage().getUsed())) {
            System.gc();
        }
    }

    /**
     * @param used  bytes in the old generation now
     * @param lived bytes that were left in it by its last collection; 0 before the first
     */
    static boolean mayHoldTooMuch(long used, long lived) {
        return used - lived > Math.max(lived, LEAST_GARBAGE_BYTES);
    }
}
