package org.cupola.cloudcontroller;

import java.util.function.Supplier;

/**
 * Where cells and the BBS reach this Cloud Controller. Immutable.
 *
 * @param base without a slash at the end; asked for when it is needed, as a port is known only once it listens
 */
record CellUrls(Supplier<String> base) {
    /** @param guid of the process, or of the app for its tasks */
    String droplet(String guid, Droplet droplet) {
        String checksum = droplet.sha256();
        return base.get() + "/internal/v4/droplets/" + guid + "/" + (checksum == null ? "none" : checksum)
                + "/download";
    }

    String taskCompleted(String taskGuid) {
        return base.get() + "/internal/v4/tasks/" + taskGuid + "/completed";
    }
}
