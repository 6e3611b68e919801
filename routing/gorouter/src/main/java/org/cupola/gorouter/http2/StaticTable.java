package org.cupola.gorouter.http2;

import java.nio.charset.StandardCharsets;

/** The static table of RFC 7541, Appendix A: common fields by numbers from 1 to {@value #SIZE}. */
final class StaticTable {
    static final int SIZE = 61;

    private static final String[] NAMES = {
        ":authority",
        ":method",
        ":method",
        ":path",
        ":path",
        ":scheme",
        ":scheme",
        ":status",
        ":status",
        ":status",
        ":status",
        ":status",
        ":status",
        ":status",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "accept-ranges",
        "accept",
        "access-control-allow-origin",
        "age",
        "allow",
        "authorization",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "cookie",
        "date",
        "etag",
        "expect",
        "expires",
        "from",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "last-modified",
        "link",
        "location",
        "max-forwards",
        "proxy-authenticate",
        "proxy-authorization",
        "range",
        "referer",
        "refresh",
        "retry-after",
        "server",
        "set-cookie",
        "strict-transport-security",
        "transfer-encoding",
        "user-agent",
        "vary",
        "via",
        "www-authenticate"
    };

    private static final int FIRST_REGULAR = 15;
    private static final byte[][] NAME_BYTES = new byte[SIZE + 1][];
    private static final byte[][] VALUE_BYTES = new byte[SIZE + 1][];

    /** Numbers of regular names by their hash; the next free slot where two meet. */
    private static final byte[] BY_HASH = new byte[128];

    static {
        for (int index = 1; index <= SIZE; index++) {
            byte[] name = NAMES[index - 1].getBytes(StandardCharsets.US_ASCII);
            NAME_BYTES[index] = name;
            VALUE_BYTES[index] = listedValue(index).getBytes(StandardCharsets.US_ASCII);
            if (index >= FIRST_REGULAR) {
                int slot = hash(name, 0, name.length);
                while (BY_HASH[slot] != 0) {
                    slot = (slot + 1) & 127;
                }
                BY_HASH[slot] = (byte) index;
            }
        }
    }

    private StaticTable() {}

    private static String listedValue(int index) {
        return switch (index) {
            case 2 -> "GET";
            case 3 -> "POST";
            case 4 -> "/";
            case 5 -> "/index.html";
            case 6 -> "http";
            case 7 -> "https";
            case 8 -> "200";
            case 9 -> "204";
            case 10 -> "206";
            case 11 -> "304";
            case 12 -> "400";
            case 13 -> "404";
            case 14 -> "500";
            case 16 -> "gzip, deflate";
            default -> "";
        };
    }

    static byte[] name(int index) {
        return NAME_BYTES[index];
    }

    /** Empty where only the name is listed. */
    static byte[] value(int index) {
        return VALUE_BYTES[index];
    }

    private static int hash(byte[] name, int start, int end) {
        int length = end - start;
        return (length * 31 + (name[start] | 32) * 7 + (name[end - 1] | 32) * 3 + (name[start + length / 2] | 32))
                & 127;
    }

    /** The number of a regular name, in any case; 0 for those not listed. */
    static int find(byte[] name, int start, int end) {
        if (start == end) {
            return 0;
        }
        for (int slot = hash(name, start, end); BY_HASH[slot] != 0; slot = (slot + 1) & 127) {
            byte[] candidate = NAME_BYTES[BY_HASH[slot]];
            if (candidate.length == end - start && sameIgnoringCase(candidate, name, start)) {
                return BY_HASH[slot];
            }
        }
        return 0;
    }

    private static boolean sameIgnoringCase(byte[] lower, byte[] name, int start) {
        for (int i = 0; i < lower.length; i++) {
            int b = name[start + i];
            if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != lower[i]) {
                return false;
            }
        }
        return true;
    }
}
