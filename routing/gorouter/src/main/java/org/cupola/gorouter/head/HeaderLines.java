package org.cupola.gorouter.head;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of one message head and where its header lines are in it. Names are brought into canonical form in place
 * ({@code content-type} to {@code Content-Type}), so that lines can be copied to the other side as they are.
 *
 * <p>Reused from message to message. Ranges are {@code [start, end)} in {@link #bytes}.
 */
public class HeaderLines {
    private static final int FIRST_BYTES = 2048;
    private static final int FIRST_LINES = 32;
    private static final int KEPT_BYTES = 32 * 1024;
    private static final int FIELDS = 5;

    // What a byte becomes in a name: after the first letter or a dash, elsewhere; 0 where it may not stand.
    private static final byte[] FIRST = new byte[256];
    private static final byte[] REST = new byte[256];
    // Bytes that end the scan of a value: control characters but for the tab.
    private static final boolean[] STOPS_VALUE = new boolean[256];

    static {
        for (int i = 0; i < 256; i++) {
            boolean token = isTokenCharacter(i);
            if (token) {
                FIRST[i] = (byte) (i >= 'a' && i <= 'z' ? i - 32 : i);
                REST[i] = (byte) (i >= 'A' && i <= 'Z' ? i + 32 : i);
            }
            STOPS_VALUE[i] = i == 127 || (i < 32 && i != '\t');
        }
    }

    byte[] bytes = new byte[FIRST_BYTES];
    int filled;
    int end;
    private int count;
    private int[] lines = new int[FIRST_LINES * FIELDS];
    private int scannedForEnd;

    // The first line of each listed name, -1 for none.
    private final int[] first = new int[Names.COUNT];

    /** RFC 9110, 5.6.2. */
    static boolean isTokenCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || (c > ' ' && c < 127 && "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    HeaderLines() {
        Arrays.fill(first, -1);
    }

    /** Forgets the message; an array that grew large is given back. */
    public void clear() {
        forgetLines();
        filled = 0;
        end = 0;
        scannedForEnd = 0;
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[FIRST_BYTES];
        }
    }

    private void forgetLines() {
        for (int i = 0; i < count; i++) {
            first[lines[i * FIELDS]] = -1;
        }
        first[Names.OTHER] = -1;
        count = 0;
    }

    public byte[] bytes() {
        return bytes;
    }

    /** Bytes given so far, which may reach beyond the head. */
    public int filled() {
        return filled;
    }

    /** The array to put up to {@code more} bytes into, from {@link #filled} on. */
    public byte[] room(int more) {
        if (bytes.length - filled < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, filled + more));
        }
        return bytes;
    }

    public void added(int amount) {
        filled += amount;
    }

    /** Length of the head, blank line included, once it is complete. */
    public int end() {
        return end;
    }

    public int count() {
        return count;
    }

    public int id(int line) {
        return lines[line * FIELDS];
    }

    public int nameStart(int line) {
        return lines[line * FIELDS + 1];
    }

    public int nameEnd(int line) {
        return lines[line * FIELDS + 2];
    }

    public int valueStart(int line) {
        return lines[line * FIELDS + 3];
    }

    public int valueEnd(int line) {
        return lines[line * FIELDS + 4];
    }

    /** Where the next line starts. */
    public int lineEnd(int line) {
        return line + 1 < count ? nameStart(line + 1) : end - 2;
    }

    /** The first line with a listed name, -1 for none. */
    public int first(int id) {
        return first[id];
    }

    public boolean has(int id) {
        return first[id] >= 0;
    }

    /** The value of the first line with a listed name; empty for none. */
    public String value(int id) {
        int line = first[id];
        return line < 0 ? "" : valueOfLine(line);
    }

    public String valueOfLine(int line) {
        return Ascii.text(bytes, valueStart(line), valueEnd(line));
    }

    public String nameOfLine(int line) {
        return Ascii.text(bytes, nameStart(line), nameEnd(line));
    }

    /** A name as the lines here have it, from one in any case: {@code x-own-header} as {@code X-Own-Header}. */
    public static byte[] canonicalName(String name) {
        byte[] canonical = name.getBytes(StandardCharsets.ISO_8859_1);
        byte[] table = FIRST;
        for (int i = 0; i < canonical.length; i++) {
            byte known = table[canonical[i] & 0xff];
            canonical[i] = known == 0 ? canonical[i] : known;
            table = canonical[i] == '-' ? FIRST : REST;
        }
        return canonical;
    }

    public boolean isNamed(int line, byte[] canonicalName) {
        return Arrays.equals(bytes, nameStart(line), nameEnd(line), canonicalName, 0, canonicalName.length);
    }

    /** The first line with the canonical name, listed or not; -1 for none. */
    public int find(byte[] canonicalName) {
        for (int line = 0; line < count; line++) {
            if (isNamed(line, canonicalName)) {
                return line;
            }
        }
        return -1;
    }

    public boolean valueIs(int id, String lower) {
        int line = first[id];
        return line >= 0 && Ascii.equalsIgnoreCase(bytes, valueStart(line), valueEnd(line), lower);
    }

    /** Whether any line of a listed name has the token in its comma-separated list. */
    public boolean listHas(int id, String lower) {
        for (int line = first[id]; line >= 0 && line < count; line++) {
            if (id(line) == id && Ascii.listHas(bytes, valueStart(line), valueEnd(line), lower)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether it is worth reading the head from its start: at first, and then when a blank line has come, right or wrong. A head that
     * trickles in is thus read twice, not once per byte.
     */
    boolean worthReading() {
        if (scannedForEnd == 0) {
            scannedForEnd = filled;
            return true;
        }
        for (int i = Math.max(2, scannedForEnd); i < filled; i++) {
            boolean blank = bytes[i - 1] == '\r' && bytes[i - 2] == '\n';
            if (blank || (bytes[i] == '\n' && bytes[i - 1] == '\n')) {
                return true;
            }
        }
        scannedForEnd = filled;
        return false;
    }

    /** Reads header lines up to the blank line. On anything but {@link Verdict#COMPLETE} the lines are undefined. */
    Verdict readLines(int from, int maxLines) {
        forgetLines();
        byte[] b = bytes;
        int limit = filled;
        int at = from;
        while (true) {
            if (at >= limit) {
                return Verdict.INCOMPLETE;
            }
            if (b[at] == '\r') {
                if (at + 1 >= limit) {
                    return Verdict.INCOMPLETE;
                }
                end = at + 2;
                return b[at + 1] == '\n' ? Verdict.COMPLETE : Verdict.MALFORMED;
            }
            int nameStart = at;
            byte[] table = FIRST;
            while (at < limit) {
                byte canonical = table[b[at] & 0xff];
                if (canonical == 0) {
                    break;
                }
                b[at++] = canonical;
                table = canonical == '-' ? FIRST : REST;
            }
            if (at >= limit) {
                return Verdict.INCOMPLETE;
            }
            if (b[at] != ':' || at == nameStart) {
                return Verdict.MALFORMED;
            }
            int nameEnd = at++;
            while (at < limit && Ascii.isBlank(b[at])) {
                at++;
            }
            int valueStart = at;
            while (at < limit && !STOPS_VALUE[b[at] & 0xff]) {
                at++;
            }
            if (at + 1 >= limit) {
                return at < limit && b[at] != '\r' ? Verdict.MALFORMED : Verdict.INCOMPLETE;
            }
            if (b[at] != '\r' || b[at + 1] != '\n') {
                return Verdict.MALFORMED;
            }
            int valueEnd = at;
            while (valueEnd > valueStart && Ascii.isBlank(b[valueEnd - 1])) {
                valueEnd--;
            }
            at += 2;
            if (count == maxLines) {
                return Verdict.TOO_MANY_HEADERS;
            }
            add(Names.of(b, nameStart, nameEnd), nameStart, nameEnd, valueStart, valueEnd);
        }
    }

    private void add(int id, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if ((count + 1) * FIELDS > lines.length) {
            lines = Arrays.copyOf(lines, lines.length * 2);
        }
        int field = count * FIELDS;
        lines[field] = id;
        lines[field + 1] = nameStart;
        lines[field + 2] = nameEnd;
        lines[field + 3] = valueStart;
        lines[field + 4] = valueEnd;
        if (first[id] < 0) {
            first[id] = count;
        }
        count++;
    }

    /** A decimal length in the range; -1 when it is not one, or has more than 18 digits. */
    static long length(byte[] bytes, int start, int end) {
        if (start == end || end - start > 18) {
            return -1;
        }
        long value = 0;
        for (int i = start; i < end; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
