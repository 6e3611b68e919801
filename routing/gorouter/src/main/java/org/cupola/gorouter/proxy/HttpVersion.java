package org.cupola.gorouter.proxy;

/** What a client speaks; which minor version of HTTP/1, its request's head says. */
enum HttpVersion {
    HTTP_1,
    HTTP_2,
    HTTP_3;

    /** Whether each request has a stream of its own: both bodies may run side by side, and nobody asks for a close. */
    boolean hasStreams() {
        return this != HTTP_1;
    }
}
