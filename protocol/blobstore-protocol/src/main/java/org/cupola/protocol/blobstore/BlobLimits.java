package org.cupola.protocol.blobstore;

/** Sizes a store takes, both ends included; a write outside of them is left out without an error. */
public record BlobLimits(long minBytes, long maxBytes) {
    public static final BlobLimits NONE = new BlobLimits(0, Long.MAX_VALUE);

    public BlobLimits {
        if (minBytes < 0 || maxBytes < minBytes) {
            throw new IllegalArgumentException(
                    "blob limits: " + minBytes + " to " + maxBytes + " (expected: 0 <= minimum <= maximum)");
        }
    }

    public boolean allow(long bytes) {
        return bytes >= minBytes && bytes <= maxBytes;
    }
}
