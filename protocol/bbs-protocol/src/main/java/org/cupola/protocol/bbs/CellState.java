package org.cupola.protocol.bbs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/** What a cell answers to {@code GET /state}. */
public record CellState(
        @JsonProperty("rep_url") String repUrl,
        @JsonProperty("cell_id") String cellId,
        @JsonProperty("cell_index") int cellIndex,
        @JsonProperty("RootFSProviders") Map<String, RootFsProvider> rootFsProviders,
        @JsonProperty("AvailableResources") CellResources availableResources,
        @JsonProperty("TotalResources") CellResources totalResources,
        @JsonProperty("LRPs") List<CellLrp> lrps,
        @JsonProperty("Tasks") List<CellTask> tasks,
        @JsonProperty("StartingContainerCount") int startingContainerCount,
        @JsonProperty("Zone") String zone,
        @JsonProperty("Evacuating") boolean evacuating,
        @JsonProperty("VolumeDrivers") List<String> volumeDrivers,
        @JsonProperty("PlacementTags") List<String> placementTags,
        @JsonProperty("OptionalPlacementTags") List<String> optionalPlacementTags,
        @JsonProperty("ProxyMemoryAllocationMB") int proxyMemoryAllocationMb) {
    private static final CellResources NOTHING = new CellResources(0, 0, 0);

    public CellState {
        repUrl = JsonValues.orEmpty(repUrl);
        cellId = JsonValues.orEmpty(cellId);
        rootFsProviders = JsonValues.orEmpty(rootFsProviders);
        availableResources = availableResources == null ? NOTHING : availableResources;
        totalResources = totalResources == null ? NOTHING : totalResources;
        lrps = JsonValues.orEmpty(lrps);
        tasks = JsonValues.orEmpty(tasks);
        zone = JsonValues.orEmpty(zone);
        volumeDrivers = JsonValues.orEmpty(volumeDrivers);
        placementTags = JsonValues.orEmpty(placementTags);
        optionalPlacementTags = JsonValues.orEmpty(optionalPlacementTags);
    }
}
