package org.cupola.routingapi;

import com.linecorp.armeria.common.HttpData;
import java.util.List;
import org.cupola.protocol.routing.JsonBytes;
import org.cupola.protocol.routing.RouteEvent.Action;

/**
 * The events of one write, encoded but for their numbers. One array holds them all, since they are remembered by the ten
 * thousand. Immutable.
 */
final class Events {
    private static final byte[] UPSERT = head(Action.UPSERT);
    private static final byte[] DELETE = head(Action.DELETE);
    private static final int TYPICAL_BYTES = 384;
    private static final int TYPICAL_ID_BYTES = 16;

    private final byte[] bytes;
    private final int[] bounds;
    private final int first;

    /**
     * @param bounds where each event begins, without its id, then where the last one ends
     * @param first  the index of the first one that counts
     */
    private Events(byte[] bytes, int[] bounds, int first) {
        this.bytes = bytes;
        this.bounds = bounds;
        this.first = first;
    }

    private static byte[] head(Action action) {
        return JsonBytes.ascii("\nevent: " + action.wireName() + "\ndata: ");
    }

    static <R> Events of(RouteKind<R> kind, List<RouteChange<R>> changes) {
        var frames = new JsonBytes(TYPICAL_BYTES * changes.size());
        int[] bounds = new int[changes.size() + 1];
        int i = 0;
        for (RouteChange<R> change : changes) {
            frames.raw(change.action() == Action.UPSERT ? UPSERT : DELETE);
            kind.write(change.row().route(), frames);
            frames.raw('\n').raw('\n');
            bounds[++i] = frames.length();
        }
        return new Events(frames.toArray(), bounds, 0);
    }

    int size() {
        return bounds.length - 1 - first;
    }

    /** What they take all together, without their ids. */
    int bytes() {
        return bounds[bounds.length - 1] - bounds[first];
    }

    /** All but the first ones. */
    Events from(int skipped) {
        return new Events(bytes, bounds, first + skipped);
    }

    /**
     * The frames as they go over the wire; each id is the prefix and a number that goes up by one.
     *
     * @param prefix ASCII
     */
    HttpData numbered(String prefix, long firstNumber) {
        byte[] head = JsonBytes.ascii("id: " + prefix);
        var frames = new JsonBytes(bytes() + size() * (head.length + TYPICAL_ID_BYTES));
        for (int i = first; i < bounds.length - 1; i++) {
            frames.raw(head).number(firstNumber + i - first).raw(bytes, bounds[i], bounds[i + 1]);
        }
        return HttpData.wrap(frames.toArray());
    }
}
