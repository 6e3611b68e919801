package org.cupola.gorouter.proxy;

import java.util.concurrent.Executor;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.gorouter.series.SeriesSets;

/**
 * What event loops share. Immutable; what it holds is safe for any thread.
 *
 * @param control  for work that may block or take the table's lock
 */
record Shared(
        ProxySettings settings,
        RouteTable table,
        AccessLog accessLog,
        Telemetry telemetry,
        RouterHealth health,
        TlsClients tls,
        RouteServices routeServices,
        SeriesSets series,
        Prober prober,
        Executor control) {}
