package org.cupola.cloudcontroller;

import org.jspecify.annotations.Nullable;

/** A command that runs once, with the files of an app. */
record AppTask(
        Stamp stamp,
        String appGuid,
        String dropletGuid,
        int sequenceId,
        String name,
        String command,
        @Nullable String user,
        State state,
        int memoryMb,
        int diskMb,
        long logRate,
        @Nullable String failureReason) {
    /** Where it is; the last two are final. */
    enum State {
        PENDING,
        RUNNING,
        CANCELING,
        SUCCEEDED,
        FAILED
    }

    String guid() {
        return stamp.guid();
    }

    boolean over() {
        return state == State.SUCCEEDED || state == State.FAILED;
    }
}
