package org.cupola.rep.executor;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.cupola.rep.container.NetworkInfo;
import org.jspecify.annotations.Nullable;

/**
 * One container as the cell knows it. Immutable.
 *
 * @param since          when it came into its state
 * @param internalRoutes host names on the platform's internal domain
 * @param routable       whether routers may send requests to it; meaningful while it runs
 * @param network        none before it is made
 * @param result         none before it is completed
 */
public record CellContainer(
        Work work,
        ContainerState state,
        Instant since,
        List<String> internalRoutes,
        Map<String, String> metricTags,
        boolean routable,
        @Nullable NetworkInfo network,
        @Nullable RunResult result) {

    public CellContainer {
        internalRoutes = List.copyOf(internalRoutes);
        metricTags = Map.copyOf(metricTags);
    }

    static CellContainer reserved(Work work, Instant now) {
        return new CellContainer(work, ContainerState.RESERVED, now, List.of(), Map.of(), false, null, null);
    }

    public String guid() {
        return work.guid();
    }

    CellContainer initializing(List<String> routes, Map<String, String> tags, Instant now) {
        return new CellContainer(work, ContainerState.INITIALIZING, now, routes, tags, false, null, null);
    }

    CellContainer created(NetworkInfo made, Instant now) {
        return new CellContainer(work, ContainerState.CREATED, now, internalRoutes, metricTags, false, made, null);
    }

    CellContainer running(boolean isRoutable, Instant now) {
        return new CellContainer(
                work, ContainerState.RUNNING, now, internalRoutes, metricTags, isRoutable, network, null);
    }

    CellContainer completed(RunResult ended, Instant now) {
        return new CellContainer(
                work, ContainerState.COMPLETED, now, internalRoutes, metricTags, false, network, ended);
    }

    CellContainer withRoutable(boolean isRoutable) {
        return new CellContainer(work, state, since, internalRoutes, metricTags, isRoutable, network, result);
    }

    CellContainer with(List<String> routes, Map<String, String> tags) {
        return new CellContainer(work, state, since, routes, tags, routable, network, result);
    }
}
