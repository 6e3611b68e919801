/**
 * The wire contracts of the routing tier: the {@code router.*} messages on NATS, and the Routing API's shapes. Holds
 * message types and thin clients, no server behaviour; the NATS client's own threads deliver messages.
 */
@NullMarked
package org.cupola.protocol.routing;

import org.jspecify.annotations.NullMarked;
