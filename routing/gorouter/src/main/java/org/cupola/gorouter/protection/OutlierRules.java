package org.cupola.gorouter.protection;

/**
 * When an endpoint is ejected from a route, and for how long. Immutable.
 *
 * @param consecutiveFailures    failed requests in a row that are enough; 0 for not counted
 * @param errorPercent           share of failed requests in an interval that is enough; 0 for not counted
 * @param minRequests            requests in the interval before a share says anything
 * @param intervalNanos          over which the share is taken
 * @param baseEjectionNanos      how long the first ejection lasts; each further one lasts twice as long
 * @param maxEjectionNanos       how long it lasts at most
 * @param maxEjectedPercent      share of a route's endpoints that may be ejected at once; one always may, all never
 */
public record OutlierRules(
        int consecutiveFailures,
        int errorPercent,
        int minRequests,
        long intervalNanos,
        long baseEjectionNanos,
        long maxEjectionNanos,
        int maxEjectedPercent) {
    private static final long SECOND = 1_000_000_000L;

    public static final OutlierRules DEFAULT = new OutlierRules(5, 0, 20, 10 * SECOND, 30 * SECOND, 300 * SECOND, 30);

    /** How many of a pool's endpoints may be ejected at the same time. */
    public int mayBeEjected(int poolSize) {
        if (maxEjectedPercent == 0) {
            return 0;
        }
        long share = (long) poolSize * maxEjectedPercent / 100;
        return (int) Math.max(0, Math.min(poolSize - 1L, Math.max(1, share)));
    }

    /** @param before ejections that still count */
    public long ejectionNanos(int before) {
        long length = baseEjectionNanos;
        for (int i = 0; i < before && length < maxEjectionNanos; i++) {
            length = length > maxEjectionNanos / 2 ? maxEjectionNanos : length * 2;
        }
        return Math.min(length, maxEjectionNanos);
    }
}
