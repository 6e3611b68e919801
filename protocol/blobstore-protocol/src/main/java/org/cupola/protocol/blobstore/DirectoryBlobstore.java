package org.cupola.protocol.blobstore;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A store in a directory of this machine, laid out as the original lays it out and changed as {@link BlobFiles} does. Any thread.
 */
public final class DirectoryBlobstore implements BlobstoreClient {
    private static final int BUFFER_BYTES = 64 * 1024;
    private final Path base;
    private final Path root;
    private final BlobLimits limits;

    /**
     * @param base   of this store; made when the first blob comes
     * @param folder below it, for stores that share a base, or empty
     */
    public DirectoryBlobstore(Path base, String folder, BlobLimits limits) {
        this.base = base.toAbsolutePath().normalize();
        this.root = this.base.resolve(folder).normalize();
        this.limits = limits;
        if (!root.startsWith(this.base)) {
            throw new IllegalArgumentException("blobstore folder: " + folder + " (expected: below " + base + ")");
        }
    }

    @Override
    public boolean isLocal() {
        return true;
    }

    @Override
    public boolean exists(BlobKey key) {
        return Files.isRegularFile(path(key));
    }

    /** The file itself, for callers that send it; it may be replaced or deleted, but not changed. */
    public Path path(BlobKey key) {
        return root.resolve(key.path());
    }

    @Override
    public Optional<BlobAttributes> attributes(BlobKey key) throws IOException {
        Path path = path(key);
        try (InputStream content = Files.newInputStream(path)) {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return Optional.of(new BlobAttributes(
                    md5(content), attributes.lastModifiedTime().toInstant(), attributes.size()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean put(BlobKey key, Path file) throws IOException {
        long length = Files.size(file);
        try (InputStream content = Files.newInputStream(file)) {
            return put(key, content, length);
        }
    }

    @Override
    public boolean put(BlobKey key, InputStream content, long length) throws IOException {
        if (!limits.allow(length)) {
            return false;
        }
        BlobFiles.write(path(key), content, length);
        return true;
    }

    @Override
    public Optional<InputStream> open(BlobKey key) throws IOException {
        try {
            return Optional.of(Files.newInputStream(path(key)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean download(BlobKey key, Path file) throws IOException {
        try {
            Files.copy(path(key), file, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public void copy(BlobKey from, BlobKey to) throws IOException {
        try {
            BlobFiles.copy(path(from), path(to));
        } catch (NoSuchFileException e) {
            throw new BlobstoreException(BlobstoreException.Kind.NOT_FOUND, "no blob " + from, e);
        }
    }

    @Override
    public void delete(BlobKey key) throws IOException {
        Path path = path(key);
        Files.deleteIfExists(path);
        BlobFiles.deleteEmptyParents(path, root);
    }

    @Override
    public void deleteFolder(BlobKey folder) throws IOException {
        Path path = path(folder);
        BlobFiles.deleteTree(path);
        BlobFiles.deleteEmptyParents(path, root);
    }

    @Override
    public void deleteAll() throws IOException {
        if (root.equals(base)) {
            throw new IllegalStateException("a blobstore without a folder of its own is never emptied");
        }
        BlobFiles.deleteTree(root);
    }

    @Override
    public List<BlobKey> list(String pathPrefix) throws IOException {
        List<BlobKey> keys = new ArrayList<>();
        if (!Files.isDirectory(root)) {
            return keys;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                String path = relative(directory);
                boolean maybe = path.isEmpty()
                        || pathPrefix.startsWith(path + "/")
                        || path.startsWith(pathPrefix)
                        || pathPrefix.startsWith(path);
                return maybe ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String path = relative(file);
                if (path.startsWith(pathPrefix) && !BlobFiles.isUnfinished(file)) {
                    StoredPaths.key(path).ifPresent(keys::add);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                return BlobFiles.goOnWhenGone(failure);
            }
        });
        return keys;
    }

    private String relative(Path path) {
        return root.relativize(path).toString().replace('\\', '/');
    }

    @Override
    public Optional<URI> downloadLink(BlobKey key, Audience audience, Duration validity) {
        return Optional.empty();
    }

    private static String md5(InputStream content) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            byte[] buffer = new byte[BUFFER_BYTES];
            int read = content.read(buffer);
            while (read >= 0) {
                digest.update(buffer, 0, read);
                read = content.read(buffer);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}
