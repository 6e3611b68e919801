package org.cupola.nats;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The subscriptions that a subject reaches: each plain one, and of each group one member. Immutable by convention. */
final class Matches {
    private static final Subscription[] NO_PLAIN = {};
    private static final Subscription[][] NO_GROUPS = {};

    private final Subscription[] plain;
    private final Subscription[][] groups;

    private Matches(Subscription[] plain, Subscription[][] groups) {
        this.plain = plain;
        this.groups = groups;
    }

    Subscription[] plain() {
        return plain;
    }

    Subscription[][] groups() {
        return groups;
    }

    int fanOut() {
        return plain.length + groups.length;
    }

    /** Gathers what is found in the index. Queue names form one group across all subjects that match. */
    static final class Builder {
        private final List<Subscription> plain = new ArrayList<>();
        private final Map<ByteString, List<Subscription>> groups = new LinkedHashMap<>(4);

        void add(Subscription[] found) {
            for (Subscription subscription : found) {
                if (subscription.queue().isEmpty()) {
                    plain.add(subscription);
                } else {
                    groups.computeIfAbsent(subscription.queue(), _ -> new ArrayList<>())
                            .add(subscription);
                }
            }
        }

        Matches build() {
            return new Matches(
                    plain.isEmpty() ? NO_PLAIN : plain.toArray(Subscription[]::new),
                    groups.isEmpty()
                            ? NO_GROUPS
                            : groups.values().stream()
                                    .map(members -> members.toArray(Subscription[]::new))
                                    .toArray(Subscription[][]::new));
        }
    }
}
