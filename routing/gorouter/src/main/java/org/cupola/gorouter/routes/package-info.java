/**
 * The routing table and what decides which backend gets a request: routes, pools, endpoints, balancing, pruning. Plain
 * Java without I/O, threads or a clock of its own: the time is passed in, as nanoseconds of a monotonic clock.
 *
 * <p>Threads: writers hold the table's lock; event loops read without one.
 */
@NullMarked
package org.cupola.gorouter.routes;

import org.jspecify.annotations.NullMarked;
