package org.cupola.platform.debug;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/**
 * Writes one message of protocol buffers, field by field: what a profile needs of the encoding, so that this module asks for
 * no library. Confined to one thread.
 */
final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int BYTES = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ProtoWriter number(int field, long value) {
        varint((field << 3) | VARINT);
        varint(value);
        return this;
    }

    ProtoWriter text(int field, String value) {
        return bytes(field, value.getBytes(UTF_8));
    }

    ProtoWriter message(int field, ProtoWriter value) {
        return bytes(field, value.bytes());
    }

    ProtoWriter packed(int field, long... values) {
        var all = new ProtoWriter();
        for (long value : values) {
            all.varint(value);
        }
        return bytes(field, all.bytes());
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    private ProtoWriter bytes(int field, byte[] value) {
        varint((field << 3) | BYTES);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
