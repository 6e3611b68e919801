package org.cupola.routingapi;

import java.time.Instant;

/**
 * A route and what the database keeps beside it. Immutable.
 *
 * @param rowGuid names the row
 * @param route   with its modification tag and time to live
 */
record StoredRoute<R>(String rowGuid, R route, Instant expiresAt) {}
