package org.cupola.protocol.bbs;

import org.cupola.protocol.bbs.proto.Error;
import org.jspecify.annotations.Nullable;

/**
 * What the BBS answered in the {@code error} field, or what kept its answer from arriving. Two errors are the same when
 * their types are; messages are for people.
 */
public final class BbsException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Error.Type type;
    private final boolean answered;
    private final int status;

    private BbsException(Error.Type type, String message, boolean answered, int status, @Nullable Throwable cause) {
        super(message, cause);
        this.type = type;
        this.answered = answered;
        this.status = status;
    }

    /** The BBS's verdict. */
    public static BbsException of(Error.Type type, String message) {
        return new BbsException(type, message, true, 200, null);
    }

    static BbsException of(Error error) {
        return of(error.getType(), error.getMessage());
    }

    static BbsException noAnswer(Error.Type type, String message, @Nullable Throwable cause) {
        return new BbsException(type, message, false, 0, cause);
    }

    static BbsException status(int status) {
        return new BbsException(
                Error.Type.InvalidResponse, "Invalid Response with status code: " + status, false, status, null);
    }

    public Error.Type type() {
        return type;
    }

    public boolean is(Error.Type other) {
        return type == other;
    }

    public boolean isNotFound() {
        return type == Error.Type.ResourceNotFound;
    }

    /** Whether the BBS has decided; false when it was not reached or its answer was lost, so that the outcome is unknown. */
    public boolean answered() {
        return answered;
    }

    /** The server answered 404, so it may know an older revision only. */
    public boolean isNoSuchRoute() {
        return status == 404;
    }

    public Error toMessage() {
        return Error.newBuilder()
                .setType(type)
                .setMessage(String.valueOf(getMessage()))
                .build();
    }
}
