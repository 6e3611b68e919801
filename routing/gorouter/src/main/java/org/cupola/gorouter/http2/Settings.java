package org.cupola.gorouter.http2;

/** Identifiers of settings (RFC 9113, 6.5.2), as far as we use them. */
final class Settings {
    static final int ENABLE_PUSH = 2;
    static final int MAX_CONCURRENT_STREAMS = 3;
    static final int INITIAL_WINDOW_SIZE = 4;
    static final int MAX_FRAME_SIZE = 5;
    static final int MAX_HEADER_LIST_SIZE = 6;

    private Settings() {}
}
