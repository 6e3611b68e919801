package org.cupola.rep.executor;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.cupola.protocol.bbs.CellResources;
import org.cupola.rep.container.NetworkInfo;
import org.cupola.rep.executor.ExecutorException.Kind;

/**
 * All containers of the cell and what is left for more. A container's share is taken when it is reserved and comes back when it is
 * removed, so what is left never exceeds the total nor falls below zero. Guarded by its lock; knows no clock of its own.
 */
final class ContainerTable {
    private final CellResources total;

    @GuardedBy("this")
    private final Map<String, CellContainer> containers = new LinkedHashMap<>();

    @GuardedBy("this")
    private long freeMemoryMb;

    @GuardedBy("this")
    private long freeDiskMb;

    @GuardedBy("this")
    private int freeContainers;

    ContainerTable(CellResources total) {
        this.total = total;
        this.freeMemoryMb = total.memoryMb();
        this.freeDiskMb = total.diskMb();
        this.freeContainers = total.containers();
    }

    CellResources total() {
        return total;
    }

    synchronized CellResources remaining() {
        return new CellResources((int) freeMemoryMb, (int) freeDiskMb, freeContainers);
    }

    synchronized CellContainer reserve(Work work, Instant now) throws ExecutorException {
        if (containers.containsKey(work.guid())) {
            throw new ExecutorException(Kind.CONTAINER_GUID_NOT_AVAILABLE, work.guid());
        }
        if (work.memoryMb() > freeMemoryMb || work.diskMb() > freeDiskMb || freeContainers < 1) {
            throw new ExecutorException(Kind.INSUFFICIENT_RESOURCES, work.guid());
        }
        CellContainer reserved = CellContainer.reserved(work, now);
        containers.put(work.guid(), reserved);
        freeMemoryMb -= work.memoryMb();
        freeDiskMb -= work.diskMb();
        freeContainers--;
        return reserved;
    }

    CellContainer initialize(String guid, List<String> internalRoutes, Map<String, String> metricTags, Instant now)
            throws ExecutorException {
        return move(guid, ContainerState.INITIALIZING, old -> old.initializing(internalRoutes, metricTags, now));
    }

    CellContainer create(String guid, NetworkInfo network, Instant now) throws ExecutorException {
        return move(guid, ContainerState.CREATED, old -> old.created(network, now));
    }

    CellContainer run(String guid, boolean routable, Instant now) throws ExecutorException {
        return move(guid, ContainerState.RUNNING, old -> old.running(routable, now));
    }

    CellContainer complete(String guid, RunResult result, Instant now) throws ExecutorException {
        return move(guid, ContainerState.COMPLETED, old -> old.completed(result, now));
    }

    /** Empty when nothing changed: it does not run, or is so already. */
    synchronized Optional<CellContainer> routable(String guid, boolean routable) {
        CellContainer old = containers.get(guid);
        if (old == null || old.state() != ContainerState.RUNNING || old.routable() == routable) {
            return Optional.empty();
        }
        CellContainer changed = old.withRoutable(routable);
        containers.put(guid, changed);
        return Optional.of(changed);
    }

    synchronized CellContainer update(String guid, UnaryOperator<CellContainer> change) throws ExecutorException {
        CellContainer changed = change.apply(existing(guid));
        containers.put(guid, changed);
        return changed;
    }

    private synchronized CellContainer move(String guid, ContainerState next, UnaryOperator<CellContainer> change)
            throws ExecutorException {
        CellContainer old = existing(guid);
        if (!old.state().mayBecome(next)) {
            throw new ExecutorException(Kind.INVALID_STATE_TRANSITION, guid);
        }
        CellContainer changed = change.apply(old);
        containers.put(guid, changed);
        return changed;
    }

    @GuardedBy("this")
    private CellContainer existing(String guid) throws ExecutorException {
        CellContainer found = containers.get(guid);
        if (found == null) {
            throw new ExecutorException(Kind.CONTAINER_NOT_FOUND, guid);
        }
        return found;
    }

    /** Gives its share back. */
    synchronized boolean remove(String guid) {
        CellContainer removed = containers.remove(guid);
        if (removed == null) {
            return false;
        }
        freeMemoryMb += removed.work().memoryMb();
        freeDiskMb += removed.work().diskMb();
        freeContainers++;
        return true;
    }

    synchronized Optional<CellContainer> find(String guid) {
        return Optional.ofNullable(containers.get(guid));
    }

    synchronized List<CellContainer> all() {
        return List.copyOf(containers.values());
    }

    /** Reservations nobody made use of in time. */
    synchronized List<CellContainer> staleReservations(Instant now, Duration limit) {
        List<CellContainer> stale = new ArrayList<>();
        for (CellContainer container : containers.values()) {
            if (container.state() == ContainerState.RESERVED
                    && !now.isBefore(container.since().plus(limit))) {
                stale.add(container);
            }
        }
        return stale;
    }
}
