package org.cupola.nats;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.cupola.nats.UserPermissions.Responses;
import org.cupola.nats.UserPermissions.Rule;
import org.cupola.nats.UserPermissions.Rules;
import org.jspecify.annotations.Nullable;

/**
 * What one connection's user may do, with the answers it still owes. Publishers on other event loops note reply subjects
 * here; everything else is the connection's own loop's.
 */
final class Permissions {
    private static final int MAX_OWED_REPLIES = 65_536;

    private record Pattern(ByteString subject, ByteString queue) {}

    private record Patterns(@Nullable List<Pattern> allowed, List<Pattern> denied) {
        static Patterns of(Rules rules) {
            List<Rule> allowed = rules.allowed();
            return new Patterns(allowed == null ? null : patterns(allowed), patterns(rules.denied()));
        }

        private static List<Pattern> patterns(List<Rule> rules) {
            return rules.stream()
                    .map(rule -> new Pattern(ByteString.of(rule.subject()), ByteString.of(rule.queue())))
                    .toList();
        }
    }

    private record OwedReply(int left, long untilNanos) {}

    private final Patterns publish;
    private final Patterns subscribe;
    private final @Nullable Responses responses;
    private final Map<ByteString, OwedReply> owed = new ConcurrentHashMap<>();

    Permissions(UserPermissions permissions) {
        this.publish = Patterns.of(permissions.publish());
        this.subscribe = Patterns.of(permissions.subscribe());
        this.responses = permissions.responses();
    }

    boolean mayPublish(PublishLine line, long nowNanos) {
        byte[] bytes = line.line;
        int from = line.subjectFrom;
        int to = line.subjectTo;
        List<Pattern> allowed = publish.allowed;
        boolean may = allowed == null || anyCovers(allowed, bytes, from, to);
        if (may && !anyCovers(publish.denied, bytes, from, to)) {
            return true;
        }
        return responses != null && payBack(line.subject(), nowNanos);
    }

    private boolean payBack(ByteString subject, long nowNanos) {
        OwedReply reply = owed.remove(subject);
        if (reply == null || nowNanos - reply.untilNanos > 0) {
            return false;
        }
        if (reply.left > 1) {
            owed.put(subject, new OwedReply(reply.left - 1, reply.untilNanos));
        }
        return true;
    }

    boolean tracksReplies() {
        return responses != null;
    }

    /** A message with this reply subject was delivered to the connection. Any thread. */
    void owesReply(ByteString reply, long nowNanos) {
        Responses allowed = responses;
        if (allowed == null) {
            return;
        }
        if (owed.size() >= MAX_OWED_REPLIES) {
            owed.values().removeIf(old -> nowNanos - old.untilNanos > 0);
        }
        if (owed.size() < MAX_OWED_REPLIES) {
            int count = allowed.max() > 0 ? allowed.max() : Integer.MAX_VALUE;
            long until = allowed.expires().isPositive() ? allowed.expires().toNanos() : Long.MAX_VALUE / 2;
            owed.put(reply, new OwedReply(count, nowNanos + until));
        }
    }

    boolean maySubscribe(ByteString subject, ByteString queue) {
        List<Pattern> allowed = subscribe.allowed;
        return (allowed == null || speaksFor(allowed, subject, queue)) && !speaksFor(subscribe.denied, subject, queue);
    }

    /** Rules that name a queue are about its members, and then outweigh the ones that name none. */
    private static boolean speaksFor(List<Pattern> patterns, ByteString subject, ByteString queue) {
        boolean plain = false;
        boolean anyQueueRule = false;
        boolean queueRule = false;
        for (Pattern pattern : patterns) {
            if (Subjects.covers(pattern.subject, subject)) {
                if (pattern.queue.isEmpty()) {
                    plain = true;
                } else if (!queue.isEmpty()) {
                    anyQueueRule = true;
                    queueRule |= Subjects.covers(pattern.queue, queue);
                }
            }
        }
        return anyQueueRule ? queueRule : plain;
    }

    /** Whether a subscription reaches subjects that are denied, so that its messages must be checked one by one. */
    boolean needsFilter(ByteString subject) {
        return Subjects.hasWildcard(subject) && subscribe.denied.stream().anyMatch(denied -> denied.queue.isEmpty());
    }

    boolean deniesDelivery(byte[] subject, int from, int to) {
        for (Pattern denied : subscribe.denied) {
            if (denied.queue.isEmpty() && Subjects.covers(denied.subject, subject, from, to)) {
                return true;
            }
        }
        return false;
    }

    private static boolean anyCovers(List<Pattern> patterns, byte[] subject, int from, int to) {
        for (Pattern pattern : patterns) {
            if (Subjects.covers(pattern.subject, subject, from, to)) {
                return true;
            }
        }
        return false;
    }
}
