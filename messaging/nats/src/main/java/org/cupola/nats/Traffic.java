package org.cupola.nats;

/** Messages and their bytes; {@code in} is from clients, {@code out} to them. */
record Traffic(long inMessages, long outMessages, long inBytes, long outBytes) {
    static final Traffic NONE = new Traffic(0, 0, 0, 0);

    Traffic plus(Traffic other) {
        return new Traffic(
                inMessages + other.inMessages,
                outMessages + other.outMessages,
                inBytes + other.inBytes,
                outBytes + other.outBytes);
    }
}
