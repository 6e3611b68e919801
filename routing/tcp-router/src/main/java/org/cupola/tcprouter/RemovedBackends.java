package org.cupola.tcprouter;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.net.Relay;

/**
 * Closes what is still open to a backend some time after its route was removed, if that is wanted. Any thread.
 */
final class RemovedBackends {
    private final Duration timeout;
    private final ScheduledExecutorService timer;
    private final Map<Backend, Set<Relay>> relays = new ConcurrentHashMap<>();

    /** @param timeout zero means that connections are left alone, and not even remembered */
    RemovedBackends(Duration timeout, ScheduledExecutorService timer) {
        this.timeout = timeout;
        this.timer = timer;
    }

    void opened(Backend backend, Relay relay) {
        if (!timeout.isZero()) {
            relays.computeIfAbsent(backend, key -> ConcurrentHashMap.newKeySet())
                    .add(relay);
        }
    }

    void closed(Backend backend, Relay relay) {
        if (!timeout.isZero()) {
            relays.computeIfPresent(backend, (key, open) -> {
                open.remove(relay);
                return open.isEmpty() ? null : open;
            });
        }
    }

    void removed(Backend backend) {
        if (!timeout.isZero()) {
            timer.schedule(
                    () -> relays.getOrDefault(backend, Set.of()).forEach(Relay::close),
                    timeout.toNanos(),
                    TimeUnit.NANOSECONDS);
        }
    }
}
