package org.cupola.bbs;

import org.cupola.protocol.bbs.proto.Error;

/** A request that ends with an error in its answer; rolls its transaction back. Has no stack trace: it is an outcome, not a fault. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Error.Type type;

    Refusal(Error.Type type, String message) {
        super(message, null, false, false);
        this.type = type;
    }

    static Refusal notFound() {
        return new Refusal(Error.Type.ResourceNotFound, "the requested resource could not be found");
    }

    static Refusal exists() {
        return new Refusal(Error.Type.ResourceExists, "the requested resource already exists");
    }

    static Refusal invalid(String message) {
        return new Refusal(Error.Type.InvalidRequest, message);
    }

    static Refusal badRequest() {
        return invalid("the request received is invalid");
    }

    static Refusal unknown(String message) {
        return new Refusal(Error.Type.UnknownError, message);
    }

    static Refusal cannotBeClaimed() {
        return new Refusal(Error.Type.ActualLRPCannotBeClaimed, "cannot claim actual LRP");
    }

    static Refusal cannotBeStarted() {
        return new Refusal(Error.Type.ActualLRPCannotBeStarted, "cannot start actual LRP");
    }

    static Refusal cannotBeCrashed() {
        return new Refusal(Error.Type.ActualLRPCannotBeCrashed, "cannot crash actual LRP");
    }

    static Refusal cannotBeFailed() {
        return new Refusal(Error.Type.ActualLRPCannotBeFailed, "cannot fail actual LRP");
    }

    static Refusal cannotBeRemoved() {
        return new Refusal(Error.Type.ActualLRPCannotBeRemoved, "cannot remove actual LRP");
    }

    static Refusal cannotBeUnclaimed() {
        return new Refusal(Error.Type.ActualLRPCannotBeUnclaimed, "cannot unclaim actual LRP");
    }

    static Refusal runningOnDifferentCell(String actual, String caller) {
        return new Refusal(Error.Type.RunningOnDifferentCell, "Running on cell " + actual + " not " + caller);
    }

    static Refusal deserialize() {
        return new Refusal(Error.Type.Deserialize, "could not deserialize record");
    }

    Error.Type type() {
        return type;
    }

    boolean is(Error.Type other) {
        return type == other;
    }

    Error toMessage() {
        return Error.newBuilder()
                .setType(type)
                .setMessage(String.valueOf(getMessage()))
                .build();
    }
}
