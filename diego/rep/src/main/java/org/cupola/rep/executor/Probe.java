package org.cupola.rep.executor;

import java.util.Optional;

/** One look at whether a port of a container answers. Blocking, for at most its own time limit; any thread. */
interface Probe {
    /** What is wrong; none when all is well. */
    Optional<String> failure();
}
