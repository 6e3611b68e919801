package org.cupola.cloudcontroller;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes a POSIX tar (ustar, with extended headers for long names). Confined to one thread. */
final class TarWriter implements Closeable {
    private static final int BLOCK = 512;
    private static final int NAME_BYTES = 100;
    private static final char FILE = '0';
    private static final char SYMLINK = '2';
    private static final char DIRECTORY = '5';
    private static final char EXTENDED = 'x';

    private final OutputStream out;

    TarWriter(OutputStream out) {
        this.out = out;
    }

    /** @param name ends in a slash */
    void directory(String name, int mode) throws IOException {
        header(name, mode, 0, DIRECTORY, "");
    }

    /** @param content exactly {@code size} bytes */
    void file(String name, int mode, long size, InputStream content) throws IOException {
        header(name, mode, size, FILE, "");
        long written = content.transferTo(out);
        if (written != size) {
            throw new IOException(name + ": " + written + " bytes (expected: " + size + ")");
        }
        pad(size);
    }

    void file(String name, int mode, byte[] content) throws IOException {
        header(name, mode, content.length, FILE, "");
        out.write(content);
        pad(content.length);
    }

    void symlink(String name, String target) throws IOException {
        header(name, 0777, 0, SYMLINK, target);
    }

    private void header(String name, int mode, long size, char type, String link) throws IOException {
        boolean longName = bytes(name).length > NAME_BYTES;
        boolean longLink = bytes(link).length > NAME_BYTES;
        if (longName || longLink) {
            byte[] records = bytes((longName ? record("path", name) : "") + (longLink ? record("linkpath", link) : ""));
            write("pax", 0644, records.length, EXTENDED, "");
            out.write(records);
            pad(records.length);
        }
        write(name, mode, size, type, link);
    }

    /** A record is preceded by its own length, which counts itself. */
    private static String record(String key, String value) {
        int rest = bytes(" " + key + "=" + value + "\n").length;
        int length = rest + Integer.toString(rest).length();
        length = rest + Integer.toString(length).length();
        return length + " " + key + "=" + value + "\n";
    }

    private void write(String name, int mode, long size, char type, String link) throws IOException {
        byte[] block = new byte[BLOCK];
        put(block, 0, NAME_BYTES, bytes(name));
        octal(block, 100, 8, mode & 07777);
        octal(block, 108, 8, 0);
        octal(block, 116, 8, 0);
        octal(block, 124, 12, size);
        octal(block, 136, 12, 0);
        Arrays.fill(block, 148, 156, (byte) ' ');
        block[156] = (byte) type;
        put(block, 157, NAME_BYTES, bytes(link));
        put(block, 257, 8, bytes("ustar\00000"));
        int sum = 0;
        for (byte b : block) {
            sum += Byte.toUnsignedInt(b);
        }
        octal(block, 148, 7, sum);
        out.write(block);
    }

    private static void put(byte[] block, int at, int length, byte[] value) {
        System.arraycopy(value, 0, block, at, Math.min(length, value.length));
    }

    private static void octal(byte[] block, int at, int length, long value) {
        String text = Long.toOctalString(value);
        put(block, at, length, bytes("0".repeat(Math.max(0, length - 1 - text.length())) + text));
        block[at + length - 1] = 0;
    }

    private void pad(long size) throws IOException {
        int rest = (int) (size % BLOCK);
        if (rest > 0) {
            out.write(new byte[BLOCK - rest]);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        out.write(new byte[2 * BLOCK]);
        out.close();
    }
}
