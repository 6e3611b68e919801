package org.cupola.rep.executor;

import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.CellTask;

/** What a container is for, as the auctioneer handed it to the cell. */
public sealed interface Work {
    /** The container's guid. */
    String guid();

    String domain();

    String rootFs();

    int memoryMb();

    int diskMb();

    int maxPids();

    /** An instance of a long-running process; its instance guid is the container's. */
    record Lrp(CellLrp lrp) implements Work {
        @Override
        public String guid() {
            return lrp.instanceGuid();
        }

        @Override
        public String domain() {
            return lrp.domain();
        }

        @Override
        public String rootFs() {
            return lrp.rootFs();
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
        public int maxPids() {
            return lrp.maxPids();
        }
    }

    /** A task; its guid is the container's. */
    record Task(CellTask task) implements Work {
        @Override
        public String guid() {
            return task.taskGuid();
        }

        @Override
        public String domain() {
            return task.domain();
        }

        @Override
        public String rootFs() {
            return task.rootFs();
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
        public int maxPids() {
            return task.maxPids();
        }
    }
}
