package org.cupola.protocol.blobstore;

import java.util.Optional;

/** Keys from the paths they are stored under. */
final class StoredPaths {
    private static final int SHARDS = "ab/cd/".length();

    private StoredPaths() {}

    /** Empty for a path that no key leads to, such as a file somebody else put there. */
    static Optional<BlobKey> key(String path) {
        if (path.length() <= SHARDS) {
            return Optional.empty();
        }
        try {
            var key = new BlobKey(path.substring(SHARDS));
            return key.path().equals(path) ? Optional.of(key) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
