package org.cupola.cloudcontroller;

import org.jspecify.annotations.Nullable;

/** Where apps live, with the facts of its organization that decide what may be done in it. */
record Space(
        Stamp stamp,
        String name,
        String organizationGuid,
        String organizationName,
        boolean suspended,
        boolean sshAllowed,
        @Nullable String quotaGuid) {
    String guid() {
        return stamp.guid();
    }
}
