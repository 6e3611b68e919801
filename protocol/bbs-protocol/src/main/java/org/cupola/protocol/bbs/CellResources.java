package org.cupola.protocol.bbs;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a cell has: sizes in MiB, and a number of containers. */
public record CellResources(
        @JsonProperty("MemoryMB") int memoryMb,
        @JsonProperty("DiskMB") int diskMb,
        @JsonProperty("Containers") int containers) {}
