package org.cupola.nats;

import org.jspecify.annotations.Nullable;

/**
 * Remembers what recently published subjects reached, so that the trie is walked once per subject and change of
 * subscriptions, and nothing is allocated for the rest.
 *
 * <p>Each subject has exactly one slot, and a newcomer takes it: nothing to evict, bounded by construction. Confined to its
 * event loop; the counts may be read anywhere.
 */
final class MatchCache {
    private static final int SLOTS = 1024;

    private record Entry(ByteString subject, long version, Matches matches) {}

    private final SubscriptionIndex index;
    private final @Nullable Entry[] slots = new Entry[SLOTS];
    private volatile long lookups;
    private volatile long hits;

    MatchCache(SubscriptionIndex index) {
        this.index = index;
    }

    Matches match(byte[] subject, int from, int to) {
        int hash = ByteString.hash(subject, from, to);
        int slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
        long version = index.version();
        Entry entry = slots[slot];
        long total = lookups + 1;
        lookups = total; // single writer
        if (entry != null && entry.version == version && entry.subject.contentEquals(subject, from, to)) {
            long hit = hits + 1;
            hits = hit;
            return entry.matches;
        }
        Matches matches = index.match(subject, from, to);
        slots[slot] = new Entry(ByteString.copyOf(subject, from, to), version, matches);
        return matches;
    }

    long lookups() {
        return lookups;
    }

    long hits() {
        return hits;
    }

    /** The most receivers of a remembered subject. */
    int maxFanOut() {
        int max = 0;
        for (Entry entry : slots) {
            max = Math.max(max, entry == null ? 0 : entry.matches.fanOut());
        }
        return max;
    }

    double averageFanOut() {
        long sum = 0;
        int count = 0;
        for (Entry entry : slots) {
            if (entry != null) {
                sum += entry.matches.fanOut();
                count++;
            }
        }
        return count == 0 ? 0 : (double) sum / count;
    }

    /** Subjects remembered; a reader on another thread gets an estimate. */
    int size() {
        int size = 0;
        for (Entry entry : slots) {
            size += entry == null ? 0 : 1;
        }
        return size;
    }
}
