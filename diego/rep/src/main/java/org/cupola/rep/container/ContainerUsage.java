package org.cupola.rep.container;

/** What a container uses: CPU time since its start, resident memory, files. */
public record ContainerUsage(long cpuNanos, long memoryBytes, long diskBytes, int processes) {}
