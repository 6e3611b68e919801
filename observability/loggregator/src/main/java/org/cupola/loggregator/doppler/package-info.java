/** The Doppler: which envelope goes to which subscription. Plain Java without I/O; a publisher never waits for a subscriber. */
@NullMarked
package org.cupola.loggregator.doppler;

import org.jspecify.annotations.NullMarked;
