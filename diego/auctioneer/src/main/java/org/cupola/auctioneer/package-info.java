/**
 * The auctioneer: decides on which cell an instance or a task runs.
 *
 * <p>Work arrives over HTTP and waits in a queue; one thread holds auction after auction, each over everything that waits. {@code
 * Auction} is the decision itself: cells' states and requests in, placements out, nothing else. Talks to Locket (its lock, the cells'
 * presences), to the cells' reps (state, work) and to the BBS (what could not be placed). Handlers and calls run on virtual
 * threads. {@code AuctioneerComponent} is the front door.
 */
@NullMarked
package org.cupola.auctioneer;

import org.jspecify.annotations.NullMarked;
