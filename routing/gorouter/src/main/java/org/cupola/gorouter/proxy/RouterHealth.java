package org.cupola.gorouter.proxy;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** Whether load balancers should send us requests. Any thread. */
public final class RouterHealth {
    /** In the order of a router's life; {@code DEGRADED} is final. */
    public enum State {
        INITIALIZING,
        HEALTHY,
        DEGRADED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.INITIALIZING);

    public State state() {
        return Objects.requireNonNull(state.get());
    }

    public boolean isHealthy() {
        return state.get() == State.HEALTHY;
    }

    public boolean isDegraded() {
        return state.get() == State.DEGRADED;
    }

    public void healthy() {
        state.compareAndSet(State.INITIALIZING, State.HEALTHY);
    }

    /** True for the one call that made it so. */
    public boolean degrade() {
        return state.getAndSet(State.DEGRADED) != State.DEGRADED;
    }
}
