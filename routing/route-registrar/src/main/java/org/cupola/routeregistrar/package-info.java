/**
 * Keeps the routes of system components alive: HTTP routes by messages to Gorouter over NATS, TCP and SNI routes by calls to
 * the Routing API, each at its interval and, where configured, only while a script says that the component is healthy.
 *
 * <p>Each route has a loop of its own on a virtual thread, so that a slow script or an unreachable server holds up nobody
 * else. There is no listener.
 */
@NullMarked
package org.cupola.routeregistrar;

import org.jspecify.annotations.NullMarked;
