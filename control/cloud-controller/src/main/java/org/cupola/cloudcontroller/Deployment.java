package org.cupola.cloudcontroller;

import org.jspecify.annotations.Nullable;

/**
 * The replacement of an app's web process by a new one, instance by instance.
 *
 * @param targetInstances how many web instances there shall be at the end
 * @param statusChangedAt microseconds since 1970
 */
record Deployment(
        Stamp stamp,
        String appGuid,
        State state,
        String dropletGuid,
        @Nullable String previousDropletGuid,
        int maxInFlight,
        int targetInstances,
        @Nullable String newProcessGuid,
        boolean superseded,
        long statusChangedAt,
        long lastHealthyAt) {
    /** Where it is; the last two are final. */
    enum State {
        DEPLOYING,
        CANCELING,
        DEPLOYED,
        CANCELED
    }

    String guid() {
        return stamp.guid();
    }

    boolean active() {
        return state == State.DEPLOYING || state == State.CANCELING;
    }

    /** What a web process runs while this deployment is under way: the old ones keep their droplet. */
    String dropletOf(ProcessRow process, String current) {
        String previous = previousDropletGuid;
        boolean old = process.web() && !process.guid().equals(newProcessGuid);
        return active() && old && previous != null ? previous : current;
    }
}
