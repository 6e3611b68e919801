package org.cupola.rep;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import java.util.List;
import java.util.function.LongSupplier;
import org.cupola.platform.http.BlockingService;
import org.cupola.protocol.bbs.CellResources;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.Executor;

/** The cell's health and its metrics under the original's names, as text for whoever scrapes. */
record MetricsReport(
        Executor executor, RequestCounters requests, LongSupplier lastPassNanos, LongSupplier droppedEnvelopes) {
    void register(ServerBuilder server) {
        server.service(
                "/health",
                (ctx, request) -> HttpResponse.of(executor.healthy() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE));
        server.service(
                "/metrics",
                new BlockingService(
                        (ctx, request) -> HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, text())));
    }

    String text() {
        var text = new StringBuilder();
        CellResources total = executor.total();
        CellResources remaining = executor.remaining();
        List<CellContainer> containers = executor.containers();
        add(text, "CapacityTotalMemory", total.memoryMb());
        add(text, "CapacityTotalDisk", total.diskMb());
        add(text, "CapacityTotalContainers", total.containers());
        add(text, "CapacityRemainingMemory", remaining.memoryMb());
        add(text, "CapacityRemainingDisk", remaining.diskMb());
        add(text, "CapacityRemainingContainers", remaining.containers());
        add(text, "CapacityAllocatedMemory", total.memoryMb() - remaining.memoryMb());
        add(text, "CapacityAllocatedDisk", total.diskMb() - remaining.diskMb());
        add(text, "ContainerCount", containers.size());
        add(
                text,
                "StartingContainerCount",
                containers.stream().filter(one -> one.state().isStarting()).count());
        add(text, "ContainerCompletedCount", executor.counters().completed());
        add(text, "ContainerExitedOnTimeoutCount", executor.counters().killedAfterGrace());
        add(text, "AppInstanceExceededLogRateLimitCount", executor.counters().logRateExceeded());
        add(text, "LoggregatorEnvelopesDropped", droppedEnvelopes.getAsLong());
        add(text, "CellUnhealthy", executor.healthy() ? 0 : 1);
        add(text, "RepBulkSyncDuration", lastPassNanos.getAsLong());
        requests.forEach((name, value) -> add(text, name, value));
        return text.toString();
    }

    private static void add(StringBuilder text, String name, long value) {
        text.append(name).append(' ').append(value).append('\n');
    }
}
