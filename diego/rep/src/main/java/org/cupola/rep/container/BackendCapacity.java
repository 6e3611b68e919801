package org.cupola.rep.container;

/** What a backend can hold in all. */
public record BackendCapacity(long memoryBytes, long diskBytes, int maxContainers) {}
