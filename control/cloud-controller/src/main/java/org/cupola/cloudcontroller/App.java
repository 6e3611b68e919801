package org.cupola.cloudcontroller;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An app, of whichever state. */
record App(
        Stamp stamp,
        String name,
        String spaceGuid,
        boolean started,
        Lifecycle lifecycle,
        @Nullable String dropletGuid,
        boolean sshEnabled,
        boolean revisionsEnabled,
        Map<String, String> environment) {
    App {
        environment = Map.copyOf(environment);
    }

    String guid() {
        return stamp.guid();
    }

    /** The original's words for it. */
    String state() {
        return started ? "STARTED" : "STOPPED";
    }

    /**
     * How an app becomes runnable.
     *
     * @param type  the original's word, such as {@code docker}
     * @param stack empty for docker
     */
    record Lifecycle(String type, List<String> buildpacks, String stack) {
        Lifecycle {
            buildpacks = List.copyOf(buildpacks);
        }

        boolean docker() {
            return type.equals("docker");
        }
    }
}
