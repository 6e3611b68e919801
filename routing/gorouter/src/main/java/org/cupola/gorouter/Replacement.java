package org.cupola.gorouter;

/**
 * Certificates and authorities that were read, found to be usable, and are not in use yet. Exactly one of its methods is to
 * be called, once: what it holds is memory of the TLS library.
 */
record Replacement(Runnable inUse, Runnable discarded) {
    /** From now on new connections get them. */
    void use() {
        inUse.run();
    }

    /** They are not wanted: something else of the same configuration is of no use. */
    void discard() {
        discarded.run();
    }
}
