/**
 * The Routing API: keeps TCP and HTTP routes with a time to live and router groups in a database, and tells routers about
 * every change. Talks to a UAA (token keys), a database, optionally Locket, and its clients over HTTP.
 *
 * <p>Requests are handled by blocking code on virtual threads. Writes go one after the other through {@code Store}: decided in
 * memory by plain code, made durable in one transaction, then applied to memory and published. Reads are answered from
 * memory. A few daemon threads prune, renew the lock and send metrics.
 */
@NullMarked
package org.cupola.routingapi;

import org.jspecify.annotations.NullMarked;
