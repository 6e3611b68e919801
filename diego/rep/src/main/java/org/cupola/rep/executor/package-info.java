/**
 * The executor: the cell's containers from reservation to removal, and the steps that run in them.
 *
 * <p>{@code ContainerTable} and {@code Allocation} decide who gets what and which state may follow which; {@code Executor} puts
 * them to work on a {@code ContainerBackend}. Actions become a tree of {@code Step}s, blocking code on virtual threads, one thread per
 * step that runs beside others; a step is stopped by its {@code Cancellation}. Talks to the backend, to HTTP servers
 * that hold artifacts, and over loopback to the ports it checks.
 */
@NullMarked
package org.cupola.rep.executor;

import org.jspecify.annotations.NullMarked;
