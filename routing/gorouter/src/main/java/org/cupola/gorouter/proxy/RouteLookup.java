package org.cupola.gorouter.proxy;

import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.routes.Pool;
import org.jspecify.annotations.Nullable;

/** Finds the pool of endpoints for a request, or says why there is none. */
final class RouteLookup {
    private RouteLookup() {}

    /** {@code null} when the exchange has its pool and its selection has begun. */
    static @Nullable Answer find(Exchange exchange) {
        RequestHead request = exchange.request();
        ProxySettings settings = exchange.loop().settings();
        Pool found = exchange.loop()
                .shared()
                .table()
                .lookup(
                        request.bytes(),
                        request.hostStart(),
                        request.hostNameEnd(),
                        request.pathStart(),
                        request.pathEnd());
        Pool pool = found;
        if (request.has(Names.X_CF_APP_INSTANCE) || request.has(Names.X_CF_PROCESS_INSTANCE)) {
            InstanceChoice choice = InstanceChoice.of(request);
            if (choice.refusal() != null) {
                exchange.loop().metrics().add(Counter.BAD_REQUESTS);
                return choice.refusal();
            }
            pool = found == null ? null : choice.among(found);
            if (pool == null) {
                return rejected(exchange, 400, choice.missing(RequestGate.host(request)));
            }
        }
        if (pool == null) {
            return rejected(exchange, 404, "Requested route ('" + RequestGate.host(request) + "') does not exist.");
        }
        if (pool.isEmpty()) {
            if (settings.emptyPool503()) {
                return Answer.error(
                        503,
                        "no_endpoints",
                        Answer.SHORTLY,
                        "Requested route ('" + RequestGate.host(request) + "') has no available endpoints.");
            }
            return rejected(exchange, 404, "Requested route ('" + RequestGate.host(request) + "') does not exist.");
        }
        Answer refusal = exchange.loop().shared().routeServices().direct(exchange, pool);
        if (refusal != null) {
            return refusal;
        }
        if (!exchange.isToRouteService()
                && pool.isOverloaded(settings.balancing().maxInFlight())) {
            exchange.loop().metrics().add(Counter.BACKEND_EXHAUSTED_CONNS);
            return Answer.error(
                    503,
                    "Connection Limit Reached",
                    "",
                    "Requested route ('" + RequestGate.host(request) + "') has reached the connection limit.");
        }
        exchange.pool(pool);
        if (RequestGate.tooLarge(request, settings)) {
            exchange.selection().begin(pool);
            exchange.attributeTo(exchange.selection().next());
            return Answer.TOO_LARGE;
        }
        Answer limited = RouteProtection.admit(exchange, pool);
        if (limited != null) {
            return limited;
        }
        String instance = StickySession.wanted(request, settings.headers());
        exchange.stickyInstance(instance);
        exchange.selection()
                .begin(pool, instance, !instance.isEmpty() && StickySession.isNegotiated(request, settings.headers()));
        hashOn(exchange, pool);
        return null;
    }

    private static void hashOn(Exchange exchange, Pool pool) {
        RequestHead request = exchange.request();
        int line = pool.hashLine(request);
        if (line >= 0) {
            exchange.selection().hashOn(request.bytes(), request.valueStart(line), request.valueEnd(line));
        }
    }

    private static Answer rejected(Exchange exchange, int status, String message) {
        exchange.loop().metrics().add(Counter.REJECTED_REQUESTS);
        return Answer.error(status, "unknown_route", Answer.NOT_STORED, message);
    }
}
