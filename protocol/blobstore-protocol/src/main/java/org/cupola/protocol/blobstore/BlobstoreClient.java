package org.cupola.protocol.blobstore;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One store of blobs, such as that of the droplets. Blocking; any thread.
 *
 * <p>A reader sees the whole content of one write, never a part or a mixture. Failures are {@link BlobstoreException}.
 */
public interface BlobstoreClient {
    /** How long a link lives unless the caller knows better. */
    Duration LINK_VALIDITY = Duration.ofHours(1);

    /** Who is to follow a link: components of the platform, or its users. */
    enum Audience {
        INTERNAL,
        PUBLIC
    }

    /** Whether contents are files of this machine, so that there are no links and the caller sends them itself. */
    boolean isLocal();

    boolean exists(BlobKey key) throws IOException;

    Optional<BlobAttributes> attributes(BlobKey key) throws IOException;

    /**
     * Stores the file's content, unless its size is outside the store's limits.
     *
     * @return whether it was stored
     */
    boolean put(BlobKey key, Path file) throws IOException;

    /**
     * Stores a stream's content; reads it to its end, does not close it. Never tried twice.
     *
     * @param length exactly as many bytes as there are
     */
    boolean put(BlobKey key, InputStream content, long length) throws IOException;

    /** The content; to be closed. Empty when there is no such blob. */
    Optional<InputStream> open(BlobKey key) throws IOException;

    /** Writes the content to a file, replacing it; false, and no file, when there is no such blob. */
    boolean download(BlobKey key, Path file) throws IOException;

    /** @throws BlobstoreException {@code NOT_FOUND} without a source */
    void copy(BlobKey from, BlobKey to) throws IOException;

    /** No such blob is no error. */
    void delete(BlobKey key) throws IOException;

    /**
     * Deletes all blobs whose keys begin with the given folder, such as the buildpack caches of one app, and no others.
     *
     * @param folder a key's first segment, as {@link BlobKey} would take it
     */
    void deleteFolder(BlobKey folder) throws IOException;

    /**
     * Deletes everything below the store's root.
     *
     * @throws IllegalStateException for a store without a root of its own: it would empty other stores too
     */
    void deleteAll() throws IOException;

    /** Keys of all blobs whose stored path begins so ({@code ""}: all; {@code "ab/cd"}: one shard). */
    List<BlobKey> list(String pathPrefix) throws IOException;

    /** A link by which the content can be fetched for a while; empty for a local store. */
    Optional<URI> downloadLink(BlobKey key, Audience audience, Duration validity) throws IOException;
}
