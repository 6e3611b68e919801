package org.cupola.auctioneer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What the auctioneer has done since its start, under the original's names. Any thread. */
final class AuctionCounters {
    private final LongAdder lrpsStarted = new LongAdder();
    private final LongAdder lrpsFailed = new LongAdder();
    private final LongAdder tasksStarted = new LongAdder();
    private final LongAdder tasksFailed = new LongAdder();
    private final LongAdder failedStateRequests = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final AtomicLong fetchStatesNanos = new AtomicLong();

    void started(Item item) {
        switch (item) {
            case Item.Lrp lrp -> lrpsStarted.increment();
            case Item.Task task -> tasksStarted.increment();
        }
    }

    void failed(Item item) {
        switch (item) {
            case Item.Lrp lrp -> lrpsFailed.increment();
            case Item.Task task -> tasksFailed.increment();
        }
    }

    void stateRequestFailed() {
        failedStateRequests.increment();
    }

    void request() {
        requests.increment();
    }

    void fetchedStates(long nanos) {
        fetchStatesNanos.set(nanos);
    }

    Map<String, Long> values() {
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("AuctioneerLRPAuctionsStarted", lrpsStarted.sum());
        values.put("AuctioneerLRPAuctionsFailed", lrpsFailed.sum());
        values.put("AuctioneerTaskAuctionsStarted", tasksStarted.sum());
        values.put("AuctioneerTaskAuctionsFailed", tasksFailed.sum());
        values.put("AuctioneerFailedCellStateRequests", failedStateRequests.sum());
        values.put("AuctioneerFetchStatesDuration", fetchStatesNanos.get());
        values.put("RequestCount", requests.sum());
        return values;
    }
}
