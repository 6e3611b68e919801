/**
 * The cell: the rep, which speaks for it, over an executor and a container backend.
 *
 * <p>The rep accepts work from the auctioneer and commands from the BBS (mutual TLS), keeps the BBS in step with what
 * the containers do (at once, and in a pass every 30 s), shows the cell's presence in Locket, and empties the cell when it is
 * to be drained. What to do about a container is decided by {@code OrdinaryLrps}, {@code EvacuatingLrps}, {@code Tasks} and {@code
 * Residues}; {@code Harmonizer} runs those decisions, one at a time per container, on virtual threads. {@code RepComponent}
 * is the front door.
 */
@NullMarked
package org.cupola.rep;

import org.jspecify.annotations.NullMarked;
