/**
 * The wire contract of logs and metrics: envelopes of both versions and what turns one into the other, envelopes as JSON,
 * a client that sends envelopes to an agent, and one that reads Log Cache. Speaks gRPC with mutual TLS. Conversions are pure;
 * the sending client has one virtual thread, while it has something to send.
 */
@NullMarked
package org.cupola.protocol.loggregator;

import org.jspecify.annotations.NullMarked;
