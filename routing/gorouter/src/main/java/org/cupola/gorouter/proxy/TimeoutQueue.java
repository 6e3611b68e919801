package org.cupola.gorouter.proxy;

import org.jspecify.annotations.Nullable;

/**
 * Things that all time out after the same while, oldest first. Joining and leaving cost a few pointer moves and no timer;
 * the loop's tick asks only the oldest. Confined to an event loop.
 */
final class TimeoutQueue {
    private final long timeoutNanos;
    private final Node ends = new Node(() -> {});

    /** One member; reused. */
    static final class Node {
        private final Runnable action;
        private @Nullable TimeoutQueue queue;
        private @Nullable Node before;
        private @Nullable Node after;
        private long sinceNanos;

        Node(Runnable action) {
            this.action = action;
        }

        void leave() {
            Node left = before;
            Node right = after;
            if (left != null && right != null && queue != null) {
                left.after = right;
                right.before = left;
                before = null;
                after = null;
                queue = null;
            }
        }
    }

    /** @param timeoutNanos 0 or less means never */
    TimeoutQueue(long timeoutNanos) {
        this.timeoutNanos = timeoutNanos;
        ends.before = ends;
        ends.after = ends;
    }

    /** Starts the member's time; it leaves the queue it was in. */
    void join(Node node, long nowNanos) {
        node.leave();
        Node last = ends.before;
        node.sinceNanos = nowNanos;
        node.queue = this;
        node.before = last;
        node.after = ends;
        ends.before = node;
        if (last != null) {
            last.after = node;
        }
    }

    void expire(long nowNanos) {
        if (timeoutNanos <= 0) {
            return;
        }
        for (Node node = ends.after; node != null && node != ends; node = ends.after) {
            if (nowNanos - node.sinceNanos < timeoutNanos) {
                return;
            }
            node.leave();
            node.action.run();
        }
    }

    /** Members, counted one by one. */
    int size() {
        int size = 0;
        for (Node node = ends.after; node != null && node != ends; node = node.after) {
            size++;
        }
        return size;
    }

    /** Every member's action, now. */
    void expireAll() {
        for (Node node = ends.after; node != null && node != ends; node = ends.after) {
            node.leave();
            node.action.run();
        }
    }
}
