package org.cupola.rep.container;

import static java.util.Objects.requireNonNull;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Unpacks tar, gzipped tar and zip files, told apart by their first bytes.
 *
 * <p>An archive comes from outside and is not trusted: a name that leads out of the folder is refused, by itself or through a symbolic
 * link that an earlier entry made; so are devices. Modes are kept, without the set-user and set-group bits. Blocking; any
 * thread.
 */
public final class Archives {
    private Archives() {}

    /** @throws IOException when the archive is damaged, of another kind, or refused; what was unpacked until then stays */
    public static void unpack(Path archive, Path folder) throws IOException {
        Files.createDirectories(folder);
        byte[] head;
        try (InputStream in = Files.newInputStream(archive)) {
            head = in.readNBytes(262);
        }
        var target = new Target(folder.toRealPath());
        if (startsWith(head, 0x1f, 0x8b)) {
            try (InputStream in = new GZIPInputStream(Files.newInputStream(archive), 64 * 1024)) {
                untar(in, target);
            }
        } else if (startsWith(head, 'P', 'K')) {
            unzip(archive, target);
        } else if (head.length == 262
                && new String(head, 257, 5, java.nio.charset.StandardCharsets.US_ASCII).equals("ustar")) {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(archive), 64 * 1024)) {
                untar(in, target);
            }
        } else {
            throw new IOException("not a tar, tgz or zip archive");
        }
    }

    private static boolean startsWith(byte[] head, int first, int second) {
        return head.length >= 2 && (head[0] & 0xff) == first && (head[1] & 0xff) == second;
    }

    private static void untar(InputStream in, Target target) throws IOException {
        var reader = new TarReader(in);
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            TarReader.Entry item = entry.get();
            switch (item.kind()) {
                case FILE -> target.file(item.name(), reader.content(), item.mode());
                case FOLDER -> target.folder(item.name(), item.mode());
                case SYMBOLIC_LINK -> target.symbolicLink(item.name(), item.link());
                case HARD_LINK -> target.hardLink(item.name(), item.link());
                case OTHER -> throw new IOException(item.name() + ": neither file, folder nor link");
            }
        }
    }

    private static void unzip(Path archive, Target target) throws IOException {
        URI uri = URI.create("jar:" + archive.toUri());
        try (FileSystem zip = FileSystems.newFileSystem(uri, Map.of("enablePosixFileAttributes", "true"))) {
            Path root = zip.getPath("/");
            List<Path> entries;
            try (Stream<Path> walk = Files.walk(root)) {
                entries = walk.filter(entry -> !entry.equals(root)).toList();
            }
            for (Path entry : entries) {
                Object stored = Files.getAttribute(entry, "zip:storedPermissions");
                int mode = stored == null ? (Files.isDirectory(entry) ? 0755 : 0644) : mode((Set<?>) stored);
                String name = root.relativize(entry).toString();
                if (Files.isDirectory(entry)) {
                    target.folder(name, mode);
                } else {
                    try (InputStream content = Files.newInputStream(entry)) {
                        target.file(name, content, mode);
                    }
                }
            }
        } catch (java.nio.file.ProviderNotFoundException | IllegalArgumentException e) {
            throw new IOException("damaged zip archive: " + e.getMessage(), e);
        }
    }

    private static int mode(Set<?> permissions) {
        return NINE_BITS.stream()
                .filter(bit -> permissions.contains(bit.permission()))
                .mapToInt(Bit::mask)
                .sum();
    }

    private record Bit(PosixFilePermission permission, int mask) {}

    private static final List<Bit> NINE_BITS = List.of(
            new Bit(PosixFilePermission.OWNER_READ, 0400),
            new Bit(PosixFilePermission.OWNER_WRITE, 0200),
            new Bit(PosixFilePermission.OWNER_EXECUTE, 0100),
            new Bit(PosixFilePermission.GROUP_READ, 0040),
            new Bit(PosixFilePermission.GROUP_WRITE, 0020),
            new Bit(PosixFilePermission.GROUP_EXECUTE, 0010),
            new Bit(PosixFilePermission.OTHERS_READ, 0004),
            new Bit(PosixFilePermission.OTHERS_WRITE, 0002),
            new Bit(PosixFilePermission.OTHERS_EXECUTE, 0001));

    /** Makes entries below one real folder. */
    private record Target(Path root) {
        void file(String name, InputStream content, int mode) throws IOException {
            Path place = place(name);
            if (place.equals(root)) {
                throw refused(name);
            }
            removeUnlessFolder(place);
            Files.copy(content, place, StandardCopyOption.REPLACE_EXISTING);
            permit(place, mode);
        }

        void folder(String name, int mode) throws IOException {
            Path place = place(name);
            if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
                removeUnlessFolder(place);
                Files.createDirectory(place);
            }
            // Without these the entries below it could not be made.
            permit(place, mode | 0700);
        }

        void symbolicLink(String name, String link) throws IOException {
            Path place = place(name);
            if (place.equals(root)) {
                throw refused(name);
            }
            removeUnlessFolder(place);
            Files.createSymbolicLink(place, Path.of(link));
        }

        void hardLink(String name, String link) throws IOException {
            Path place = place(name);
            Path existing = place(link);
            if (!Files.isRegularFile(existing, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(name + ": link to " + link + ", which is not in the archive before it");
            }
            removeUnlessFolder(place);
            Files.createLink(place, existing);
        }

        private Path place(String name) throws IOException {
            String relative = name;
            while (relative.startsWith("/")) {
                relative = relative.substring(1);
            }
            Path place;
            try {
                place = root.resolve(relative).normalize();
            } catch (java.nio.file.InvalidPathException e) {
                throw new IOException(name + ": not a usable file name", e);
            }
            if (!place.startsWith(root)) {
                throw refused(name);
            }
            if (!place.equals(root)) {
                makeFolder(requireNonNull(place.getParent()), name);
            }
            return place;
        }

        /** Step by step, so that nothing is made behind a link that leads out. */
        private void makeFolder(Path folder, String name) throws IOException {
            if (folder.equals(root)) {
                return;
            }
            makeFolder(requireNonNull(folder.getParent()), name);
            if (!Files.isDirectory(folder)) {
                Files.createDirectory(folder);
            }
            if (!folder.toRealPath().startsWith(root)) {
                throw refused(name);
            }
        }

        private static void removeUnlessFolder(Path place) throws IOException {
            if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
                Files.deleteIfExists(place);
            }
        }

        private static IOException refused(String name) {
            return new IOException(name + ": leads out of the folder it is unpacked to");
        }

        private static void permit(Path place, int mode) throws IOException {
            Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
            NINE_BITS.stream()
                    .filter(bit -> (mode & bit.mask()) != 0)
                    .forEach(bit -> permissions.add(bit.permission()));
            if (place.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(place, permissions);
            }
        }
    }
}
