package org.cupola.cloudcontroller;

import org.jspecify.annotations.Nullable;

/** One attempt to make a droplet out of a package. */
record Build(
        Stamp stamp,
        String appGuid,
        String packageGuid,
        String state,
        @Nullable String error,
        @Nullable String dropletGuid,
        App.Lifecycle lifecycle,
        int memoryMb,
        int diskMb,
        long logRate,
        String createdByGuid,
        String createdByName,
        String createdByEmail) {
    static final String STAGING = "STAGING";
    static final String STAGED = "STAGED";
    static final String FAILED = "FAILED";

    String guid() {
        return stamp.guid();
    }
}
