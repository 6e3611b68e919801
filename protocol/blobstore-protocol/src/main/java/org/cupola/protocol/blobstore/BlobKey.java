package org.cupola.protocol.blobstore;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The logical name of a blob in its store: a guid, a checksum, or two of them with a slash. Kept in lower case, as the
 * original stores it. Immutable.
 */
public record BlobKey(String value) {
    private static final Pattern SEGMENTS = Pattern.compile("[a-z0-9_][a-z0-9._-]*(/[a-z0-9_][a-z0-9._-]*)*");
    private static final int SHARD = 2;
    private static final int MAX_LENGTH = 512;

    /** @throws IllegalArgumentException for anything that could lead out of the store, or is too short to be spread */
    public BlobKey {
        value = value.toLowerCase(Locale.ROOT);
        boolean spreads = value.length() >= 2 * SHARD
                && value.indexOf('/') != 0
                && value.indexOf('/') != 1
                && value.indexOf('/') != 2
                && value.indexOf('/') != 3;
        if (!spreads || value.length() > MAX_LENGTH || !SEGMENTS.matcher(value).matches()) {
            throw new IllegalArgumentException("blob key: " + value
                    + " (expected: letters, digits, '.', '_', '-' and '/', at least four before the first '/')");
        }
    }

    public static BlobKey of(String first, String second) {
        return new BlobKey(first + "/" + second);
    }

    /** Where it lies below its store's root: {@code ab/cd/abcd…}. */
    public String path() {
        return value.substring(0, SHARD) + "/" + value.substring(SHARD, 2 * SHARD) + "/" + value;
    }

    @Override
    public String toString() {
        return value;
    }
}
