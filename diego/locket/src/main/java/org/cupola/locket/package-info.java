/**
 * Locket: locks and presences with a time to live, over gRPC with mutual TLS, kept in an SQL database that several Lockets
 * may share.
 *
 * <p>Requests run on virtual threads, one transaction each. One more thread deletes what was not renewed in time and one reads
 * all rows every five seconds, so that a row taken through another Locket expires here too.
 */
@NullMarked
package org.cupola.locket;

import org.jspecify.annotations.NullMarked;
