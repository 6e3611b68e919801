package org.cupola.gorouter.http2;

/**
 * The fields that a header block may name by a number because they came before (RFC 7541, 2.3.2). Each has one array, the
 * value behind the name, which is never changed: who holds it may go on reading when the entry has been evicted. Confined to
 * one thread.
 */
final class DynamicTable {
    private static final int ENTRY_OVERHEAD_BYTES = 32;
    private static final int FIRST_SLOTS = 16;
    private static final byte[] NONE = {};

    // A ring: the newest at newest, older ones behind it.
    private byte[][] entries = {};
    private int[] nameLengths = {};
    private int newest;
    private int count;
    private int bytes;
    private int maxBytes;

    DynamicTable(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    int count() {
        return count;
    }

    int bytes() {
        return bytes;
    }

    /** Name and value of the entry that is so many before the newest. */
    byte[] entry(int age) {
        return entries[slot(age)];
    }

    int nameLength(int age) {
        return nameLengths[slot(age)];
    }

    private int slot(int age) {
        return (newest - age) & (entries.length - 1);
    }

    void resize(int newMaxBytes) {
        maxBytes = newMaxBytes;
        evictDownTo(newMaxBytes);
    }

    /** An entry that is too large for it empties the table (4.4). */
    void add(byte[] name, int nameStart, int nameEnd, byte[] value, int valueStart, int valueEnd) {
        int nameLength = nameEnd - nameStart;
        int valueLength = valueEnd - valueStart;
        int size = nameLength + valueLength + ENTRY_OVERHEAD_BYTES;
        evictDownTo(Math.max(0, maxBytes - size));
        if (size > maxBytes) {
            return;
        }
        byte[] entry = new byte[nameLength + valueLength];
        System.arraycopy(name, nameStart, entry, 0, nameLength);
        System.arraycopy(value, valueStart, entry, nameLength, valueLength);
        if (count == entries.length) {
            grow();
        }
        newest = (newest + 1) & (entries.length - 1);
        entries[newest] = entry;
        nameLengths[newest] = nameLength;
        count++;
        bytes += size;
    }

    private void grow() {
        int slots = Math.max(FIRST_SLOTS, entries.length * 2);
        byte[][] moved = new byte[slots][];
        int[] movedLengths = new int[slots];
        for (int age = 0; age < count; age++) {
            moved[count - 1 - age] = entry(age);
            movedLengths[count - 1 - age] = nameLength(age);
        }
        entries = moved;
        nameLengths = movedLengths;
        newest = count - 1;
    }

    private void evictDownTo(int limit) {
        while (bytes > limit) {
            int oldest = slot(count - 1);
            bytes -= entries[oldest].length + ENTRY_OVERHEAD_BYTES;
            entries[oldest] = NONE;
            count--;
        }
    }
}
