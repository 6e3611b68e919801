package org.cupola.platform.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Starts components that do not need each other at the same time, and closes them at the same time. When one does not
 * start, the others are closed and its failure is thrown. Start and close may come from different threads, one at a time.
 */
public final class ParallelGroup implements Component {
    private final String name;
    private final List<ComponentGroup> members;
    private final CompletableFuture<Void> failure = new CompletableFuture<>();

    public ParallelGroup(String name, List<? extends Component> components) {
        this.name = name;
        // A group of one brings the naming of failures and the closing of what half started.
        this.members = components.stream()
                .map(component -> new ComponentGroup(component.name(), List.of(component)))
                .toList();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void start() throws Exception {
        List<Exception> failures = onAll(ComponentGroup::start);
        if (!failures.isEmpty()) {
            close();
            Exception first = failures.getFirst();
            failures.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
        for (ComponentGroup member : members) {
            member.failure().whenComplete((nothing, cause) -> {
                if (cause != null) {
                    failure.completeExceptionally(cause);
                }
            });
        }
    }

    @Override
    public void close() {
        List<Exception> failures = onAll(ComponentGroup::close);
        if (!failures.isEmpty()) {
            var first = new IllegalStateException(name + ": did not close cleanly", failures.getFirst());
            failures.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
    }

    @Override
    public CompletionStage<Void> failure() {
        return failure.minimalCompletionStage();
    }

    private interface Step {
        void apply(ComponentGroup member) throws Exception;
    }

    private List<Exception> onAll(Step step) {
        List<Exception> failures = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory())) {
            List<Future<?>> running = new ArrayList<>();
            for (ComponentGroup member : members) {
                running.add(threads.submit(() -> {
                    step.apply(member);
                    return null;
                }));
            }
            for (Future<?> each : running) {
                try {
                    each.get();
                } catch (ExecutionException e) {
                    failures.add(e.getCause() instanceof Exception cause ? cause : e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    failures.add(e);
                }
            }
        }
        return failures;
    }
}
