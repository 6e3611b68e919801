package org.cupola.rep.container;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a tar stream entry by entry: ustar, GNU long names and pax headers. Sources: POSIX.1-2017 {@code pax}, and the GNU tar
 * manual. Confined to one thread; does not close the stream.
 */
final class TarReader {
    private static final int BLOCK = 512;
    /** A header that holds a name or attributes is small; a larger one is an attack or damage. */
    private static final long MAX_HEADER_BYTES = 1024 * 1024;

    private final InputStream in;
    private long unread;
    private long padding;

    TarReader(InputStream in) {
        this.in = in;
    }

    enum Kind {
        FILE,
        FOLDER,
        SYMBOLIC_LINK,
        HARD_LINK,
        OTHER
    }

    record Entry(String name, Kind kind, int mode, long sizeBytes, String link) {}

    /** The next entry; none at the end of the archive. What was not read of the one before is skipped. */
    Optional<Entry> next() throws IOException {
        Map<String, String> attributes = new HashMap<>();
        while (true) {
            in.skipNBytes(unread + padding);
            unread = 0;
            padding = 0;
            byte[] header = in.readNBytes(BLOCK);
            if (header.length == 0 || (header.length == BLOCK && isZero(header))) {
                return Optional.empty();
            }
            if (header.length < BLOCK) {
                throw new EOFException("tar archive ends within a header");
            }
            check(header);
            long size = number(header, 124, 12);
            char type = (char) header[156];
            switch (type) {
                case 'x' -> pax(body(size), attributes);
                case 'g' -> body(size);
                case 'L' -> attributes.put("path", text(body(size)));
                case 'K' -> attributes.put("linkpath", text(body(size)));
                default -> {
                    return Optional.of(entry(header, type, size, attributes));
                }
            }
        }
    }

    private Entry entry(byte[] header, char type, long headerSize, Map<String, String> attributes) throws IOException {
        String name = attributes.getOrDefault("path", headerName(header));
        String link = attributes.getOrDefault("linkpath", text(header, 157, 100));
        long size = attributes.containsKey("size") ? Long.parseLong(attributes.get("size")) : headerSize;
        Kind kind = switch (type) {
            case '0', '\0', '7' -> name.endsWith("/") ? Kind.FOLDER : Kind.FILE;
            case '1' -> Kind.HARD_LINK;
            case '2' -> Kind.SYMBOLIC_LINK;
            case '5' -> Kind.FOLDER;
            default -> Kind.OTHER;
        };
        if (kind == Kind.FILE || kind == Kind.OTHER) {
            unread = size;
            padding = (BLOCK - size % BLOCK) % BLOCK;
        }
        return new Entry(name, kind, (int) number(header, 100, 8) & 0777, size, link);
    }

    /** The content of the entry last returned; its end is that of the entry. */
    InputStream content() {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                if (unread == 0) {
                    return -1;
                }
                int count = super.read(buffer, offset, (int) Math.min(length, unread));
                if (count < 0) {
                    throw new EOFException("tar archive ends within a file");
                }
                unread -= count;
                return count;
            }

            @Override
            public void close() {
                // the archive goes on
            }
        };
    }

    private byte[] body(long size) throws IOException {
        if (size < 0 || size > MAX_HEADER_BYTES) {
            throw new IOException("tar header of " + size + " bytes");
        }
        byte[] body = in.readNBytes((int) size);
        if (body.length < size) {
            throw new EOFException("tar archive ends within a header");
        }
        in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
        return body;
    }

    /** Records of the form {@code length key=value\n}, the length counting all of it. */
    private static void pax(byte[] body, Map<String, String> attributes) throws IOException {
        int start = 0;
        while (start < body.length) {
            int space = start;
            while (space < body.length && body[space] != ' ') {
                space++;
            }
            int length;
            try {
                length = Integer.parseInt(new String(body, start, space - start, StandardCharsets.US_ASCII));
            } catch (NumberFormatException e) {
                throw new IOException("damaged pax header", e);
            }
            if (length <= space - start + 1 || start + length > body.length) {
                throw new IOException("damaged pax header");
            }
            String record = new String(body, space + 1, start + length - space - 2, StandardCharsets.UTF_8);
            int equals = record.indexOf('=');
            if (equals > 0) {
                attributes.put(record.substring(0, equals), record.substring(equals + 1));
            }
            start += length;
        }
    }

    private static String headerName(byte[] header) {
        String name = text(header, 0, 100);
        boolean ustar = text(header, 257, 5).equals("ustar") && header[262] == 0;
        String prefix = ustar ? text(header, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static void check(byte[] header) throws IOException {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
        }
        if (sum != number(header, 148, 8)) {
            throw new IOException("damaged tar header");
        }
    }

    private static boolean isZero(byte[] block) {
        for (byte value : block) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    /** Octal digits, or, with the first bit set, a binary number (GNU). */
    private static long number(byte[] header, int offset, int length) throws IOException {
        if ((header[offset] & 0x80) != 0) {
            long value = header[offset] & 0x3f;
            for (int i = 1; i < length; i++) {
                value = (value << 8) | (header[offset + i] & 0xff);
            }
            return value;
        }
        String digits = text(header, offset, length).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
        } catch (NumberFormatException e) {
            throw new IOException("damaged tar header", e);
        }
    }

    private static String text(byte[] bytes) {
        return text(bytes, 0, bytes.length);
    }

    private static String text(byte[] bytes, int offset, int length) {
        int end = offset;
        while (end < offset + length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
    }
}
