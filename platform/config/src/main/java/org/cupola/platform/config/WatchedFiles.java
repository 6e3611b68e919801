package org.cupola.platform.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files, and folders with the files in them, as they were when they were last looked at. Confined to one thread at a time.
 */
public final class WatchedFiles {
    private static final Logger log = LoggerFactory.getLogger(WatchedFiles.class);

    private Set<Path> watched;
    private Map<Path, Stamp> seen;

    private record Stamp(
            FileTime changed, long bytes, @Nullable Object key) {}

    public WatchedFiles(Collection<Path> files) {
        this.watched = Set.copyOf(files);
        this.seen = stamps();
    }

    /** These from now on; a change of one that was watched before is not forgotten. */
    public void watch(Collection<Path> files) {
        Map<Path, Stamp> before = seen;
        watched = Set.copyOf(files);
        Map<Path, Stamp> now = stamps();
        now.replaceAll((path, stamp) -> before.getOrDefault(path, stamp));
        seen = now;
    }

    /** Since the last time this was asked, or they were set. */
    public boolean haveChanged() {
        Map<Path, Stamp> before = seen;
        seen = stamps();
        return !seen.equals(before);
    }

    private Map<Path, Stamp> stamps() {
        Map<Path, Stamp> stamps = new HashMap<>();
        for (Path path : watched) {
            add(path, stamps);
            if (Files.isDirectory(path)) {
                try (Stream<Path> files = Files.list(path)) {
                    files.forEach(file -> add(file, stamps));
                } catch (IOException e) {
                    log.atDebug().addKeyValue("folder", path).log("watched-folder-not-readable");
                }
            }
        }
        return stamps;
    }

    private static void add(Path path, Map<Path, Stamp> stamps) {
        try {
            // Follows links: whoever swaps a link for another changes what is behind it.
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            stamps.put(path, new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
        } catch (IOException e) {
            // Not there just now: that it is there again will be a change.
            log.atDebug().addKeyValue("file", path).log("watched-file-not-there");
        }
    }
}
