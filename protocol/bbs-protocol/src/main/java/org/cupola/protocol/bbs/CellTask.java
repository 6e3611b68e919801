package org.cupola.protocol.bbs;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.json.Json;
import tools.jackson.databind.JsonNode;

/**
 * A task as BBS, auctioneer and cells pass it on, and as a cell reports it.
 *
 * @param state {@code Invalid} in requests; {@code Running} or {@code Completed} in a cell's report
 */
public record CellTask(
        @JsonProperty("TaskGuid") String taskGuid,
        @JsonProperty("Domain") String domain,
        @JsonProperty("PlacementTags") List<String> placementTags,
        @JsonProperty("VolumeDrivers") List<String> volumeDrivers,
        @JsonProperty("RootFs") String rootFs,
        @JsonProperty("MemoryMB") int memoryMb,
        @JsonProperty("DiskMB") int diskMb,
        @JsonProperty("MaxPids") int maxPids,
        @JsonProperty("state") String state,
        @JsonProperty("failed") boolean failed) {
    public static final String NOT_STARTED = "Invalid";

    public CellTask {
        taskGuid = JsonValues.orEmpty(taskGuid);
        domain = JsonValues.orEmpty(domain);
        placementTags = JsonValues.orEmpty(placementTags);
        volumeDrivers = JsonValues.orEmpty(volumeDrivers);
        rootFs = JsonValues.orEmpty(rootFs);
        state = JsonValues.orEmpty(state);
    }

    /**
     * Reads the body of {@code POST /v1/tasks}, in which newer clients wrap each task as {@code {"Task": …}}.
     *
     * @throws tools.jackson.core.JacksonException when it is not a JSON array of such objects
     */
    public static List<CellTask> readStartRequests(byte[] json) {
        List<CellTask> tasks = new ArrayList<>();
        for (JsonNode item : Json.MAPPER.readValue(json, JsonNode[].class)) {
            JsonNode task = item.path("Task").isObject() ? item.path("Task") : item;
            tasks.add(Json.MAPPER.treeToValue(task, CellTask.class));
        }
        return List.copyOf(tasks);
    }

    @JsonIgnore
    public boolean isValidRequest() {
        return !taskGuid.isEmpty() && !rootFs.isEmpty() && memoryMb >= 0 && diskMb >= 0;
    }
}
