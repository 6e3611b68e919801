package org.cupola.rep;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.CellTask;
import org.cupola.rep.container.NetworkInfo;
import org.cupola.rep.container.PortMapping;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.ContainerState;
import org.cupola.rep.executor.Containers;
import org.cupola.rep.executor.ExecutorException;
import org.cupola.rep.executor.RunRequest;
import org.cupola.rep.executor.RunResult;
import org.cupola.rep.executor.Work;
import org.jspecify.annotations.Nullable;

/** Notes what is asked of the executor. */
final class FakeContainers implements Containers {
    final List<String> calls = new CopyOnWriteArrayList<>();
    final Map<String, CellContainer> all = new ConcurrentHashMap<>();
    final Map<String, String> files = new ConcurrentHashMap<>();

    @Nullable
    ExecutorException runFailure;

    static CellLrp lrp(String instanceGuid) {
        return new CellLrp(instanceGuid, "process", 2, "domain", List.of(), List.of(), "preloaded:x", 64, 64, 0, "");
    }

    CellContainer put(String guid, ContainerState state, @Nullable RunResult result) {
        return put(new Work.Lrp(lrp(guid)), state, result);
    }

    CellContainer putTask(String guid, ContainerState state, @Nullable RunResult result) {
        return put(
                new Work.Task(
                        new CellTask(guid, "domain", List.of(), List.of(), "preloaded:x", 64, 64, 0, "Invalid", false)),
                state,
                result);
    }

    private CellContainer put(Work work, ContainerState state, @Nullable RunResult result) {
        boolean made = state != ContainerState.RESERVED && state != ContainerState.INITIALIZING;
        var container = new CellContainer(
                work,
                state,
                Instant.EPOCH,
                List.of("a.apps.internal"),
                Map.of("source_id", "app"),
                state == ContainerState.RUNNING,
                made ? new NetworkInfo("10.0.0.1", "10.255.0.2", List.of(new PortMapping(8080, 61001, 61001))) : null,
                result);
        all.put(work.guid(), container);
        return container;
    }

    @Override
    public Optional<CellContainer> find(String guid) {
        return Optional.ofNullable(all.get(guid));
    }

    @Override
    public List<CellContainer> containers() {
        return List.copyOf(all.values());
    }

    @Override
    public void run(RunRequest request) throws ExecutorException {
        calls.add("run " + request.guid());
        if (runFailure != null) {
            throw runFailure;
        }
    }

    @Override
    public void stop(String guid) {
        calls.add("stop " + guid);
    }

    @Override
    public void delete(String guid) {
        calls.add("delete " + guid);
        all.remove(guid);
    }

    @Override
    public byte[] read(String guid, String file, int maxBytes) throws IOException {
        String content = files.get(file);
        if (content == null || content.length() > maxBytes) {
            throw new IOException(file);
        }
        return content.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void say(String guid, String message) {
        calls.add("say " + guid + " " + message);
    }
}
