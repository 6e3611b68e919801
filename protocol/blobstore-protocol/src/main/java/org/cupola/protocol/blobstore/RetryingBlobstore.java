package org.cupola.protocol.blobstore;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Tries each operation up to three times in all, without a delay, as the original does; but not where the store has answered that
 * there is nothing, and not where a stream is already read. The last failure is thrown, with the others beside it.
 */
public final class RetryingBlobstore implements BlobstoreClient {
    private static final int ATTEMPTS = 3;
    private final BlobstoreClient store;

    public RetryingBlobstore(BlobstoreClient store) {
        this.store = store;
    }

    @FunctionalInterface
    private interface Operation<T> {
        T run() throws IOException;
    }

    private static <T> T retry(Operation<T> operation) throws IOException {
        IOException earlier = null;
        for (int attempt = 1; ; attempt++) {
            try {
                return operation.run();
            } catch (IOException e) {
                if (earlier != null) {
                    e.addSuppressed(earlier);
                }
                boolean certain =
                        e instanceof BlobstoreException failure && failure.kind() == BlobstoreException.Kind.NOT_FOUND;
                if (attempt == ATTEMPTS || certain || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                earlier = e;
            }
        }
    }

    @Override
    public boolean isLocal() {
        return store.isLocal();
    }

    @Override
    public boolean exists(BlobKey key) throws IOException {
        return retry(() -> store.exists(key));
    }

    @Override
    public Optional<BlobAttributes> attributes(BlobKey key) throws IOException {
        return retry(() -> store.attributes(key));
    }

    @Override
    public boolean put(BlobKey key, Path file) throws IOException {
        return retry(() -> store.put(key, file));
    }

    @Override
    public boolean put(BlobKey key, InputStream content, long length) throws IOException {
        return store.put(key, content, length);
    }

    @Override
    public Optional<InputStream> open(BlobKey key) throws IOException {
        return retry(() -> store.open(key));
    }

    @Override
    public boolean download(BlobKey key, Path file) throws IOException {
        return retry(() -> store.download(key, file));
    }

    @Override
    public void copy(BlobKey from, BlobKey to) throws IOException {
        retry(() -> {
            store.copy(from, to);
            return true;
        });
    }

    @Override
    public void delete(BlobKey key) throws IOException {
        retry(() -> {
            store.delete(key);
            return true;
        });
    }

    @Override
    public void deleteFolder(BlobKey folder) throws IOException {
        retry(() -> {
            store.deleteFolder(folder);
            return true;
        });
    }

    @Override
    public void deleteAll() throws IOException {
        retry(() -> {
            store.deleteAll();
            return true;
        });
    }

    @Override
    public List<BlobKey> list(String pathPrefix) throws IOException {
        return retry(() -> store.list(pathPrefix));
    }

    @Override
    public Optional<URI> downloadLink(BlobKey key, Audience audience, Duration validity) throws IOException {
        return retry(() -> store.downloadLink(key, audience, validity));
    }
}
