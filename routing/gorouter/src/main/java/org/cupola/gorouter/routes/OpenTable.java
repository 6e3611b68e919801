package org.cupola.gorouter.routes;

import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A hash table with open addressing, at most half full, whose entries know their own hash: a general map would take 50 bytes
 * more for each, and there are entries for every instance. Which entry is the right one is up to who looks: from {@link #place} on, place
 * by place with {@link #next}, up to an empty one. Not thread-safe.
 */
final class OpenTable<T> {
    private static final int FIRST_SIZE = 256;

    private final ToIntFunction<T> hash;
    private @Nullable Object[] slots = new Object[FIRST_SIZE];
    private int used;

    /** @param hash must stay the same while an entry is in the table, and be spread over all bits */
    OpenTable(ToIntFunction<T> hash) {
        this.hash = hash;
    }

    int size() {
        return used;
    }

    /** Where to begin to look for what has the hash. */
    int place(int hashed) {
        return hashed & (slots.length - 1);
    }

    int next(int place) {
        return (place + 1) & (slots.length - 1);
    }

    /** What is at the place, {@code null} when it is empty. */
    @SuppressWarnings("unchecked") // only add puts something in
    @Nullable
    T at(int place) {
        return (T) slots[place];
    }

    /** It must not be there yet. */
    void add(T entry) {
        if ((used + 1) * 2 > slots.length) {
            grow();
        }
        insert(entry);
        used++;
    }

    /** It must be there. */
    void remove(T entry) {
        int hole = place(hash.applyAsInt(entry));
        while (!entry.equals(slots[hole])) {
            hole = next(hole);
        }
        used--;
        // Those that follow move up, unless that took them before their place.
        slots[hole] = null;
        int at = next(hole);
        for (T follower = at(at); follower != null; follower = at(at)) {
            if (distance(place(hash.applyAsInt(follower)), at) >= distance(hole, at)) {
                slots[hole] = follower;
                slots[at] = null;
                hole = at;
            }
            at = next(at);
        }
    }

    private int distance(int from, int to) {
        return (to - from) & (slots.length - 1);
    }

    private void insert(T entry) {
        int at = place(hash.applyAsInt(entry));
        while (slots[at] != null) {
            at = next(at);
        }
        slots[at] = entry;
    }

    @SuppressWarnings("unchecked") // as in at
    private void grow() {
        @Nullable Object[] before = slots;
        slots = new Object[before.length * 2];
        for (Object entry : before) {
            if (entry != null) {
                insert((T) entry);
            }
        }
    }
}
