/** The agent: takes envelopes by gRPC (v2) and UDP (v1, dropsonde), completes them, passes them on. Runs on whatever thread an envelope came by. */
@NullMarked
package org.cupola.loggregator.agent;

import org.jspecify.annotations.NullMarked;
