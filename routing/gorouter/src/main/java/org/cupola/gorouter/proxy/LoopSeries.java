package org.cupola.gorouter.proxy;

import org.cupola.gorouter.routes.Backend;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.Pool;
import org.cupola.gorouter.series.Series;
import org.cupola.gorouter.series.SeriesSet;
import org.cupola.gorouter.series.SeriesSets;
import org.jspecify.annotations.Nullable;

/** Where one event loop counts by route, backend and app. Confined to the loop. */
final class LoopSeries {
    private final int loop;
    private final @Nullable SeriesSet routes;
    private final @Nullable SeriesSet backends;
    private final @Nullable SeriesSet apps;
    private final @Nullable Series router;

    LoopSeries(SeriesSets sets, int loop) {
        this.loop = loop;
        this.routes = sets.routes();
        this.backends = sets.backends();
        this.apps = sets.apps();
        this.router = apps == null ? null : apps.join(Endpoint.ROUTER);
    }

    /** @param status 0 when there was no answer */
    void attemptEnded(Exchange exchange, int status) {
        Endpoint endpoint = exchange.endpoint();
        if (backends == null || endpoint == null || endpoint.backend().trust() != Backend.Trust.REGISTERED) {
            return;
        }
        Series its = endpoint.backend().series(backends);
        if (status == 0) {
            its.failed(loop);
        } else {
            its.answered(loop, status);
            its.took(loop, System.nanoTime() - exchange.times().attemptBegun());
        }
    }

    /** A request that comes back from a route service has been counted, and will end, as the one that went there. */
    void ended(Exchange exchange, long nanos) {
        int status = exchange.outcome().status();
        boolean upgraded = status == 101; // how long people talk says nothing about how fast the answer came
        Pool pool = exchange.pool();
        if (routes != null && pool != null && !exchange.isFromRouteService()) {
            Series its = pool.route().series(routes);
            its.answered(loop, status);
            if (!upgraded) {
                its.took(loop, nanos);
            }
        }
        if (apps != null && router != null && !upgraded) {
            Endpoint endpoint = exchange.endpoint();
            if (endpoint == null || endpoint.backend().trust() != Backend.Trust.REGISTERED) {
                router.took(loop, nanos);
            } else {
                endpoint.series(apps).took(loop, nanos);
            }
        }
    }
}
