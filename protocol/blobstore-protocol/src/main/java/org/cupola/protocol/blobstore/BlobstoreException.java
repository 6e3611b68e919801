package org.cupola.protocol.blobstore;

import java.io.IOException;

/** A store that did not do what it was asked. */
public final class BlobstoreException extends IOException {
    private static final long serialVersionUID = 1L;
    private final Kind kind;

    /** What a caller may want to tell apart. */
    public enum Kind {
        /** The blob, or the source of a copy, is not there. */
        NOT_FOUND,
        /** Somebody else changed the same thing. */
        CONFLICT,
        /** The store cannot be reached. */
        UNAVAILABLE,
        /** The store answered, but not as expected. */
        FAILED
    }

    public BlobstoreException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public BlobstoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
