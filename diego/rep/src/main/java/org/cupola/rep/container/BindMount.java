package org.cupola.rep.container;

import java.nio.file.Path;

/** A folder of the host that appears, for reading, at a path of the container. */
public record BindMount(Path host, String container) {}
