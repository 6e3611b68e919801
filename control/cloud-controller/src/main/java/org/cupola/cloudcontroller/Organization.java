package org.cupola.cloudcontroller;

/** A tenant. */
record Organization(Stamp stamp, String name, boolean suspended, String quotaGuid) {
    String guid() {
        return stamp.guid();
    }
}
