package org.cupola.platform.lifecycle;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts components in the given order and closes them in reverse; itself a component, so groups nest.
 *
 * <p>A start that fails closes what had started. A close that fails does not keep the others from closing. Guarded by
 * its lock.
 */
public final class ComponentGroup implements Component {
    private static final Logger log = LoggerFactory.getLogger(ComponentGroup.class);

    private final String name;
    private final List<Component> components;
    private final CompletableFuture<Void> failure = new CompletableFuture<>();

    @GuardedBy("this")
    private final Deque<Component> running = new ArrayDeque<>();

    public ComponentGroup(String name, List<? extends Component> components) {
        this.name = name;
        this.components = List.copyOf(components);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized void start() throws Exception {
        for (Component component : components) {
            try {
                component.start();
                running.push(component);
                component.failure().whenComplete((nothing, cause) -> {
                    if (cause != null) {
                        failure.completeExceptionally(new ComponentFailure(component.name(), cause));
                    }
                });
            } catch (Exception e) {
                var notStarted = new ComponentFailure(component.name(), e);
                closeAll(notStarted::addSuppressed);
                throw notStarted;
            }
        }
    }

    @Override
    public synchronized void close() {
        closeAll(e -> log.atError().setCause(e).log("component did not close cleanly"));
    }

    @Override
    public CompletionStage<Void> failure() {
        return failure.minimalCompletionStage();
    }

    /** Names of the components that run now, in the order they started. */
    public synchronized List<String> runningNames() {
        List<String> names = new ArrayList<>();
        running.descendingIterator().forEachRemaining(component -> names.add(component.name()));
        return names;
    }

    @GuardedBy("this")
    private void closeAll(Consumer<RuntimeException> onFailure) {
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (RuntimeException e) {
                onFailure.accept(e); // the others still have connections to drain
            }
        }
    }
}
