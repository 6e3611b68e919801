package org.cupola.cloudcontroller;

import org.jspecify.annotations.Nullable;

/** One user in one role; exactly one of organization and space is there. */
record Role(
        Stamp stamp,
        RoleType type,
        String userGuid,
        @Nullable String organizationGuid,
        @Nullable String spaceGuid) {
    String guid() {
        return stamp.guid();
    }
}
