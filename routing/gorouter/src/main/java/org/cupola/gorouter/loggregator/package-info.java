/**
 * Speaks to a Loggregator agent: Envelope v1 events, a datagram each, over UDP to its legacy port. Event loops and timers fill
 * blocks of finished datagrams; one thread sends them.
 */
@NullMarked
package org.cupola.gorouter.loggregator;

import org.jspecify.annotations.NullMarked;
