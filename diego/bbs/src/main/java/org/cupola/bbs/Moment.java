package org.cupola.bbs;

import java.util.function.Supplier;
import org.cupola.protocol.bbs.proto.ModificationTag;

/**
 * What a transition takes from outside: the time, and new epochs for rows it creates.
 *
 * @param now nanoseconds since 1970
 */
record Moment(long now, Supplier<String> epochs) {
    ModificationTag newTag() {
        return ModificationTag.newBuilder().setEpoch(epochs.get()).build();
    }
}
