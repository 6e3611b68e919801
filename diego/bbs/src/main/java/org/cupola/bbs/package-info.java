/**
 * The BBS: Diego's API server and state store. Desired LRPs, actual LRPs, tasks and domains in an SQL database; protobuf over
 * HTTPS with mutual TLS; event streams; convergence of what is with what is wanted.
 *
 * <p>It talks to Locket (its lock, the cells), the auctioneer (work to place) and reps (stop, update, cancel). One BBS is
 * active at a time, the others wait for the lock.
 *
 * <p><b>Inside.</b> What decides is plain functions on immutable messages: {@link InstanceTransitions}, {@link
 * EvacuationTransitions}, {@link LrpConvergence}, {@link TaskTransitions}, {@link TaskConvergence}, {@link InstanceEvents}.
 * Controllers run them in a transaction and send the events after the commit. Requests, callbacks and convergence
 * run on virtual threads; changes to one process are serialized by {@link ProcessLocks}, so that its events leave in the order
 * of their commits.
 */
@NullMarked
package org.cupola.bbs;

import org.jspecify.annotations.NullMarked;
