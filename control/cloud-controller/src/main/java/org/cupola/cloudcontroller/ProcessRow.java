package org.cupola.cloudcontroller;

import org.jspecify.annotations.Nullable;

/**
 * One process of an app, such as {@code web}.
 *
 * @param version changes whenever running instances must be replaced
 * @param command the explicit start command; absent means what staging detected
 * @param logRate bytes per second; -1 means unlimited
 */
record ProcessRow(
        Stamp stamp,
        String appGuid,
        String type,
        String version,
        @Nullable String command,
        @Nullable String user,
        int instances,
        int memoryMb,
        int diskMb,
        long logRate,
        HealthCheck healthCheck,
        HealthCheck readinessCheck) {
    static final String WEB = "web";

    String guid() {
        return stamp.guid();
    }

    /** The name under which the BBS knows this version of the process. */
    String lrpGuid() {
        return guid() + "-" + version;
    }

    boolean web() {
        return type.equals(WEB);
    }

    /** How health is found out; times in seconds, absent means the platform's default. */
    record HealthCheck(
            String type,
            @Nullable Integer timeout,
            @Nullable Integer invocationTimeout,
            @Nullable Integer interval,
            @Nullable String endpoint) {
        static final HealthCheck PORT = new HealthCheck("port", null, null, null, null);
        static final HealthCheck PROCESS = new HealthCheck("process", null, null, null, null);
    }
}
