package org.cupola.platform.net;

/**
 * How many connections to accept each time some wait. One by one is cheapest as long as the event loop keeps up, since only
 * a failing accept(2) tells that no more wait. But a busy loop comes by once in 10 ms, and 500 clients that connect at once
 * would wait for seconds. So the quota doubles whenever it was filled several times in a row, and is one again as soon as it
 * was not filled.
 */
final class AcceptQuota {
    private static final int MOST = 64;
    private static final int FILLED_BEFORE_DOUBLING = 4;

    private int quota = 1;
    private int filled;

    int get() {
        return quota;
    }

    void filled() {
        // From two on, those that waited are known to be more than the loop can take one by one.
        if (++filled >= FILLED_BEFORE_DOUBLING || quota > 1) {
            quota = Math.min(2 * quota, MOST);
        }
    }

    void notFilled() {
        quota = 1;
        filled = 0;
    }
}
