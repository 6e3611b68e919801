package org.cupola.routingapi;

import com.linecorp.armeria.common.HttpData;

/**
 * The events of one write with their place in the life of a hub. Immutable.
 *
 * @param firstNumber of its first event
 */
record EventBatch(String hubId, long firstNumber, Events events) {
    int size() {
        return events.size();
    }

    /** The frames of one connection that counts its events itself. */
    HttpData numberedFrom(long first) {
        return events.numbered("", first);
    }

    /** Frames whose ids mean the same on every connection to this hub. */
    HttpData resumable() {
        return events.numbered(hubId + "-", firstNumber);
    }

    /** What follows the given number; empty when nothing does. */
    EventBatch after(long number) {
        int skip = Math.clamp(number + 1 - firstNumber, 0, events.size());
        return new EventBatch(hubId, firstNumber + skip, events.from(skip));
    }
}
