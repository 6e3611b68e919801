package org.cupola.cloudcontroller;

import org.jspecify.annotations.Nullable;

/** A process type of an app that a route leads to; absent port and protocol mean the defaults. */
record Destination(
        Stamp stamp,
        String routeGuid,
        String appGuid,
        String processType,
        @Nullable Integer port,
        @Nullable String protocol,
        @Nullable Integer weight) {
    static final int DEFAULT_PORT = 8080;

    String guid() {
        return stamp.guid();
    }

    int effectivePort() {
        return port == null ? DEFAULT_PORT : port;
    }
}
