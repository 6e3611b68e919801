package org.cupola.cloudcontroller;

import tools.jackson.databind.node.ObjectNode;

/** Absolute addresses of this API, as clients reach it. */
record Urls(String base) {
    /** @param path without the version, such as {@code /apps/:guid} */
    String v3(String path) {
        return base + "/v3" + path;
    }

    ObjectNode link(String path) {
        return Docs.link(v3(path));
    }

    ObjectNode post(String path) {
        return Docs.link(v3(path), "POST");
    }

    ObjectNode patch(String path) {
        return Docs.link(v3(path), "PATCH");
    }
}
