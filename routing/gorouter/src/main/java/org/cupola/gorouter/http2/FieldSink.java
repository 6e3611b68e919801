package org.cupola.gorouter.http2;

/** Takes the fields of a header block, one after the other. */
@FunctionalInterface
public interface FieldSink {
    FieldSink NONE = (name, nameStart, nameEnd, value, valueStart, valueEnd) -> {};

    /** The ranges are {@code [start, end)}; the arrays may be overwritten once this returns, and must not be changed. */
    void field(byte[] name, int nameStart, int nameEnd, byte[] value, int valueStart, int valueEnd);
}
