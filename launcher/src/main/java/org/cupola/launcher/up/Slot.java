package org.cupola.launcher.up;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.cupola.platform.lifecycle.Component;
import org.jspecify.annotations.Nullable;

/**
 * A place for one component of the platform, which can be stopped and started again while the others run: each start
 * makes a new one from its configuration file. Guarded by its lock.
 */
final class Slot implements Component {
    private final String name;
    private final Maker maker;
    private final CompletableFuture<Void> failure = new CompletableFuture<>();

    @GuardedBy("this")
    private @Nullable Component current;

    /** Reads the component's configuration and makes it. */
    @FunctionalInterface
    interface Maker {
        Component make() throws Exception;
    }

    Slot(String name, Maker maker) {
        this.name = name;
        this.maker = maker;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized void start() throws Exception {
        if (current != null) {
            return;
        }
        Component component = maker.make();
        component.start();
        current = component;
        component.failure().whenComplete((nothing, cause) -> {
            if (cause != null) {
                failure.completeExceptionally(cause);
            }
        });
    }

    @Override
    public synchronized void close() {
        Component component = current;
        current = null;
        if (component != null) {
            component.close();
        }
    }

    @Override
    public CompletionStage<Void> failure() {
        return failure;
    }
}
