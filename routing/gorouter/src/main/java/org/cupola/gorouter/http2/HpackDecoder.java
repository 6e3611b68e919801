package org.cupola.gorouter.http2;

/**
 * Decodes header blocks (RFC 7541). What a block can make it hold or do is bounded: the dynamic table by what we announce, a
 * field list by a limit beyond which fields are decoded (they may enter the table) and not told any more.
 *
 * <p>Allocates only for fields that enter the table. Confined to one thread; one per connection.
 */
public final class HpackDecoder {
    private static final int FIELD_OVERHEAD_BYTES = 32;
    private static final int MAX_NUMBER = 1 << 28;
    private static final int FIRST_SCRATCH_BYTES = 256;
    private static final int KEPT_SCRATCH_BYTES = 4096;
    private static final byte[] NOTHING = {};

    private final int maxTableBytes;
    private final DynamicTable table;
    private byte[] block = NOTHING;
    private int at;
    private int end;
    private byte[] scratch = NOTHING;
    private int scratchUsed;

    private byte[] name = NOTHING;
    private int nameStart;
    private int nameEnd;
    private byte[] text = NOTHING;
    private int textStart;
    private int textEnd;

    /** @param maxTableBytes what we announce as SETTINGS_HEADER_TABLE_SIZE */
    public HpackDecoder(int maxTableBytes) {
        this.maxTableBytes = maxTableBytes;
        this.table = new DynamicTable(maxTableBytes);
    }

    /**
     * Decodes a whole block.
     *
     * @param maxListBytes how large a field list may be, 32 bytes a field included (RFC 9113, 6.5.2)
     * @return whether the sink was told all; otherwise the list is too large
     * @throws HpackException when the connection must end
     */
    public boolean decode(byte[] encoded, int from, int to, int maxListBytes, FieldSink sink) throws HpackException {
        block = encoded;
        at = from;
        end = to;
        if (scratch.length < Huffman.mostDecoded(to - from)) {
            scratch = new byte[Math.max(Huffman.mostDecoded(to - from), FIRST_SCRATCH_BYTES)];
        }
        long listed = 0;
        boolean fields = false;
        while (at < end) {
            int first = block[at];
            if ((first & 0xe0) == 0x20) {
                resize(fields);
                continue;
            }
            fields = true;
            scratchUsed = 0;
            readField(first);
            listed += nameEnd - nameStart + textEnd - textStart + FIELD_OVERHEAD_BYTES;
            if (listed <= maxListBytes) {
                sink.field(name, nameStart, nameEnd, text, textStart, textEnd);
            }
        }
        block = NOTHING;
        if (scratch.length > KEPT_SCRATCH_BYTES) {
            scratch = NOTHING;
        }
        return listed <= maxListBytes;
    }

    private void resize(boolean late) throws HpackException {
        int size = number(31);
        if (late || size > maxTableBytes) {
            throw new HpackException("table size " + size + (late ? " behind a field" : " is more than announced"));
        }
        table.resize(size);
    }

    private void readField(int first) throws HpackException {
        if (first < 0) {
            indexed(number(127));
        } else if ((first & 0x40) != 0) {
            literal(number(63));
            table.add(name, nameStart, nameEnd, text, textStart, textEnd);
        } else {
            literal(number(15));
        }
    }

    private void indexed(int index) throws HpackException {
        named(index);
        if (index <= StaticTable.SIZE) {
            text = StaticTable.value(index);
            textStart = 0;
        } else {
            text = name;
            textStart = nameEnd; // an entry of the table has its value behind its name
        }
        textEnd = text.length;
    }

    private void named(int index) throws HpackException {
        nameStart = 0;
        if (index == 0) {
            throw new HpackException("index 0");
        }
        if (index <= StaticTable.SIZE) {
            name = StaticTable.name(index);
            nameEnd = name.length;
            return;
        }
        int entry = index - StaticTable.SIZE - 1;
        if (entry >= table.count()) {
            throw new HpackException("index " + index + " of " + (StaticTable.SIZE + table.count()));
        }
        name = table.entry(entry);
        nameEnd = table.nameLength(entry);
    }

    private void literal(int nameIndex) throws HpackException {
        if (nameIndex == 0) {
            string();
            name = text;
            nameStart = textStart;
            nameEnd = textEnd;
            string();
        } else {
            named(nameIndex);
            string();
        }
    }

    private void string() throws HpackException {
        if (at >= end) {
            throw new HpackException("ends before a string");
        }
        boolean huffman = block[at] < 0;
        int length = number(127);
        if (length > end - at) {
            throw new HpackException("string of " + length + " bytes, " + (end - at) + " there");
        }
        int from = at;
        at += length;
        if (!huffman) {
            text = block;
            textStart = from;
            textEnd = at;
            return;
        }
        text = scratch;
        textStart = scratchUsed;
        textEnd = Huffman.decode(block, from, at, scratch, scratchUsed);
        scratchUsed = textEnd;
    }

    /** Reads a number (5.1) whose first byte shares its place with others. */
    private int number(int mask) throws HpackException {
        int value = block[at++] & mask;
        if (value < mask) {
            return value;
        }
        for (int shift = 0; shift < 32; shift += 7) {
            if (at >= end) {
                throw new HpackException("ends within a number");
            }
            int b = block[at++];
            long sum = value + ((long) (b & 127) << shift);
            if (sum > MAX_NUMBER) {
                break;
            }
            value = (int) sum;
            if (b >= 0) {
                return value;
            }
        }
        throw new HpackException("number of more than " + MAX_NUMBER);
    }
}
