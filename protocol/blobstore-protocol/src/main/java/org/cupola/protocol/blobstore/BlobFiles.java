package org.cupola.protocol.blobstore;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How blobs change on a disk. A file is written under another name beside its target, forced to disk and renamed: neither a
 * reader nor a crash meets half of it, and what was once readable never changes. So a copy can be a second name for the
 * same content. Blocking, any thread, any number of processes on one directory.
 */
public final class BlobFiles {
    private static final String UNFINISHED = ".unfinished-";

    private BlobFiles() {}

    /** Whether the file is a write that has not ended, or never will. */
    public static boolean isUnfinished(Path file) {
        Path name = file.getFileName();
        return name != null && name.toString().startsWith(UNFINISHED);
    }

    /**
     * Writes the stream to its end, making directories as needed.
     *
     * @param length to expect, or -1 for any
     * @throws BlobstoreException {@code FAILED} when another number of bytes came; nothing is changed then
     */
    public static void write(Path target, InputStream content, long length) throws IOException {
        place(target, unfinished -> {
            try (FileChannel file =
                    FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                long written = content.transferTo(Channels.newOutputStream(file));
                if (length >= 0 && written != length) {
                    throw new BlobstoreException(
                            BlobstoreException.Kind.FAILED, written + " bytes came (expected: " + length + ")");
                }
                file.force(true);
            }
        });
    }

    /** @throws NoSuchFileException without a source */
    public static void copy(Path source, Path target) throws IOException {
        try (FileChannel content = FileChannel.open(source, StandardOpenOption.READ)) {
            if (!linked(source, target)) {
                write(target, Channels.newInputStream(content), content.size());
            }
        }
    }

    private static boolean linked(Path source, Path target) throws IOException {
        try {
            place(target, unfinished -> {
                try {
                    Files.createLink(unfinished, source);
                } catch (NoSuchFileException e) {
                    throw Files.exists(source) ? e : new FileSystemException(source.toString(), null, "was deleted");
                }
            });
            return true;
        } catch (UnsupportedOperationException | FileSystemException e) {
            return false; // a file system without hard links, with a limit to them, or the source has lost its name
        }
    }

    private interface Making {
        void make(Path file) throws IOException;
    }

    private static void place(Path target, Making making) throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        if (directory == null) {
            throw new FileAlreadyExistsException(target.toString());
        }
        while (true) {
            makeDirectories(directory);
            Path unfinished = directory.resolve(UNFINISHED + UUID.randomUUID());
            try {
                making.make(unfinished);
                Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return;
            } catch (NoSuchFileException e) {
                // A delete may take the empty directory away before our file is in it; nothing has been read then.
                // Whether
                // the directory is there now says nothing: the next write may have made it again.
                if (!unfinished.toString().equals(e.getFile())) {
                    throw e;
                }
            } finally {
                Files.deleteIfExists(unfinished);
            }
        }
    }

    /** Deletes of neighbours may take each directory away again until there is a file in the last. */
    private static void makeDirectories(Path directory) throws IOException {
        while (true) {
            try {
                Files.createDirectories(directory);
                return;
            } catch (FileAlreadyExistsException e) {
                if (Files.isRegularFile(Path.of(e.getFile()))) {
                    throw e;
                }
            } catch (NoSuchFileException e) {
                Thread.onSpinWait(); // a parent went while its child was being made
            }
        }
    }

    /** Deletes everything below and the directory itself; what comes in meanwhile stays, with its directory. */
    public static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                return goOnWhenGone(failure);
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                deleteIfEmpty(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    static FileVisitResult goOnWhenGone(IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE; // somebody else deleted it while we looked
        }
        throw failure;
    }

    /** Deletes the directories above what was deleted as far as they are empty, up to but not including {@code top}. */
    public static void deleteEmptyParents(Path deleted, Path top) throws IOException {
        Path directory = deleted.getParent();
        while (directory != null && directory.startsWith(top) && !directory.equals(top) && deleteIfEmpty(directory)) {
            directory = directory.getParent();
        }
    }

    private static boolean deleteIfEmpty(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
            return true;
        } catch (DirectoryNotEmptyException e) {
            return false; // another blob lives there
        }
    }
}
