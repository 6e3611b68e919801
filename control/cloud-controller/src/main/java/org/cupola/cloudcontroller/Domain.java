package org.cupola.cloudcontroller;

import org.jspecify.annotations.Nullable;

/**
 * A DNS name that routes are made under.
 *
 * @param routerGroupGuid  present means TCP
 * @param organizationGuid present means private to that organization and those it is shared with
 */
record Domain(
        Stamp stamp,
        String name,
        boolean internal,
        @Nullable String routerGroupGuid,
        @Nullable String organizationGuid) {
    String guid() {
        return stamp.guid();
    }

    boolean tcp() {
        return routerGroupGuid != null;
    }

    boolean shared() {
        return organizationGuid == null;
    }
}
