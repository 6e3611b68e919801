package org.cupola.protocol.bbs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** Instances of one process to place, as the BBS asks the auctioneer. Sizes in MiB, 0 means unlimited. */
public record LrpStartRequest(
        @JsonProperty("process_guid") String processGuid,
        @JsonProperty("domain") String domain,
        @JsonProperty("indices") List<Integer> indices,
        @JsonProperty("PlacementTags") List<String> placementTags,
        @JsonProperty("VolumeDrivers") List<String> volumeDrivers,
        @JsonProperty("RootFs") String rootFs,
        @JsonProperty("MemoryMB") int memoryMb,
        @JsonProperty("DiskMB") int diskMb,
        @JsonProperty("MaxPids") int maxPids) {
    public LrpStartRequest {
        processGuid = JsonValues.orEmpty(processGuid);
        domain = JsonValues.orEmpty(domain);
        indices = JsonValues.orEmpty(indices);
        placementTags = JsonValues.orEmpty(placementTags);
        volumeDrivers = JsonValues.orEmpty(volumeDrivers);
        rootFs = JsonValues.orEmpty(rootFs);
    }
}
