package org.cupola.protocol.bbs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a cell is to start; in the answer, what it did not take.
 *
 * @param cellId whom it is meant for; absent means whoever gets it
 */
public record CellWork(
        @JsonProperty("LRPs") List<CellLrp> lrps,
        @JsonProperty("Tasks") List<CellTask> tasks,
        @JsonProperty("cell_id") @Nullable String cellId) {
    public CellWork {
        lrps = JsonValues.orEmpty(lrps);
        tasks = JsonValues.orEmpty(tasks);
    }
}
