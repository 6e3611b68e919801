package org.cupola.gorouter.proxy;

import java.util.concurrent.TimeUnit;
import org.cupola.gorouter.protection.EndpointHealth;
import org.cupola.gorouter.protection.OutlierRules;
import org.cupola.gorouter.protection.RouteGuard;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.Pool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds requests to the limits of their routes, and ejects endpoints that fail too often. On the exchange's event loop;
 * ejections are decided elsewhere. A route without limits costs one field read per step.
 */
final class RouteProtection {
    private static final Logger log = LoggerFactory.getLogger(LogSources.PROXY);
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private RouteProtection() {}

    /** {@code null} for a request that may go on; it is counted until the exchange is over. */
    static @Nullable Answer admit(Exchange exchange, Pool pool) {
        RouteGuard guard = pool.guard();
        if (guard == null || exchange.isFromRouteService()) {
            return null; // what comes back from a route service was counted on its way there
        }
        long wait = guard.take(System.nanoTime());
        if (wait > 0) {
            int seconds = (int) Math.min(Integer.MAX_VALUE, (wait + NANOS_PER_SECOND - 1) / NANOS_PER_SECOND);
            return refused(exchange, pool, Counter.RATE_LIMITED, 429, "rate_limit_exceeded", "its request rate limit")
                    .retryAfter(seconds);
        }
        if (guard.isTooLarge(exchange.request().contentLength())) {
            attribute(exchange, pool);
            return bodyTooLarge(exchange);
        }
        if (!guard.enter()) {
            return refused(
                    exchange,
                    pool,
                    Counter.CONCURRENCY_LIMITED,
                    503,
                    "concurrency_limit_exceeded",
                    "its limit of concurrent requests");
        }
        exchange.admitted(guard);
        return null;
    }

    private static Answer refused(
            Exchange exchange, Pool pool, Counter counter, int status, String error, String what) {
        attribute(exchange, pool);
        exchange.loop().metrics().add(counter);
        return Answer.error(
                status,
                error,
                Answer.NOT_STORED,
                "Requested route ('" + RequestGate.host(exchange.request()) + "') has reached " + what + ".");
    }

    /** The record shall show whose route it was. */
    private static void attribute(Exchange exchange, Pool pool) {
        if (!exchange.isToRouteService()) {
            exchange.selection().begin(pool);
            exchange.attributeTo(exchange.selection().next());
        }
    }

    static Answer bodyTooLarge(Exchange exchange) {
        exchange.loop().metrics().add(Counter.BODY_TOO_LARGE);
        return Answer.error(
                413,
                "max_request_body_exceeded",
                Answer.NOT_STORED,
                "Requested route ('" + RequestGate.host(exchange.request()) + "') does not take bodies of this size.");
    }

    /** The endpoint's response has begun. */
    static void answered(Exchange exchange, int status) {
        OutlierRules rules = rules(exchange);
        Endpoint endpoint = exchange.endpoint();
        if (rules == null || endpoint == null) {
            return;
        }
        long now = System.nanoTime();
        if (status < 500) {
            endpoint.health().succeeded(rules, now);
        } else if (endpoint.health().failed(rules, now)) {
            eject(exchange, endpoint, rules);
        }
    }

    /** There will be no response from the endpoint. */
    static void failed(Exchange exchange, Failure failure) {
        OutlierRules rules = rules(exchange);
        Endpoint endpoint = exchange.endpoint();
        if (rules != null
                && endpoint != null
                && failure.kind().side() == FailureKind.Side.BACKEND
                && endpoint.health().failed(rules, System.nanoTime())) {
            eject(exchange, endpoint, rules);
        }
    }

    private static @Nullable OutlierRules rules(Exchange exchange) {
        Pool pool = exchange.pool();
        RouteGuard guard = pool == null ? null : pool.guard();
        return guard == null || exchange.isToRouteService()
                ? null
                : guard.limits().outliers();
    }

    private static void eject(Exchange exchange, Endpoint endpoint, OutlierRules rules) {
        Loop loop = exchange.loop();
        Pool pool = exchange.pool();
        RouteGuard guard = pool == null ? null : pool.guard();
        if (pool == null || guard == null) {
            return;
        }
        loop.shared().control().execute(() -> {
            EndpointHealth health = endpoint.health();
            long length;
            synchronized (guard) { // one at a time, so that no two of a pool's endpoints take the same last place
                length = health.eject(rules, pool.ejected(), pool.size(), System.nanoTime());
            }
            if (length > 0) {
                ejected(loop, pool, endpoint, length);
            }
        });
    }

    private static void ejected(Loop loop, Pool pool, Endpoint endpoint, long nanos) {
        log.atInfo()
                .addKeyValue("uri", pool.uri())
                .addKeyValue("backend", endpoint.info().address())
                .addKeyValue("seconds", nanos / (double) NANOS_PER_SECOND)
                .log("endpoint-ejected");
        loop.eventLoop().execute(() -> loop.metrics().add(Counter.ENDPOINTS_EJECTED));
        loop.eventLoop()
                .schedule(
                        () -> {
                            endpoint.health().readmit();
                            log.atInfo()
                                    .addKeyValue("uri", pool.uri())
                                    .addKeyValue("backend", endpoint.info().address())
                                    .log("endpoint-readmitted");
                        },
                        nanos,
                        TimeUnit.NANOSECONDS);
    }
}
