package org.cupola.routingapi;

import com.linecorp.armeria.common.HttpData;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.cupola.protocol.routing.RouteEvent.Action;

/**
 * The events of one write, encoded once for all subscribers. Immutable.
 *
 * @param firstNumber of its first event in the life of the hub
 */
record EventBatch(String hubId, long firstNumber, List<Event> events) {
    private static final byte[] ID = "id: ".getBytes(StandardCharsets.US_ASCII);

    EventBatch {
        events = List.copyOf(events);
    }

    /** One event, encoded but for its number. Immutable. */
    static final class Event {
        private final byte[] frameAfterId;

        private Event(byte[] frameAfterId) {
            this.frameAfterId = frameAfterId;
        }

        static Event of(Action action, byte[] json) {
            var frame = new ByteArrayOutputStream(json.length + 32);
            frame.writeBytes(("\nevent: " + action.wireName() + "\ndata: ").getBytes(StandardCharsets.US_ASCII));
            frame.writeBytes(json);
            frame.writeBytes(new byte[] {'\n', '\n'});
            return new Event(frame.toByteArray());
        }

        int bytes() {
            return frameAfterId.length;
        }
    }

    int size() {
        return events.size();
    }

    /** The frames of one connection that counts its events itself. */
    HttpData numberedFrom(long first) {
        return frames("", first);
    }

    /** Frames whose ids mean the same on every connection to this hub. */
    HttpData resumable() {
        return frames(hubId + "-", firstNumber);
    }

    /** What follows the given number; empty when nothing does. */
    EventBatch after(long number) {
        int skip = Math.clamp(number + 1 - firstNumber, 0, events.size());
        return new EventBatch(hubId, firstNumber + skip, events.subList(skip, events.size()));
    }

    private HttpData frames(String prefix, long first) {
        int size = 0;
        for (Event event : events) {
            size += event.frameAfterId.length + prefix.length() + 24;
        }
        var frames = new ByteArrayOutputStream(size);
        long number = first;
        for (Event event : events) {
            frames.writeBytes(ID);
            frames.writeBytes((prefix + number++).getBytes(StandardCharsets.US_ASCII));
            frames.writeBytes(event.frameAfterId);
        }
        return HttpData.wrap(frames.toByteArray());
    }
}
