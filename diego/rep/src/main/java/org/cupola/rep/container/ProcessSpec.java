package org.cupola.rep.container;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * One process. Immutable.
 *
 * @param path        of the program; a bare name is looked up in the PATH of the process
 * @param directory   where it runs; empty means the user's home, a missing one is made
 * @param environment on top of the container's
 * @param openFiles   limit of file descriptors
 */
public record ProcessSpec(
        String path,
        List<String> arguments,
        String directory,
        Map<String, String> environment,
        String user,
        OptionalLong openFiles) {

    public ProcessSpec {
        arguments = List.copyOf(arguments);
        environment = Environment.copy(environment);
    }
}
