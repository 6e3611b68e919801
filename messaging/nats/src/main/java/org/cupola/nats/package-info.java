/**
 * The embedded message bus: one server of the NATS core protocol, a stand-in for a single nats-server.
 *
 * <p>Talks to any NATS client over TCP or TLS, and to operators over HTTP (monitoring). A connection is confined to its
 * event loop ({@link org.cupola.nats.ClientConnection}); what several connections share is the subscription index
 * (writers take its lock, publishers do not) and counters. A message crosses from the publisher's loop to a
 * subscriber's as part of a batch: see {@link org.cupola.nats.LoopContext}.
 *
 * <p>Protocol: the client protocol as documented by NATS, behaviour of nats-server 2.10. JetStream, accounts, leaf
 * nodes and routes between servers are left out: Cloud Foundry's routing uses core publish and subscribe only, and the
 * embedded bus is a single node.
 */
@NullMarked
package org.cupola.nats;

import org.jspecify.annotations.NullMarked;
