package org.cupola.rep.container;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Writes tar archives entry by entry, damaged and hostile ones too. */
public final class TarBuilder {
    private static final int BLOCK = 512;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public TarBuilder file(String name, String content) {
        return file(name, content, 0644);
    }

    public TarBuilder file(String name, String content, int mode) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return entry('0', name, "", bytes, mode);
    }

    public TarBuilder folder(String name) {
        return entry('5', name, "", new byte[0], 0755);
    }

    public TarBuilder symbolicLink(String name, String target) {
        return entry('2', name, target, new byte[0], 0777);
    }

    public TarBuilder hardLink(String name, String target) {
        return entry('1', name, target, new byte[0], 0644);
    }

    public TarBuilder device(String name) {
        return entry('3', name, "", new byte[0], 0644);
    }

    public TarBuilder pax(String key, String value) {
        String rest = " " + key + "=" + value + "\n";
        int length = rest.length() + 2;
        length = Integer.toString(length).length() + rest.length();
        byte[] record = (length + rest).getBytes(StandardCharsets.UTF_8);
        return entry('x', "pax", "", record, 0644);
    }

    public TarBuilder gnuLongName(String name) {
        return entry('L', "././@LongLink", "", (name + "\0").getBytes(StandardCharsets.UTF_8), 0644);
    }

    private TarBuilder entry(char type, String name, String link, byte[] content, int mode) {
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, octal(mode, 7));
        put(header, 108, octal(0, 7));
        put(header, 116, octal(0, 7));
        put(header, 124, octal(content.length, 11));
        put(header, 136, octal(0, 11));
        put(header, 148, "        ");
        header[156] = (byte) type;
        put(header, 157, link);
        put(header, 257, "ustar\0" + "00");
        int sum = 0;
        for (byte value : header) {
            sum += value & 0xff;
        }
        put(header, 148, octal(sum, 6) + "\0 ");
        out.writeBytes(header);
        out.writeBytes(content);
        out.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
        return this;
    }

    private static void put(byte[] header, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, header, offset, Math.min(bytes.length, BLOCK - offset));
    }

    private static String octal(int value, int digits) {
        return String.format(Locale.ROOT, "%0" + digits + "o", value);
    }

    public byte[] build() {
        var whole = new ByteArrayOutputStream();
        whole.writeBytes(out.toByteArray());
        whole.writeBytes(new byte[2 * BLOCK]);
        return whole.toByteArray();
    }

    /** Without the end mark. */
    public byte[] unfinished() {
        return out.toByteArray();
    }
}
