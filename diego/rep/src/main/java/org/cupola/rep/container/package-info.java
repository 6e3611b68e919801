/**
 * Where work runs: the seam between the executor and an operating system ({@code ContainerBackend}), and the backend that makes
 * "containers" of plain processes.
 *
 * <p>The process backend needs no root and no images: a container is a folder, a set of process groups and a few host ports.
 * It talks to the kernel only (processes, {@code kill}, {@code /proc}). Callers block; each process has two threads of
 * its own that carry its output, and one thread per backend watches memory and disk.
 */
@NullMarked
package org.cupola.rep.container;

import org.jspecify.annotations.NullMarked;
