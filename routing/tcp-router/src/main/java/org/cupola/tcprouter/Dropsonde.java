package org.cupola.tcprouter;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/**
 * Writes value metrics as version 1 envelopes of Loggregator, which its agent takes over UDP. Source: {@code
 * events/envelope.proto} and {@code metric.proto} of dropsonde-protocol. Stateless.
 */
final class Dropsonde {
    private static final int VALUE_METRIC = 6;

    private Dropsonde() {}

    /** @param timestampNanos since 1970 */
    static byte[] valueMetric(String origin, String name, double value, String unit, long timestampNanos) {
        var metric = new Fields().text(1, name).fixed64(2, value).text(3, unit);
        return new Fields()
                .text(1, origin)
                .number(2, VALUE_METRIC)
                .number(6, timestampNanos)
                .bytes(9, metric.toByteArray())
                .toByteArray();
    }

    /** Fields of one protobuf message, in the order in which they are added. */
    private static final class Fields {
        private static final int VARINT = 0;
        private static final int FIXED64 = 1;
        private static final int LENGTH_DELIMITED = 2;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream(64);

        Fields number(int field, long value) {
            varint((long) field << 3 | VARINT);
            varint(value);
            return this;
        }

        Fields fixed64(int field, double value) {
            varint((long) field << 3 | FIXED64);
            long bits = Double.doubleToRawLongBits(value);
            for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
                out.write((int) (bits >>> shift));
            }
            return this;
        }

        Fields text(int field, String value) {
            return bytes(field, value.getBytes(UTF_8));
        }

        Fields bytes(int field, byte[] value) {
            varint((long) field << 3 | LENGTH_DELIMITED);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) ((rest & 0x7F) | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }

        byte[] toByteArray() {
            return out.toByteArray();
        }
    }
}
