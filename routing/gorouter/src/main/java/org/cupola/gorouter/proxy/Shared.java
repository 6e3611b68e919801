package org.cupola.gorouter.proxy;

import java.util.concurrent.Executor;
import org.cupola.gorouter.routes.RouteTable;

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
        Prober prober,
        Executor control) {}
