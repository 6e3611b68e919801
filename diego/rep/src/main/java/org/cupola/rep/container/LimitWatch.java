package org.cupola.rep.container;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at what containers use, and ends one that uses more memory or disk than it may.
 *
 * <p>Memory is the sum of what its processes hold resident, read for all containers in one pass over {@code /proc}; where that is
 * too much, shared pages are counted in part before anything is ended. Between two
 * passes a process may exceed its limit; the kernel is not asked to prevent it. While no container is near its limit, the passes are
 * four times as far apart. One thread; each pass is followed by a rest
 * of at least twenty times its own duration, so that looking never costs more than a twentieth of a core.
 */
final class LimitWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LimitWatch.class);
    private static final int REST_FACTOR = 20;
    private static final int CALM_FACTOR = 4;

    private final Supplier<Collection<ProcessContainer>> containers;
    private final Duration memoryInterval;
    private final Duration diskInterval;
    private final Map<String, Long> diskBytes = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();

    LimitWatch(Supplier<Collection<ProcessContainer>> containers, Duration memoryInterval, Duration diskInterval) {
        this.containers = containers;
        this.memoryInterval = memoryInterval;
        this.diskInterval = diskInterval;
    }

    synchronized void start() {
        if (ProcessTable.isThere()) {
            threads.add(thread("memory-watch", memoryInterval, this::lookAtMemory));
        }
        threads.add(thread("disk-watch", diskInterval, this::lookAtDisk));
        threads.forEach(Thread::start);
    }

    @Override
    public synchronized void close() {
        threads.forEach(Thread::interrupt);
        threads.clear();
    }

    Map<String, ContainerUsage> usage() {
        Map<String, ContainerUsage> usage = new HashMap<>();
        bySession()
                .forEach((container, sum) -> usage.put(
                        container.handle(),
                        new ContainerUsage(
                                sum.cpuNanos,
                                sum.residentBytes,
                                diskBytes.getOrDefault(container.handle(), 0L),
                                sum.entries.size())));
        return usage;
    }

    private static final class Sum {
        private long cpuNanos;
        private long residentBytes;
        private final List<ProcessTable.Entry> entries = new ArrayList<>();

        /** Workers that were forked from one process share most of it, so the plain sum may be far too high. */
        private long proportionalBytes() {
            return entries.stream()
                    .mapToLong(
                            entry -> ProcessTable.proportionalBytes(entry.pid()).orElse(entry.residentBytes()))
                    .sum();
        }
    }

    private Map<ProcessContainer, Sum> bySession() {
        Map<Long, ProcessContainer> owners = new HashMap<>();
        Map<ProcessContainer, Sum> sums = new HashMap<>();
        for (ProcessContainer container : containers.get()) {
            sums.put(container, new Sum());
            container.sessions().forEach(session -> owners.put(session, container));
        }
        if (owners.isEmpty()) {
            return sums;
        }
        for (ProcessTable.Entry entry : ProcessTable.read()) {
            ProcessContainer owner = owners.get(entry.session());
            if (owner != null) {
                Sum sum = sums.computeIfAbsent(owner, container -> new Sum());
                sum.cpuNanos += entry.cpuNanos();
                sum.residentBytes += entry.residentBytes();
                sum.entries.add(entry);
            }
        }
        return sums;
    }

    /** How many intervals until the next look. */
    private int lookAtMemory() {
        if (containers.get().stream().noneMatch(container -> container.memoryLimitBytes() > 0)) {
            return 1;
        }
        Map<ProcessContainer, Sum> sums = bySession();
        sums.forEach((container, sum) -> {
            long limit = container.memoryLimitBytes();
            if (limit > 0 && sum.residentBytes > limit && sum.proportionalBytes() > limit) {
                log.atWarn()
                        .addKeyValue("guid", container.handle())
                        .addKeyValue("resident_bytes", sum.residentBytes)
                        .addKeyValue("limit_bytes", limit)
                        .log("container-out-of-memory");
                container.end(Container.Breach.OUT_OF_MEMORY);
            }
        });
        boolean near = sums.entrySet().stream()
                .anyMatch(entry -> entry.getKey().memoryLimitBytes() > 0
                        && entry.getValue().residentBytes > entry.getKey().memoryLimitBytes() / 2);
        return near ? 1 : CALM_FACTOR;
    }

    /** How many intervals until the next look. */
    private int lookAtDisk() {
        List<String> seen = new ArrayList<>();
        for (ProcessContainer container : containers.get()) {
            seen.add(container.handle());
            try {
                long size = FileTrees.size(container.root());
                diskBytes.put(container.handle(), size);
                long limit = container.diskLimitBytes();
                if (limit > 0 && size > limit) {
                    log.atWarn()
                            .addKeyValue("guid", container.handle())
                            .addKeyValue("used_bytes", size)
                            .addKeyValue("limit_bytes", limit)
                            .log("container-out-of-disk");
                    container.end(Container.Breach.OUT_OF_DISK);
                }
            } catch (IOException e) {
                log.atDebug()
                        .setCause(e)
                        .addKeyValue("guid", container.handle())
                        .log("disk-not-measured");
            }
        }
        diskBytes.keySet().retainAll(seen);
        return 1;
    }

    private static Thread thread(String name, Duration interval, IntSupplier look) {
        return Thread.ofPlatform().daemon().name(name).unstarted(() -> {
            try {
                while (true) {
                    long start = System.nanoTime();
                    int intervals = look.getAsInt();
                    long rest = (System.nanoTime() - start) * REST_FACTOR;
                    Thread.sleep(Duration.ofNanos(Math.max(interval.toNanos() * intervals, rest)));
                }
            } catch (InterruptedException e) {
                // closed
            }
        });
    }
}
