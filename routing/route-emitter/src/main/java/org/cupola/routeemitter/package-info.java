/**
 * Turns BBS state into route registrations: HTTP and internal routes go out over NATS, TCP routes to the Routing API.
 *
 * <p>The functional core ({@link org.cupola.routeemitter.RoutingTable} and what it is made of, {@link
 * org.cupola.routeemitter.UnregistrationCache}) decides what to say and does no I/O; it is confined to the thread of
 * {@link org.cupola.routeemitter.EmitterLoop}. Around it, virtual threads read the BBS event stream, fetch state for
 * syncs and call the Routing API, and hand what they find to the loop as messages. A slow BBS or Routing API therefore
 * never delays an HTTP registration.
 */
@NullMarked
package org.cupola.routeemitter;

import org.jspecify.annotations.NullMarked;
