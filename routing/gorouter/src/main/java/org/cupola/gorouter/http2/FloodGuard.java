package org.cupola.gorouter.http2;

import java.util.concurrent.TimeUnit;

/** Counts what costs us more than the peer. Confined to one thread. */
final class FloodGuard {
    private static final int MAX_RESETS = 200;
    private static final long RESETS_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int MAX_EMPTY_FRAMES = 16;
    private static final int MAX_UNREAD_ANSWERS = 1000;

    private int resets;
    private long resetsSince;
    private int emptyFrames;
    private int unreadAnswers;

    /** A stream was reset by the peer, or by us for what the peer did; true when that is too many of them. */
    boolean reset(long nowNanos) {
        if (resets == 0 || nowNanos - resetsSince > RESETS_NANOS) {
            resets = 0;
            resetsSince = nowNanos;
        }
        return ++resets > MAX_RESETS;
    }

    /** A frame of a body has come; true when it is one of too many that brought nothing. */
    boolean data(boolean empty) {
        emptyFrames = empty ? emptyFrames + 1 : 0;
        return emptyFrames > MAX_EMPTY_FRAMES;
    }

    /** The peer makes us answer; true when too many answers wait for it. */
    boolean answer(boolean writable) {
        unreadAnswers = writable ? 0 : unreadAnswers + 1;
        return unreadAnswers > MAX_UNREAD_ANSWERS;
    }
}
