package org.cupola.rep.container;

import java.util.List;
import java.util.Map;

/**
 * What a container is to be. Immutable.
 *
 * @param handle      its name, unique on the cell; letters, digits, dots, dashes and underscores
 * @param rootFs      as the work asked for it, such as {@code preloaded:cflinuxfs4}
 * @param environment of every process in it
 * @param memoryBytes 0 means no limit
 * @param diskBytes   0 means no limit
 * @param maxPids     0 means no limit
 * @param ports       that processes will listen on, each once
 * @param mounts      folders of the host that appear in it
 */
public record ContainerSpec(
        String handle,
        String rootFs,
        Map<String, String> environment,
        long memoryBytes,
        long diskBytes,
        int maxPids,
        List<Integer> ports,
        List<BindMount> mounts) {

    public ContainerSpec {
        if (!handle.matches("[A-Za-z0-9._-]+") || handle.startsWith(".")) {
            throw new IllegalArgumentException("handle: " + handle + " (expected: letters, digits, dots, dashes)");
        }
        environment = Environment.copy(environment);
        ports = List.copyOf(ports);
        mounts = List.copyOf(mounts);
    }
}
