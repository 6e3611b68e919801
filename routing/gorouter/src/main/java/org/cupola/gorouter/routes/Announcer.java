package org.cupola.gorouter.routes;

/**
 * One that announces endpoints over NATS, all of them again and again: the route emitter of a cell, or a route registrar.
 * What it has announced before and leaves out now is gone, even if the message that said so was lost.
 *
 * <p>Nothing is concluded from silence alone, since then nobody's announcements may arrive. Two facts are kept, at the
 * cost of a few comparisons per message: its <em>cadence</em>, the longest time that any of its endpoints lately took to
 * be announced again, and its <em>witness</em>, the latest time after which some endpoint was announced twice. An endpoint
 * is missing when 2.5 cadences have passed since its last announcement and a witness is later than that. The cadence takes
 * care of announcers that go through their endpoints in portions, with jitter, at several paces, or whose messages get
 * lost now and then: each makes the longest gap longer, and the patience with it.
 *
 * <p>Guarded by the table's lock. Times are nanoseconds of one monotonic clock.
 */
final class Announcer {
    /** A gap is remembered for at least this many cadences. */
    private static final int REMEMBERED = 8;

    private final Key key;
    private int users;
    private long longestNanos;
    private long longestBeforeNanos;
    private long windowNanos;
    private long witnessNanos;
    private boolean hasWitness;

    /** @param name tells apart who speaks for endpoints at one address: empty for the route emitter, else a registrar's id */
    record Key(String host, String name) {
        boolean is(String otherHost, String otherName) {
            return host.equals(otherHost) && name.equals(otherName);
        }
    }

    /** What is to be thought of an endpoint. */
    enum Verdict {
        PRESENT,
        /** Left out: better passed over, and looked at. */
        MISSING,
        /** Left out for so long that even its being there does not count. */
        GONE
    }

    Announcer(Key key) {
        this.key = key;
    }

    Key key() {
        return key;
    }

    void use() {
        users++;
    }

    /** True when nobody uses it any more. */
    boolean release() {
        return --users == 0;
    }

    /** One of its endpoints was announced again, and nothing was lost in between as far as we know. */
    void announcedAgain(long beforeNanos, long nowNanos) {
        long gap = nowNanos - beforeNanos;
        if (longestNanos == 0 || nowNanos - windowNanos > REMEMBERED * cadenceNanos()) {
            longestBeforeNanos = longestNanos;
            longestNanos = 0;
            windowNanos = nowNanos;
        }
        longestNanos = Math.max(longestNanos, gap);
        // Two messages on two changes in a row are no two rounds.
        boolean round = gap * 2 >= cadenceNanos();
        if (round && (!hasWitness || beforeNanos - witnessNanos > 0)) {
            witnessNanos = beforeNanos;
            hasWitness = true;
        }
    }

    private long cadenceNanos() {
        return Math.max(longestNanos, longestBeforeNanos);
    }

    /**
     * @param sinceNanos   the endpoint's last announcement, or when announcements may have been lost if that is later
     * @param leastCadence what the cadence is taken for at least
     * @param leastNanos   shortest time after which the endpoint can be missing
     */
    Verdict judge(long sinceNanos, long leastCadence, long leastNanos, long nowNanos) {
        if (!hasWitness || witnessNanos - sinceNanos <= 0) {
            return Verdict.PRESENT;
        }
        long patience = Math.max(leastNanos, Math.max(leastCadence, cadenceNanos()) / 2 * 5);
        long age = nowNanos - sinceNanos;
        if (age <= patience) {
            return Verdict.PRESENT;
        }
        return age <= 4 * patience ? Verdict.MISSING : Verdict.GONE;
    }
}
