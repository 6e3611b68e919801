package org.cupola.bbs;

import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.cupola.protocol.bbs.proto.ModificationTag;

/** The states of an instance, and the parts its changes share. */
final class Instances {
    static final String UNCLAIMED = "UNCLAIMED";
    static final String CLAIMED = "CLAIMED";
    static final String RUNNING = "RUNNING";
    static final String CRASHED = "CRASHED";

    private static final int MAX_REASON_BYTES = 1024;
    private static final String TRUNCATED = "(truncated)";

    private Instances() {}

    static ActualLRPKey key(String processGuid, int index, String domain) {
        return ActualLRPKey.newBuilder()
                .setProcessGuid(processGuid)
                .setIndex(index)
                .setDomain(domain)
                .build();
    }

    static ActualLRP unclaimed(ActualLRPKey key, Moment moment) {
        return ActualLRP.newBuilder()
                .setActualLrpKey(key)
                .setActualLrpInstanceKey(ActualLRPInstanceKey.getDefaultInstance())
                .setActualLrpNetInfo(ActualLRPNetInfo.getDefaultInstance())
                .setState(UNCLAIMED)
                .setSince(moment.now())
                .setModificationTag(moment.newTag())
                .setRoutable(false)
                .build();
    }

    /** The row about to be changed: its modification index raised, its time now. */
    static ActualLRP.Builder changing(ActualLRP row, Moment moment) {
        return row.toBuilder()
                .setModificationTag(next(row.getModificationTag()))
                .setSince(moment.now());
    }

    static ModificationTag next(ModificationTag tag) {
        return tag.toBuilder().setIndex(tag.getIndex() + 1).build();
    }

    /** Off its cell: no instance, no addresses. What was learned about it (crashes, placement error, tags) stays. */
    static ActualLRP.Builder withoutCell(ActualLRP row, Moment moment) {
        return changing(row, moment)
                .setActualLrpInstanceKey(ActualLRPInstanceKey.getDefaultInstance())
                .setActualLrpNetInfo(ActualLRPNetInfo.getDefaultInstance());
    }

    static boolean is(ActualLRP row, String state) {
        return row.getState().equals(state);
    }

    /** On a cell: claimed or running. */
    static boolean isPlaced(ActualLRP row) {
        return is(row, CLAIMED) || is(row, RUNNING);
    }

    /** As it fits its column: a text of 1024 bytes or more is cut to 1013 and marked. */
    static String truncated(String reason) {
        byte[] bytes = reason.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        if (bytes.length < MAX_REASON_BYTES) {
            return reason;
        }
        int end = MAX_REASON_BYTES - TRUNCATED.length();
        while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
            end--; // not in the middle of a character
        }
        return new String(bytes, 0, end, java.nio.charset.StandardCharsets.UTF_8) + TRUNCATED;
    }
}
