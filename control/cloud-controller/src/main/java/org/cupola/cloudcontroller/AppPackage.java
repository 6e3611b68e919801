package org.cupola.cloudcontroller;

import org.jspecify.annotations.Nullable;

/** What was uploaded, or the docker image that was named. */
record AppPackage(
        Stamp stamp,
        String appGuid,
        String type,
        String state,
        @Nullable String error,
        @Nullable String sha256,
        @Nullable String dockerImage,
        @Nullable String dockerUsername,
        @Nullable String dockerPassword) {
    static final String AWAITING_UPLOAD = "AWAITING_UPLOAD";
    static final String PROCESSING_UPLOAD = "PROCESSING_UPLOAD";
    static final String COPYING = "COPYING";
    static final String READY = "READY";
    static final String FAILED = "FAILED";

    String guid() {
        return stamp.guid();
    }

    boolean bits() {
        return type.equals("bits");
    }
}
