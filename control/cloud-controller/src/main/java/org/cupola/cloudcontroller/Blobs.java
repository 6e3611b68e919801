package org.cupola.cloudcontroller;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** One store of the blobstore, such as that of the droplets. Blocking; any thread. */
interface Blobs {
    /** Stores the file's content under the key; a reader sees all of it or what was there before. */
    void put(String key, Path file) throws IOException;

    /** The content as a file that stays as it is while it is read. */
    Optional<Path> find(String key);

    boolean exists(String key);

    void delete(String key) throws IOException;
}
