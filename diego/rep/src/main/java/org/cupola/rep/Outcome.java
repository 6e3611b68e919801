package org.cupola.rep;

/** Whether something about a container is settled. */
enum Outcome {
    SETTLED,
    /** The BBS did not answer; to be tried again soon, and not only in the next pass. */
    TRY_AGAIN
}
