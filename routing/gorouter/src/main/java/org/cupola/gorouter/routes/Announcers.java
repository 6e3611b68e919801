package org.cupola.gorouter.routes;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All {@link Announcer}s with endpoints in the table, and when their messages may have been lost. Guarded by its lock. */
final class Announcers {
    private static final String ROUTE_EMITTER = "route-emitter";

    private final long leastCadenceNanos;
    private final Map<Announcer.Key, Announcer> announcers = new HashMap<>();

    /** Messages of one announcer come one after the other. */
    private @Nullable Announcer latest;

    private long lossNanos;
    private boolean lossy;

    Announcers(long leastCadenceNanos) {
        this.leastCadenceNanos = leastCadenceNanos;
    }

    /**
     * Who speaks for the endpoint, {@code null} when nobody is known to. Route emitters speak for all instances of their
     * cell, whose address the instances bear. Route registrars name no app, and give all their routes one instance id.
     */
    @Nullable
    Announcer of(EndpointInfo info) {
        String name;
        if (info.tag("component").equals(ROUTE_EMITTER)) {
            name = "";
        } else if (info.app().isEmpty() && !info.instanceId().isEmpty()) {
            name = info.instanceId();
        } else {
            return null;
        }
        if (!info.modificationTag().isNone()) {
            return null; // from the Routing API, which says itself what is gone
        }
        Announcer announcer = latest;
        if (announcer == null || !announcer.key().is(info.host(), name)) {
            announcer = announcers.computeIfAbsent(new Announcer.Key(info.host(), name), Announcer::new);
            latest = announcer;
        }
        announcer.use();
        return announcer;
    }

    void release(@Nullable Announcer announcer) {
        if (announcer != null && announcer.release()) {
            announcers.remove(announcer.key());
            latest = null;
        }
    }

    /** Whatever was announced until now may not have arrived. */
    void lost(long nowNanos) {
        lossNanos = nowNanos;
        lossy = true;
    }

    /** The endpoint was announced again; {@code beforeNanos} is the time before. */
    void announcedAgain(Endpoint endpoint, long beforeNanos, long nowNanos) {
        endpoint.confirm();
        Announcer announcer = endpoint.announcer();
        if (announcer != null && !(lossy && beforeNanos - lossNanos < 0)) {
            announcer.announcedAgain(beforeNanos, nowNanos);
        }
    }

    /**
     * @param staleNanos how long the endpoint lives without a refresh: if it was announced but once so far, nobody knows
     *     how often it will be
     */
    Announcer.Verdict judge(Endpoint endpoint, long staleNanos, long nowNanos) {
        Announcer announcer = endpoint.announcer();
        if (announcer == null) {
            return Announcer.Verdict.PRESENT;
        }
        long seen = endpoint.seenNanos();
        long since = lossy && lossNanos - seen > 0 ? lossNanos : seen;
        return announcer.judge(since, leastCadenceNanos, endpoint.isConfirmed() ? 0 : staleNanos, nowNanos);
    }
}
