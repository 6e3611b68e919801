/**
 * Loggregator and Log Cache as one component: logs and metrics come in at the {@linkplain org.cupola.loggregator.agent agent}, are
 * handed to whoever subscribes by the {@linkplain org.cupola.loggregator.doppler Doppler}, kept for a while by the {@linkplain
 * org.cupola.loggregator.logcache Log Cache}, and leave through it, the {@linkplain org.cupola.loggregator.rlp reverse log proxy} and
 * the {@linkplain org.cupola.loggregator.trafficcontroller Traffic Controller}. Who may read what is asked of the UAA and the Cloud
 * Controller ({@linkplain org.cupola.loggregator.access access}).
 *
 * <p>Each box has addresses of its own in the configuration and listens only where it has one; boxes with the same address share a
 * listener. Envelopes come in on event loops and are stored there under short locks; each reader has a virtual thread.
 */
@NullMarked
package org.cupola.loggregator;

import org.jspecify.annotations.NullMarked;
