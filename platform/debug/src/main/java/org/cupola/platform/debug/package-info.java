/**
 * What an operator who looks for a fault in a running component asks it: another log level, its threads, its heap, where its
 * time goes. The paths are those of the originals' debug server and of Go's {@code net/http/pprof}; the profiles are in
 * pprof's format, so {@code go tool pprof} reads them. Talks plain HTTP; its handlers run on virtual threads. Knows no
 * component.
 */
@NullMarked
package org.cupola.platform.debug;

import org.jspecify.annotations.NullMarked;
