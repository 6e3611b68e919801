package org.cupola.protocol.bbs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * An LRP instance as the auctioneer hands it to a cell, and as a cell reports it.
 *
 * @param instanceGuid empty in work requests: the cell makes it
 * @param state        empty in work requests; {@code CLAIMED}, {@code RUNNING}, {@code SHUTDOWN} or {@code CRASHED} in a report
 */
public record CellLrp(
        @JsonProperty("instance_guid") String instanceGuid,
        @JsonProperty("process_guid") String processGuid,
        @JsonProperty("index") int index,
        @JsonProperty("domain") String domain,
        @JsonProperty("PlacementTags") List<String> placementTags,
        @JsonProperty("VolumeDrivers") List<String> volumeDrivers,
        @JsonProperty("RootFs") String rootFs,
        @JsonProperty("MemoryMB") int memoryMb,
        @JsonProperty("DiskMB") int diskMb,
        @JsonProperty("MaxPids") int maxPids,
        @JsonProperty("state") String state) {
    public CellLrp {
        instanceGuid = JsonValues.orEmpty(instanceGuid);
        processGuid = JsonValues.orEmpty(processGuid);
        domain = JsonValues.orEmpty(domain);
        placementTags = JsonValues.orEmpty(placementTags);
        volumeDrivers = JsonValues.orEmpty(volumeDrivers);
        rootFs = JsonValues.orEmpty(rootFs);
        state = JsonValues.orEmpty(state);
    }
}
