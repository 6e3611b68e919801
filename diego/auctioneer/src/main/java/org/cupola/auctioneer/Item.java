package org.cupola.auctioneer;

import java.util.List;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.CellTask;
import org.cupola.protocol.bbs.LrpStartRequest;

/**
 * One thing to place. Immutable.
 *
 * @see #attempt how often a cell has been asked to take it, beginning with 1
 */
sealed interface Item {
    /** Two items with the same key are the same work. */
    String key();

    String rootFs();

    List<String> volumeDrivers();

    List<String> placementTags();

    int memoryMb();

    int diskMb();

    int attempt();

    String traceId();

    Item again();

    /** One instance of a long-running process. */
    record Lrp(CellLrp lrp, int attempt, String traceId) implements Item {
        static Lrp of(LrpStartRequest request, int index, String traceId) {
            var lrp = new CellLrp(
                    "",
                    request.processGuid(),
                    index,
                    request.domain(),
                    request.placementTags(),
                    request.volumeDrivers(),
                    request.rootFs(),
                    request.memoryMb(),
                    request.diskMb(),
                    request.maxPids(),
                    "");
            return new Lrp(lrp, 1, traceId);
        }

        @Override
        public String key() {
            return key(lrp);
        }

        static String key(CellLrp lrp) {
            return lrp.processGuid() + "." + lrp.index();
        }

        @Override
        public String rootFs() {
            return lrp.rootFs();
        }

        @Override
        public List<String> volumeDrivers() {
            return lrp.volumeDrivers();
        }

        @Override
        public List<String> placementTags() {
            return lrp.placementTags();
        }

        @Override
        public int memoryMb() {
            return lrp.memoryMb();
        }

        @Override
        public int diskMb() {
            return lrp.diskMb();
        }

        @Override
        public Lrp again() {
            return new Lrp(lrp, attempt + 1, traceId);
        }
    }

    /** A task. */
    record Task(CellTask task, int attempt, String traceId) implements Item {
        @Override
        public String key() {
            return task.taskGuid();
        }

        @Override
        public String rootFs() {
            return task.rootFs();
        }

        @Override
        public List<String> volumeDrivers() {
            return task.volumeDrivers();
        }

        @Override
        public List<String> placementTags() {
            return task.placementTags();
        }

        @Override
        public int memoryMb() {
            return task.memoryMb();
        }

        @Override
        public int diskMb() {
            return task.diskMb();
        }

        @Override
        public Task again() {
            return new Task(task, attempt + 1, traceId);
        }
    }
}
