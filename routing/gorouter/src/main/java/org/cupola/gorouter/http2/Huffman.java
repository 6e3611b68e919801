package org.cupola.gorouter.http2;

/**
 * The Huffman code of RFC 7541, Appendix B. It is canonical, so the lengths of the codes say everything. Decoding takes four bits
 * at a time through a table of 256 states: the inner nodes of the code's tree.
 */
final class Huffman {
    private static final int EOS = 256;
    private static final int MAX_CODE_BITS = 30;

    private static final byte[] LENGTHS = {
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7,
        7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
        23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
        21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30
    };

    // An entry of the table: the next state, the symbol that ended, and what to make of them.
    private static final int SYMBOL_SHIFT = 8;
    private static final int EMITS = 1 << 16;
    private static final int MAY_END = 1 << 17;
    private static final int FAILS = 1 << 18;

    /** By state and four bits. */
    private static final int[] TABLE = table();

    private Huffman() {}

    private static int[] table() {
        int[][] children = tree();
        boolean[] padding = new boolean[children.length];
        int node = 0;
        for (int depth = 0; depth < 8; depth++) { // up to seven bits of the EOS code, which is all ones
            padding[node] = true;
            node = children[node][1];
        }
        int[] table = new int[children.length * 16];
        for (int state = 0; state < children.length; state++) {
            for (int bits = 0; bits < 16; bits++) {
                table[state * 16 + bits] = entry(children, padding, state, bits);
            }
        }
        return table;
    }

    private static int entry(int[][] children, boolean[] padding, int state, int bits) {
        int entry = 0;
        int node = state;
        for (int bit = 3; bit >= 0; bit--) {
            int next = children[node][(bits >> bit) & 1];
            if (next == -EOS - 1) {
                return FAILS;
            }
            if (next < 0) {
                entry |= EMITS | (-next - 1) << SYMBOL_SHIFT;
                next = 0;
            }
            node = next;
        }
        return entry | node | (padding[node] ? MAY_END : 0);
    }

    /** Per inner node its two children: another inner node, or -1 less a symbol. */
    private static int[][] tree() {
        int[][] children = new int[256][2];
        int nodes = 1;
        int code = 0;
        for (int length = 1; length <= MAX_CODE_BITS; length++) {
            code <<= 1;
            for (int symbol = 0; symbol < LENGTHS.length; symbol++) {
                if (LENGTHS[symbol] != length) {
                    continue;
                }
                int node = 0;
                for (int bit = length - 1; bit > 0; bit--) {
                    int side = (code >> bit) & 1;
                    if (children[node][side] == 0) {
                        children[node][side] = nodes++;
                    }
                    node = children[node][side];
                }
                children[node][code & 1] = -symbol - 1;
                code++;
            }
        }
        return children;
    }

    /** How many bytes at most come of so many. */
    static int mostDecoded(int encodedBytes) {
        return (int) (encodedBytes * 8L / 5);
    }

    /**
     * Decodes a string.
     *
     * @param out has room for {@link #mostDecoded} bytes from {@code outAt} on
     * @return the position behind the last byte
     */
    static int decode(byte[] in, int from, int to, byte[] out, int outAt) throws HpackException {
        int[] table = TABLE;
        int at = outAt;
        int state = 0;
        int last = MAY_END;
        int failed = 0;
        for (int i = from; i < to; i++) {
            int b = in[i];
            int high = table[state << 4 | ((b >> 4) & 15)];
            if ((high & EMITS) != 0) {
                out[at++] = (byte) (high >> SYMBOL_SHIFT);
            }
            last = table[(high & 255) << 4 | (b & 15)];
            if ((last & EMITS) != 0) {
                out[at++] = (byte) (last >> SYMBOL_SHIFT);
            }
            failed |= high | last;
            state = last & 255;
        }
        if ((failed & FAILS) != 0 || (last & MAY_END) == 0) {
            throw new HpackException("malformed Huffman code");
        }
        return at;
    }
}
