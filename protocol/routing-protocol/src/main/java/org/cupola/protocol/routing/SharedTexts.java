package org.cupola.protocol.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gives equal texts of different messages the same object, as far as it remembers: names of organizations, spaces and
 * cells, ids of apps with several routes, and what one message says several times. It remembers the latest text of each
 * slot, so what many have in common is soon there again after something rare took its place. Confined to one thread.
 */
public final class SharedTexts {
    private static final int SLOTS = 8192;
    private static final int KEY_SETS = 64;
    private static final int MAX_LENGTH = 64;

    private final String[] slots = new String[SLOTS];
    private final List<String[]> keySets = new ArrayList<>();

    /** The text of these bytes, which are ASCII or are not shared. */
    @SuppressWarnings("deprecation") // of bytes that are known to be ASCII it makes a text without looking again
    String text(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length > MAX_LENGTH) {
            return JsonScanner.utf8(bytes, from, to);
        }
        int hash = length;
        int all = 0;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + bytes[i];
            all |= bytes[i];
        }
        if (all < 0) {
            return JsonScanner.utf8(bytes, from, to);
        }
        int slot = (hash * 0x9E3779B9) >>> 19;
        String present = slots[slot];
        if (present != null && present.length() == length && equal(present, bytes, from)) {
            return present;
        }
        var made = new String(bytes, 0, from, length);
        slots[slot] = made;
        return made;
    }

    private static boolean equal(String text, byte[] bytes, int from) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }

    /** The first so many of the keys, in an array that others with the same have too. */
    String[] keys(String[] keys, int count) {
        for (String[] known : keySets) {
            if (Arrays.equals(known, 0, known.length, keys, 0, count)) {
                return known;
            }
        }
        String[] own = Arrays.copyOf(keys, count);
        if (keySets.size() < KEY_SETS) {
            keySets.add(own);
        }
        return own;
    }
}
