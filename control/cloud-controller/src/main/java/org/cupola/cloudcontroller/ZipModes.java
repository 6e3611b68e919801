package org.cupola.cloudcontroller;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipException;

/**
 * Reads the Unix modes out of a zip's central directory, which the JDK's reader keeps to itself (PKWARE APPNOTE 4.3.12, 4.4.15:
 * the upper half of the external attributes when the maker was a Unix).
 */
final class ZipModes {
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int END64_LOCATOR_SIGNATURE = 0x07064b50;
    private static final int END64_SIGNATURE = 0x06064b50;
    private static final int ENTRY_SIGNATURE = 0x02014b50;
    private static final int END_BYTES = 22;
    private static final int ENTRY_BYTES = 46;
    private static final int MAX_COMMENT = 65_535;
    private static final long MAX_DIRECTORY = 256L << 20;

    private ZipModes() {}

    /** Mode with file type by entry name; entries without one are left out. */
    static Map<String, Integer> read(Path file) throws IOException {
        try (RandomAccessFile zip = new RandomAccessFile(file.toFile(), "r")) {
            ByteBuffer directory = centralDirectory(zip);
            Map<String, Integer> modes = new HashMap<>();
            while (directory.remaining() >= ENTRY_BYTES && directory.getInt(directory.position()) == ENTRY_SIGNATURE) {
                int at = directory.position();
                int nameLength = Short.toUnsignedInt(directory.getShort(at + 28));
                int extraLength = Short.toUnsignedInt(directory.getShort(at + 30));
                int commentLength = Short.toUnsignedInt(directory.getShort(at + 32));
                int mode = directory.getInt(at + 38) >>> 16;
                byte[] name = new byte[nameLength];
                directory.get(at + ENTRY_BYTES, name);
                if (mode != 0) {
                    modes.put(new String(name, StandardCharsets.UTF_8), mode);
                }
                directory.position(at + ENTRY_BYTES + nameLength + extraLength + commentLength);
            }
            return modes;
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            ZipException broken = new ZipException("broken central directory");
            broken.initCause(e);
            throw broken;
        }
    }

    private static ByteBuffer centralDirectory(RandomAccessFile zip) throws IOException {
        int tailLength = (int) Math.min(zip.length(), END_BYTES + MAX_COMMENT);
        long tailStart = zip.length() - tailLength;
        ByteBuffer tail = read(zip, tailStart, tailLength);
        for (int at = tailLength - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END_SIGNATURE) {
                long size = Integer.toUnsignedLong(tail.getInt(at + 12));
                long offset = Integer.toUnsignedLong(tail.getInt(at + 16));
                if (at >= 20 && tail.getInt(at - 20) == END64_LOCATOR_SIGNATURE) {
                    ByteBuffer end64 = read(zip, tail.getLong(at - 20 + 8), 56);
                    if (end64.getInt(0) == END64_SIGNATURE) {
                        size = end64.getLong(40);
                        offset = end64.getLong(48);
                    }
                }
                if (size > MAX_DIRECTORY) {
                    throw new ZipException("central directory of " + size + " bytes is too large");
                }
                return read(zip, offset, (int) size);
            }
        }
        throw new ZipException("end-of-central-directory signature not found");
    }

    private static ByteBuffer read(RandomAccessFile zip, long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        zip.seek(offset);
        zip.readFully(bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
