package org.cupola.auctioneer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What waits for the next auction. Guarded by its lock. */
final class WorkQueue {
    @GuardedBy("this")
    private final List<Item> waiting = new ArrayList<>();

    synchronized void add(List<? extends Item> items) {
        waiting.addAll(items);
        notifyAll();
    }

    /** Returns when something waits. */
    synchronized void await() throws InterruptedException {
        while (waiting.isEmpty()) {
            wait();
        }
    }

    /** Takes everything; of items that ask for the same the first counts. */
    synchronized List<Item> drain() {
        Map<String, Item> unique = new LinkedHashMap<>();
        for (Item item : waiting) {
            String kind = switch (item) {
                case Item.Lrp lrp -> "lrp ";
                case Item.Task task -> "task ";
            };
            unique.putIfAbsent(kind + item.key(), item);
        }
        waiting.clear();
        return List.copyOf(unique.values());
    }
}
