package org.cupola.tcprouter;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What happened on one external port since it was opened. Any thread. */
final class PortCounters {
    final AtomicInteger open = new AtomicInteger();
    final LongAdder accepted = new LongAdder();
    final LongAdder unrouted = new LongAdder();
    final LongAdder connectErrors = new LongAdder();
    final LongAdder unreachable = new LongAdder();
    final LongAdder idleTimeouts = new LongAdder();
    final LongAdder resets = new LongAdder();
    final LongAdder datagramsDropped = new LongAdder();
    final LongAdder bytesFromClients = new LongAdder();
    final LongAdder bytesFromBackends = new LongAdder();
    final LongAdder connectNanos = new LongAdder();
    final LongAdder connects = new LongAdder();
}
