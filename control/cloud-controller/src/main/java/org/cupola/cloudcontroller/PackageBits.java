package org.cupola.cloudcontroller;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.cupola.protocol.blobstore.BlobKey;
import org.cupola.protocol.blobstore.BlobstoreClient;

/** Puts a package together from what was uploaded and what is known already. Blocking; any thread. */
final class PackageBits {
    private static final String EXECUTABLE_DEFAULT = "744";
    private static final int OWNER_READ_WRITE = 0600;

    private final BlobstoreClient packages;
    private final BlobstoreClient resources;
    private final CloudControllerConfig.Blobs limits;

    /** A file the client has not sent because it is known. */
    record Resource(String sha1, long bytes, String path, String mode) {
        int permissions() {
            return Integer.parseInt(mode.isEmpty() ? EXECUTABLE_DEFAULT : mode, 8);
        }
    }

    /** A package that cannot be used; the message is for the user. */
    static final class PackageException extends Exception {
        private static final long serialVersionUID = 1L;

        PackageException(String message) {
            super(message);
        }
    }

    PackageBits(BlobstoreClient packages, BlobstoreClient resources, CloudControllerConfig.Blobs limits) {
        this.packages = packages;
        this.resources = resources;
        this.limits = limits;
    }

    boolean knows(Resource resource) throws IOException {
        return resource.bytes() > limits.minFileBytes()
                && resource.bytes() < limits.maxFileBytes()
                && !resource.mode().isEmpty()
                && (resource.permissions() & OWNER_READ_WRITE) == OWNER_READ_WRITE
                && resources.exists(new BlobKey(resource.sha1()));
    }

    /** @return the package's sha256 */
    String assemble(String packageGuid, Path zip, List<Resource> known, boolean keepFiles, Path work)
            throws PackageException, IOException {
        try {
            checkSize(zip, known);
            if (keepFiles) {
                keep(zip, work);
            }
            if (!known.isEmpty()) {
                add(zip, known, work);
            }
        } catch (ZipException e) {
            PackageException broken = new PackageException("Invalid zip archive: " + e.getMessage());
            broken.initCause(e);
            throw broken;
        }
        packages.put(BlobStores.packageKey(packageGuid), zip);
        return Digests.of(zip).sha256();
    }

    private void checkSize(Path zip, List<Resource> known) throws IOException, PackageException {
        long total = known.stream().mapToLong(Resource::bytes).sum();
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : file.stream().toList()) {
                total += Math.max(0, entry.getSize());
                Path name = Path.of(entry.getName()).normalize();
                if (name.isAbsolute() || name.startsWith("..")) {
                    throw new PackageException(
                            "The app is invalid: file " + entry.getName() + " is outside of the app");
                }
            }
        }
        if (total > limits.maxPackageBytes()) {
            throw new PackageException("The app package is invalid: Package may not be larger than "
                    + limits.maxPackageBytes() + " bytes");
        }
    }

    /** Remembers the larger files, so that the next upload may leave them out. */
    private void keep(Path zip, Path work) throws IOException {
        Path file = work.resolve("resource");
        try (ZipFile archive = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : archive.stream().toList()) {
                if (entry.isDirectory()
                        || entry.getSize() <= limits.minFileBytes()
                        || entry.getSize() >= limits.maxFileBytes()) {
                    continue;
                }
                try (InputStream in = archive.getInputStream(entry)) {
                    Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                }
                String sha1 = Digests.sha1(file);
                if (!resources.exists(new BlobKey(sha1))) {
                    resources.put(new BlobKey(sha1), file);
                }
            }
        }
    }

    private void add(Path zip, List<Resource> known, Path work) throws IOException, PackageException {
        try (FileSystem archive =
                FileSystems.newFileSystem(zip, Map.of("enablePosixFileAttributes", true, "create", false))) {
            for (Resource resource : known) {
                Path content = work.resolve("known");
                BlobKey key = new BlobKey(resource.sha1());
                if (!resources.download(key, content)) {
                    throw new PackageException("Resource " + resource.sha1() + " is not known");
                }
                if (!Digests.sha1(content).equals(resource.sha1())) {
                    resources.delete(key);
                    throw new PackageException("Resource checksum mismatch: " + resource.path());
                }
                Path target = archive.getPath("/").resolve(resource.path()).normalize();
                if (Path.of(resource.path()).normalize().startsWith("..")) {
                    throw new PackageException("Resource path " + resource.path() + " is outside of the app");
                }
                if (target.getParent() != null) {
                    Files.createDirectories(target.getParent());
                }
                Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING);
                Files.setPosixFilePermissions(target, permissions(resource.permissions()));
            }
        }
    }

    /** An archive without files, for uploads of which everything is known. */
    static void createEmpty(Path zip) throws IOException {
        try (FileSystem archive = FileSystems.newFileSystem(zip, Map.of("create", true))) {
            Files.createDirectories(archive.getPath("/"));
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] bits = {
            PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_READ,
            PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ,
            PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_READ
        };
        for (int bit = 0; bit < bits.length; bit++) {
            if ((mode & 1 << bit) != 0) {
                permissions.add(bits[bit]);
            }
        }
        return permissions;
    }
}
