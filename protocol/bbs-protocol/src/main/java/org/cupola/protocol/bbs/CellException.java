package org.cupola.protocol.bbs;

import org.jspecify.annotations.Nullable;

/** A cell's rep, or the auctioneer, refused or could not be reached. */
public final class CellException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    CellException(String message, int status, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** The HTTP status of the answer; 0 when there was none. */
    public int status() {
        return status;
    }
}
