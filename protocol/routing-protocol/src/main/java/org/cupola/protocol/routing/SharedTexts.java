package org.cupola.protocol.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives equal texts of different messages the same object, as far as it remembers: names of organizations, spaces and
 * cells, ids of apps with several routes, and what one message says several times. It remembers the latest text of each
 * slot, so what many have in common is soon there again after something rare took its place. Confined to one thread.
 */
public final class SharedTexts {
    private static final int SLOT_BITS = 13;
    private static final int SLOT_BITS_FOR_ONE = 4;
    private static final int KEY_SETS = 64;
    private static final int MAX_LENGTH = 64;

    /** Of one message, as far as they are gathered here. */
    static final int MAX_TAGS = 32;

    private final int slotShift;
    private final @Nullable String[] slots;

    /** Of the texts in the slots, so that another text than the one there is not looked at. */
    private final long[] hashes;

    private final List<String[]> keySets = new ArrayList<>();

    // What a message's tags are gathered in.
    final String[] tagKeys = new String[MAX_TAGS];
    final String[] tagValues = new String[MAX_TAGS];

    /** By key of a message, the one that came after it in the latest; the last is what came first. */
    final byte[] nextKey = new byte[RegistryMessageParser.KEY_COUNT + 1];

    /** The keys that the tags of the latest message had. */
    String[] latestKeys = {};

    public SharedTexts() {
        this(SLOT_BITS);
    }

    private SharedTexts(int slotBits) {
        slotShift = Long.SIZE - slotBits;
        slots = new String[1 << slotBits];
        hashes = new long[1 << slotBits];
    }

    /** For a single message. */
    static SharedTexts forOne() {
        return new SharedTexts(SLOT_BITS_FOR_ONE);
    }

    /** The text of these bytes, which are ASCII or are not shared. */
    @SuppressWarnings("deprecation") // of bytes that are known to be ASCII it makes a text without looking again
    String text(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length > MAX_LENGTH) {
            return JsonScanner.utf8(bytes, from, to);
        }
        long hash = Words.asciiHash(bytes, from, to);
        if (hash == 0) {
            return JsonScanner.utf8(bytes, from, to);
        }
        int slot = (int) (hash >>> slotShift);
        if (hashes[slot] == hash) {
            String present = slots[slot];
            if (present != null && equal(present, bytes, from, to)) {
                return present;
            }
        }
        var made = new String(bytes, 0, from, length);
        slots[slot] = made;
        hashes[slot] = hash;
        return made;
    }

    static boolean equal(String text, byte[] bytes, int from, int to) {
        if (text.length() != to - from) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }

    /** The first so many of the keys, in an array that others with the same have too. */
    String[] keys(String[] keys, int count) {
        if (!areKeys(latestKeys, keys, count)) {
            latestKeys = findKeys(keys, count);
        }
        return latestKeys;
    }

    private String[] findKeys(String[] keys, int count) {
        for (String[] known : keySets) {
            if (areKeys(known, keys, count)) {
                return known;
            }
        }
        String[] own = Arrays.copyOf(keys, count);
        if (keySets.size() < KEY_SETS) {
            keySets.add(own);
        }
        return own;
    }

    private static boolean areKeys(String[] known, String[] keys, int count) {
        return Arrays.equals(known, 0, known.length, keys, 0, count);
    }
}
