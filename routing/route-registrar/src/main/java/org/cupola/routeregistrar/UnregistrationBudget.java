package org.cupola.routeregistrar;

/**
 * How often an unhealthy route may still be unregistered; the routers' own time limits do the rest. Guarded by its lock.
 */
final class UnregistrationBudget {
    private final int limit;
    private int taken;

    UnregistrationBudget(int limit) {
        this.limit = limit;
    }

    synchronized boolean take() {
        if (taken >= limit) {
            return false;
        }
        taken++;
        return true;
    }

    /** The route is healthy again. */
    synchronized void reset() {
        taken = 0;
    }
}
