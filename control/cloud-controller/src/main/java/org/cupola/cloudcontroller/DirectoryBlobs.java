package org.cupola.cloudcontroller;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** Blobs in a local directory, laid out as the original lays them out. Immutable; any thread. */
final class DirectoryBlobs implements Blobs {
    private final Path root;
    private final String prefix;

    /** @param prefix a folder for all keys, or empty */
    DirectoryBlobs(Path root, String prefix) {
        this.root = root;
        this.prefix = prefix;
    }

    @Override
    public void put(String key, Path file) throws IOException {
        Path target = path(key);
        Files.createDirectories(target.getParent());
        Path unfinished = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            Files.copy(file, unfinished);
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    @Override
    public Optional<Path> find(String key) {
        Path path = path(key);
        return Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
    }

    @Override
    public boolean exists(String key) {
        return Files.isRegularFile(path(key));
    }

    @Override
    public void delete(String key) throws IOException {
        Files.deleteIfExists(path(key));
    }

    private Path path(String key) {
        String lower = key.toLowerCase(Locale.ROOT);
        if (lower.length() < 4 || lower.contains("..") || lower.startsWith("/")) {
            throw new IllegalArgumentException("blob key: " + key + " (expected: a guid or a checksum)");
        }
        return root.resolve(prefix)
                .resolve(lower.substring(0, 2))
                .resolve(lower.substring(2, 4))
                .resolve(lower);
    }
}
