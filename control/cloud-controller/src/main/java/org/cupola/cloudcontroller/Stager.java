package org.cupola.cloudcontroller;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Makes a droplet out of a package. Blocking; any thread. */
interface Stager {
    /**
     * @param appPackage the zip
     * @param command    the explicit start command of the web process, or empty
     * @param work       where the droplet may be written
     */
    record Request(Path appPackage, List<String> buildpacks, String command, Path work) {}

    /** The droplet's file and what it can run. */
    record Staged(Path droplet, Map<String, String> processTypes) {}

    /** A package that cannot be staged; the message has the form {@code Id - text} that clients look for. */
    final class StagingException extends Exception {
        private static final long serialVersionUID = 1L;

        StagingException(String id, String text) {
            super(id + " - " + text);
        }
    }

    Staged stage(Request request) throws StagingException, IOException;
}
