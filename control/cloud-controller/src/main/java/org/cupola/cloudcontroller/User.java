package org.cupola.cloudcontroller;

import org.jspecify.annotations.Nullable;

/** A user or client of the UAA that this Cloud Controller has met; names are remembered from the UAA. */
record User(
        Stamp stamp, @Nullable String username, @Nullable String origin) {
    String guid() {
        return stamp.guid();
    }

    String presentationName() {
        return username == null ? guid() : username;
    }
}
