package org.cupola.gorouter;

import java.util.concurrent.atomic.LongAdder;

/** Counts of what happens to the routing table. Any thread. */
final class RegistryMetrics {
    final LongAdder added = new LongAdder();
    final LongAdder updated = new LongAdder();
    final LongAdder refreshed = new LongAdder();
    final LongAdder unmodified = new LongAdder();
    final LongAdder unregistered = new LongAdder();
    final LongAdder invalid = new LongAdder();
    final LongAdder pruned = new LongAdder();
}
