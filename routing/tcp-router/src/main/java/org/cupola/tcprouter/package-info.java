/**
 * Routes TCP connections from external ports to backends, as the Routing API says.
 *
 * <p>{@link org.cupola.tcprouter.RouteTable} decides, without I/O, what is routed; {@link
 * org.cupola.tcprouter.RouteKeeper} keeps it true by the Routing API's event stream and bulk lists, on virtual threads, and
 * hands each changed port to {@link org.cupola.tcprouter.DataPlane}. That listens and relays on event loops, one per
 * processor, where a connection's two sockets share one loop; it reads one immutable snapshot per port, so that a change
 * reaches new connections and no others.
 */
@NullMarked
package org.cupola.tcprouter;

import org.jspecify.annotations.NullMarked;
