package org.cupola.gorouter.proxy;

/** How a body says where it ends. */
enum BodyFraming {
    /** There is none. */
    NONE,
    LENGTH,
    /** Chunked, and passed on with its framing. */
    CHUNKED,
    /** It ends with the connection. */
    UNTIL_CLOSE
}
