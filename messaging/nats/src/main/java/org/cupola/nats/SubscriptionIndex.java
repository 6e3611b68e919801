package org.cupola.nats;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All subscriptions, in a trie by subject token.
 *
 * <p>Writers take the lock; matching takes none: it sees each node's subscriptions as one immutable array. A message
 * published while a subscription comes or goes may or may not reach it, as the protocol allows; one published after
 * {@link #add} returned does. Each change moves {@link #version} on after it was made, so a match remembered together with
 * the version read before it is exact as long as the version stands.
 */
final class SubscriptionIndex {
    private static final Subscription[] NONE = {};

    private static final class Node {
        /** By literal token. */
        private final ConcurrentHashMap<ByteString, Node> children = new ConcurrentHashMap<>(2);

        /** Below a {@code *} token. */
        private volatile @Nullable Node any;

        /** Subscriptions whose subject ends at this node. */
        private volatile Subscription[] here = NONE;

        /** Subscriptions whose subject goes on with {@code >}. */
        private volatile Subscription[] rest = NONE;

        boolean isEmpty() {
            return children.isEmpty() && any == null && here.length == 0 && rest.length == 0;
        }
    }

    private final Node root = new Node();
    private volatile long version;
    private volatile int size;

    @GuardedBy("this")
    private long inserts;

    @GuardedBy("this")
    private long removes;

    /** How often subscriptions came and went, for monitoring. */
    record Counts(int subscriptions, long inserts, long removes) {}

    long version() {
        return version;
    }

    int size() {
        return size;
    }

    synchronized Counts counts() {
        return new Counts(size, inserts, removes);
    }

    /** @param subscription with a valid subject */
    synchronized void add(Subscription subscription) {
        byte[] subject = subscription.subject().array();
        Node node = root;
        int from = 0;
        while (from <= subject.length) {
            int to = Subjects.tokenEnd(subject, from, subject.length);
            if (Subjects.isToken(subject, from, to, '>')) {
                node.rest = with(node.rest, subscription);
                changed(1);
                return;
            }
            node = Subjects.isToken(subject, from, to, '*')
                    ? anyChild(node)
                    : node.children.computeIfAbsent(ByteString.copyOf(subject, from, to), _ -> new Node());
            from = to + 1;
        }
        node.here = with(node.here, subscription);
        changed(1);
    }

    private static Node anyChild(Node node) {
        Node any = node.any;
        if (any == null) {
            any = new Node();
            node.any = any;
        }
        return any;
    }

    /** Does nothing when it is not there any more. */
    synchronized void remove(Subscription subscription) {
        if (remove(root, subscription, 0)) {
            changed(-1);
        }
    }

    private static boolean remove(Node node, Subscription subscription, int from) {
        byte[] subject = subscription.subject().array();
        if (from > subject.length) {
            Subscription[] before = node.here;
            node.here = without(before, subscription);
            return node.here.length < before.length;
        }
        int to = Subjects.tokenEnd(subject, from, subject.length);
        if (Subjects.isToken(subject, from, to, '>')) {
            Subscription[] before = node.rest;
            node.rest = without(before, subscription);
            return node.rest.length < before.length;
        }
        boolean wildcard = Subjects.isToken(subject, from, to, '*');
        ByteString token = ByteString.copyOf(subject, from, to);
        Node child = wildcard ? node.any : node.children.get(token);
        if (child == null || !remove(child, subscription, to + 1)) {
            return false;
        }
        if (child.isEmpty()) {
            if (wildcard) {
                node.any = null;
            } else {
                node.children.remove(token);
            }
        }
        return true;
    }

    @GuardedBy("this")
    private void changed(int difference) {
        int now = size + difference;
        size = now;
        if (difference > 0) {
            inserts++;
        } else {
            removes++;
        }
        long next = version + 1;
        version = next;
    }

    private static Subscription[] with(Subscription[] before, Subscription added) {
        Subscription[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = added;
        return after;
    }

    private static Subscription[] without(Subscription[] before, Subscription removed) {
        List<Subscription> after = new ArrayList<>(before.length);
        for (Subscription subscription : before) {
            if (!subscription.equals(removed)) {
                after.add(subscription);
            }
        }
        return after.isEmpty() ? NONE : after.toArray(Subscription[]::new);
    }

    /** What a published subject reaches; wildcard characters in it are literal. Any thread. */
    Matches match(byte[] subject, int from, int to) {
        var found = new Matches.Builder();
        match(root, subject, from, to, found);
        return found.build();
    }

    private static void match(Node node, byte[] subject, int from, int end, Matches.Builder found) {
        if (from > end) {
            found.add(node.here);
            return;
        }
        found.add(node.rest);
        int to = Subjects.tokenEnd(subject, from, end);
        Node any = node.any;
        if (any != null) {
            match(any, subject, to + 1, end, found);
        }
        if (!node.children.isEmpty()) {
            Node child = node.children.get(ByteString.copyOf(subject, from, to));
            if (child != null) {
                match(child, subject, to + 1, end, found);
            }
        }
    }

    /** All subscriptions, for monitoring. */
    void forEach(Consumer<Subscription> action) {
        forEach(root, action);
    }

    private static void forEach(Node node, Consumer<Subscription> action) {
        for (Subscription subscription : node.here) {
            action.accept(subscription);
        }
        for (Subscription subscription : node.rest) {
            action.accept(subscription);
        }
        Node any = node.any;
        if (any != null) {
            forEach(any, action);
        }
        node.children.values().forEach(child -> forEach(child, action));
    }
}
