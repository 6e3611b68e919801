/**
 * The data plane: client connections, the phases a request goes through, connections to backends.
 *
 * <p>Threads: a connection, its request and the backend connection that serves it live on one event loop and are
 * confined to it; so is everything a {@code Loop} holds. Loops share the routing table (read without locks), backends
 * (atomic counters) and immutable settings. Nothing here blocks.
 */
@NullMarked
package org.cupola.gorouter.proxy;

import org.jspecify.annotations.NullMarked;
