package org.cupola.cloudcontroller;

import tools.jackson.databind.node.ObjectNode;

/**
 * An address under a domain.
 *
 * @param host    empty for none
 * @param path    empty for none
 * @param port    0 for HTTP
 * @param options empty for none
 */
record Route(Stamp stamp, String spaceGuid, Domain domain, String host, String path, int port, ObjectNode options) {
    String guid() {
        return stamp.guid();
    }

    boolean tcp() {
        return domain.tcp();
    }

    /** As people write it, without a scheme. */
    String url() {
        if (port != 0) {
            return domain.name() + ":" + port;
        }
        return fqdn() + path;
    }

    String fqdn() {
        return host.isEmpty() ? domain.name() : host + "." + domain.name();
    }
}
