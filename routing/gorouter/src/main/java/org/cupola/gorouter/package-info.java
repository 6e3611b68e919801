/**
 * The HTTP router: learns routes from NATS and, if told so, from the Routing API, and passes HTTP requests on to the
 * backends registered for them.
 *
 * <p>Talks to NATS, to clients, backends and route services, to load balancers that ask for its health. Requests run on
 * event loops (package {@code proxy}); registrations that repeat known ones on the NATS client's thread, others on the
 * thread of {@code RouteInbox}; pruning and status on threads of their own.
 */
@NullMarked
package org.cupola.gorouter;

import org.jspecify.annotations.NullMarked;
