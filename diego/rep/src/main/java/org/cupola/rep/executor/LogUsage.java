package org.cupola.rep.executor;

/**
 * How much a container has logged so far.
 *
 * @param bytesPerSecond its limit; -1 means none
 */
public record LogUsage(long bytes, long bytesPerSecond) {}
