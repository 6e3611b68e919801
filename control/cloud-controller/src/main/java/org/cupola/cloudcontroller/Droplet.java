package org.cupola.cloudcontroller;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A runnable app: its files and how to start them, or a docker image. */
record Droplet(
        Stamp stamp,
        String appGuid,
        @Nullable String packageGuid,
        String state,
        @Nullable String error,
        App.Lifecycle lifecycle,
        @Nullable String sha1,
        @Nullable String sha256,
        Map<String, String> processTypes,
        String executionMetadata,
        @Nullable String image) {
    static final String AWAITING_UPLOAD = "AWAITING_UPLOAD";
    static final String PROCESSING_UPLOAD = "PROCESSING_UPLOAD";
    static final String STAGED = "STAGED";
    static final String FAILED = "FAILED";

    Droplet {
        processTypes = Map.copyOf(processTypes);
    }

    String guid() {
        return stamp.guid();
    }

    boolean staged() {
        return state.equals(STAGED);
    }
}
