package org.cupola.gorouter.head;

/** What came of reading a head. */
public enum Verdict {
    /** The whole head is there and in order. */
    COMPLETE,
    /** More bytes are needed. */
    INCOMPLETE,
    MALFORMED,
    /** A host that no URL can name, none where one must be, or several. */
    MALFORMED_HOST,
    /** A transfer coding other than chunked. */
    UNKNOWN_TRANSFER_CODING,
    UNKNOWN_EXPECTATION,
    /** Well-formed, but not HTTP/1.0 or HTTP/1.1. */
    UNSUPPORTED_VERSION,
    TOO_LARGE,
    /** More header lines than allowed; only for responses, requests are refused later in the pipeline. */
    TOO_MANY_HEADERS
}
