/**
 * The wire of Diego's control plane: the BBS's protobuf messages (generated, in the package {@code proto}) with a typed client and
 * an event reader; Locket's gRPC client with keepers for locks and presences; the JSON clients of auctioneer and rep.
 *
 * <p>Clients block and suit virtual threads; each is immutable and may be shared. No server behaviour lives here.
 */
@NullMarked
package org.cupola.protocol.bbs;

import org.jspecify.annotations.NullMarked;
