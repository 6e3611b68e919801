package org.cupola.routingapi;

import com.linecorp.armeria.common.HttpData;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.cupola.protocol.routing.RouteEvent.Action;

/**
 * The events of one write, encoded once for all subscribers. Immutable.
 *
 * @param firstNumber of its first event in the life of the hub
 */
record EventBatch(String hubId, long firstNumber, List<Event> events) {
    private static final String ID = "id: ";

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
            byte[] head = ("\nevent: " + action.wireName() + "\ndata: ").getBytes(StandardCharsets.US_ASCII);
            byte[] frame = new byte[head.length + json.length + 2];
            int end = append(json, frame, append(head, frame, 0));
            frame[end] = '\n';
            frame[end + 1] = '\n';
            return new Event(frame);
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
        byte[] id = (ID + prefix).getBytes(StandardCharsets.US_ASCII);
        byte[][] numbers = new byte[events.size()][];
        int size = 0;
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Long.toString(first + i).getBytes(StandardCharsets.US_ASCII);
            size += id.length + numbers[i].length + events.get(i).frameAfterId.length;
        }
        byte[] frames = new byte[size];
        int end = 0;
        for (int i = 0; i < numbers.length; i++) {
            end = append(id, frames, end);
            end = append(numbers[i], frames, end);
            end = append(events.get(i).frameAfterId, frames, end);
        }
        return HttpData.wrap(frames);
    }

    private static int append(byte[] part, byte[] to, int at) {
        System.arraycopy(part, 0, to, at, part.length);
        return at + part.length;
    }
}
