package org.cupola.gorouter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.cupola.platform.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file the configuration came from and those it names: whether they have changed, and what they say now. Confined to
 * one thread at a time.
 */
final class ConfigFile {
    private static final Logger log = LoggerFactory.getLogger(ConfigFile.class);

    private final Path file;
    private Set<Path> watched;
    private Map<Path, Stamp> seen;

    private record Stamp(
            FileTime changed, long bytes, @Nullable Object key) {}

    ConfigFile(Path file, GorouterConfig read) {
        this.file = file;
        this.watched = files(read);
        this.seen = stamps();
    }

    private Set<Path> files(GorouterConfig config) {
        Set<Path> files = new LinkedHashSet<>(Set.of(file));
        GorouterConfig.Prometheus prometheus = config.prometheus();
        Stream.of(prometheus.certificate(), prometheus.key(), prometheus.authorities())
                .flatMap(Optional::stream)
                .forEach(files::add);
        return files;
    }

    private Map<Path, Stamp> stamps() {
        Map<Path, Stamp> stamps = new HashMap<>();
        for (Path path : watched) {
            try {
                // Follows links: whoever swaps a link for another changes what is behind it.
                BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                stamps.put(path, new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
            } catch (IOException e) {
                // Not there just now: that it is there again will be a change.
                log.atDebug().addKeyValue("file", path).log("config-file-not-there");
            }
        }
        return stamps;
    }

    /** Since the last time it was read, or found changed. */
    boolean hasChanged() {
        Map<Path, Stamp> before = seen;
        seen = stamps();
        return !seen.equals(before) && seen.containsKey(file);
    }

    /** What it says now; {@link ConfigException} names every problem. */
    GorouterConfig read() throws ConfigException {
        seen = stamps();
        GorouterConfig now = GorouterConfig.read(file);
        watched = files(now);
        seen = stamps();
        return now;
    }
}
