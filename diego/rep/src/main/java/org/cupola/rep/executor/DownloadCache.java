package org.cupola.rep.executor;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.cupola.platform.json.Json;
import org.cupola.rep.container.Archives;
import org.cupola.rep.container.FileTrees;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Downloads, kept by cache key as long as there is room: as the file that came, or unpacked into a folder that containers
 * share.
 *
 * <p>What is kept is revalidated at each use, unless the caller's checksum says that it is right. Without a validator from the server or a
 * checksum nothing is kept. A newer version goes beside the older one, which is removed when its last user lets go. When room is
 * short, the version that was unused the longest goes first. Versions survive a restart by a note beside each, written last.
 *
 * <p>Fetches of one key wait for each other. Guarded by its lock, which is not held while anything is fetched.
 */
final class DownloadCache implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DownloadCache.class);
    private static final String NOTE = ".json";

    private final Path folder;
    private final long maxBytes;
    private final HttpFetcher fetcher;
    private final Semaphore downloads;
    private final AtomicLong numbers = new AtomicLong();
    private final Map<String, ReentrantLock> fetching = new ConcurrentHashMap<>();

    @GuardedBy("this")
    private final Map<String, Version> current = new HashMap<>();

    @GuardedBy("this")
    private long uses;

    DownloadCache(Path folder, long maxBytes, int maxConcurrent, HttpFetcher fetcher) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.fetcher = fetcher;
        this.downloads = new Semaphore(maxConcurrent);
    }

    /** What is written beside a version. */
    record Note(String key, String etag, String lastModified, String checksum, long sizeBytes) {
        HttpFetcher.Validators validators() {
            return new HttpFetcher.Validators(etag, lastModified);
        }
    }

    /** One downloaded file or folder. Its fields are guarded by the cache's lock. */
    private static final class Version {
        private final Path content;
        private final Note note;
        private int users;
        private long lastUse;
        private boolean kept;

        Version(Path content, Note note) {
            this.content = content;
            this.note = note;
        }
    }

    /** Something downloaded, kept at least until it is closed. */
    final class Lease implements AutoCloseable {
        private final Version version;
        private boolean closed;

        private Lease(Version version) {
            this.version = version;
        }

        /** A file, or a folder. */
        Path content() {
            return version.content;
        }

        /** Of what came over the wire. */
        long sizeBytes() {
            return version.note.sizeBytes();
        }

        @Override
        public void close() {
            synchronized (DownloadCache.this) {
                if (!closed) {
                    closed = true;
                    letGo(version);
                }
            }
        }
    }

    /** Takes up what an earlier run left that is whole, and removes the rest. */
    synchronized void recover() throws IOException {
        Files.createDirectories(folder);
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            found.forEach(files::add);
        }
        for (Path file : files) {
            Path note = file.resolveSibling(file.getFileName() + NOTE);
            boolean isNote = file.getFileName().toString().endsWith(NOTE);
            boolean whole = isNote ? Files.exists(contentOf(file)) : Files.exists(note) && adopt(file, note);
            if (!whole) {
                FileTrees.delete(file);
            }
        }
    }

    private static Path contentOf(Path note) {
        String name = note.getFileName().toString();
        return note.resolveSibling(name.substring(0, name.length() - NOTE.length()));
    }

    @GuardedBy("this")
    private boolean adopt(Path content, Path noteFile) throws IOException {
        try {
            Note note = Json.read(Files.readAllBytes(noteFile), Note.class);
            numbers.accumulateAndGet(Long.parseLong(content.getFileName().toString()), Math::max);
            Version version = new Version(content, note);
            version.kept = true;
            Version other = current.put(note.key(), version);
            if (other != null) {
                remove(other);
            }
            return true;
        } catch (JacksonException | NumberFormatException e) {
            log.atInfo().addKeyValue("file", noteFile).log("cache-note-damaged");
            return false;
        }
    }

    /** @param cacheKey empty means that nothing is kept */
    Lease fetch(URI url, String cacheKey, Checksum checksum, Cancellation cancellation) throws IOException {
        return fetch(url, cacheKey, checksum, false, cancellation);
    }

    /** The archive unpacked into a folder, to be read only. */
    Lease fetchUnpacked(URI url, String cacheKey, Checksum checksum, Cancellation cancellation) throws IOException {
        return fetch(url, cacheKey, checksum, true, cancellation);
    }

    private Lease fetch(URI url, String cacheKey, Checksum checksum, boolean unpack, Cancellation cancellation)
            throws IOException {
        if (cacheKey.isEmpty()) {
            return lease(download(url, "", HttpFetcher.Validators.NONE, checksum, unpack, cancellation)
                    .orElseThrow());
        }
        String key = hash(cacheKey) + (unpack ? "-folder" : "-file");
        ReentrantLock lock = fetching.computeIfAbsent(key, name -> new ReentrantLock());
        lock.lock();
        try {
            return fetchKept(url, key, checksum, unpack, cancellation);
        } finally {
            lock.unlock();
        }
    }

    private Lease fetchKept(URI url, String key, Checksum checksum, boolean unpack, Cancellation cancellation)
            throws IOException {
        Optional<Lease> known = leaseCurrent(key);
        String wanted = text(checksum);
        boolean sameSum =
                known.map(lease -> lease.version.note.checksum().equals(wanted)).orElse(false);
        if (known.isPresent() && sameSum && !checksum.isNone()) {
            return known.get();
        }
        try {
            HttpFetcher.Validators validators =
                    known.isPresent() && sameSum ? known.get().version.note.validators() : HttpFetcher.Validators.NONE;
            Optional<Version> fresh = download(url, key, validators, checksum, unpack, cancellation);
            if (fresh.isEmpty()) {
                return known.orElseThrow();
            }
            known.ifPresent(Lease::close);
            return keep(key, fresh.get());
        } catch (IOException e) {
            known.ifPresent(Lease::close);
            throw e;
        }
    }

    /** Empty when the server says that what is known is the newest. */
    private Optional<Version> download(
            URI url,
            String key,
            HttpFetcher.Validators known,
            Checksum checksum,
            boolean unpack,
            Cancellation cancellation)
            throws IOException {
        Path content = newPath();
        Path file = unpack ? newPath() : content;
        downloads.acquireUninterruptibly();
        try {
            HttpFetcher.Fetched fetched = fetcher.fetch(url, file, known, checksum, cancellation);
            if (!fetched.changed()) {
                return Optional.empty();
            }
            long size = Files.size(file);
            if (unpack) {
                Archives.unpack(file, content);
            }
            var validators = fetched.validators();
            var note = new Note(key, validators.etag(), validators.lastModified(), text(checksum), size);
            return Optional.of(new Version(content, note));
        } catch (IOException e) {
            FileTrees.delete(content);
            throw e;
        } finally {
            downloads.release();
            if (unpack) {
                FileTrees.delete(file);
            }
        }
    }

    private synchronized Lease lease(Version version) {
        version.users++;
        version.lastUse = ++uses;
        return new Lease(version);
    }

    private synchronized Optional<Lease> leaseCurrent(String key) {
        Version version = current.get(key);
        return version == null || !Files.exists(version.content) ? Optional.empty() : Optional.of(lease(version));
    }

    private synchronized Lease keep(String key, Version fresh) throws IOException {
        Version old = current.remove(key);
        if (old != null) {
            old.kept = false;
            removeIfUnused(old);
        }
        if (!fresh.note.validators().isNone() || !fresh.note.checksum().isEmpty()) {
            Files.write(noteOf(fresh), Json.bytes(fresh.note));
            fresh.kept = true;
            current.put(key, fresh);
        }
        Lease lease = lease(fresh);
        makeRoom();
        return lease;
    }

    @GuardedBy("this")
    private void makeRoom() {
        long total = current.values().stream()
                .mapToLong(version -> version.note.sizeBytes())
                .sum();
        while (total > maxBytes) {
            Optional<Version> unused = current.values().stream()
                    .filter(version -> version.users == 0)
                    .min(Comparator.comparingLong(version -> version.lastUse));
            if (unused.isEmpty()) {
                return;
            }
            Version victim = unused.get();
            total -= victim.note.sizeBytes();
            current.remove(victim.note.key());
            victim.kept = false;
            removeIfUnused(victim);
        }
    }

    @GuardedBy("this")
    private void letGo(Version version) {
        version.users--;
        removeIfUnused(version);
        makeRoom();
    }

    @GuardedBy("this")
    private void removeIfUnused(Version version) {
        if (version.users == 0 && !version.kept) {
            try {
                remove(version);
            } catch (IOException e) {
                log.atError().setCause(e).addKeyValue("path", version.content).log("cached-download-not-removed");
            }
        }
    }

    private static void remove(Version version) throws IOException {
        Files.deleteIfExists(noteOf(version));
        FileTrees.delete(version.content);
    }

    private static Path noteOf(Version version) {
        return version.content.resolveSibling(version.content.getFileName() + NOTE);
    }

    private Path newPath() {
        return folder.resolve(Long.toString(numbers.incrementAndGet()));
    }

    private static String text(Checksum checksum) {
        return checksum.isNone() ? "" : checksum.algorithm() + ":" + checksum.value();
    }

    private static String hash(String cacheKey) {
        try {
            byte[] digest = MessageDigest.getInstance("MD5").digest(cacheKey.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    /** Bytes of what is kept, as they came over the wire. */
    synchronized long sizeBytes() {
        return current.values().stream()
                .mapToLong(version -> version.note.sizeBytes())
                .sum();
    }

    @Override
    public void close() {
        fetcher.close();
    }
}
