/**
 * HTTP/2 as bytes: frames (RFC 9113), header compression (RFC 7541), flow control. It knows connections and streams, and
 * nothing of routes or requests: those are {@code proxy}'s, which implements {@code Http2Session.Owner} and {@code
 * Http2Stream} for clients and again for backends.
 *
 * <p>Own, because one child channel and a map of strings per request cost more than everything else that a request costs.
 * Header blocks are read from and written to byte arrays, in the form the rest of the router uses.
 *
 * <p>Threads: a connection and its streams are confined to one event loop. Nothing blocks.
 */
@NullMarked
package org.cupola.gorouter.http2;

import org.jspecify.annotations.NullMarked;
