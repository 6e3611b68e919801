package org.cupola.cloudcontroller;

import java.util.List;

/**
 * An operation that goes on after its request was answered.
 *
 * @param operation    such as {@code app.delete}
 * @param resourceType such as {@code app}
 */
record Job(
        Stamp stamp,
        String operation,
        String state,
        String resourceType,
        String resourceGuid,
        List<ApiError> errors,
        List<String> warnings) {
    static final String PROCESSING = "PROCESSING";
    static final String COMPLETE = "COMPLETE";
    static final String FAILED = "FAILED";

    Job {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }

    String guid() {
        return stamp.guid();
    }
}
