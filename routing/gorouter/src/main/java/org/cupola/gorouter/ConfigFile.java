package org.cupola.gorouter;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.WatchedFiles;

/**
 * The file the configuration came from and those it names: whether they have changed, and what they say now. Confined to
 * one thread at a time.
 */
final class ConfigFile {
    private final Path file;
    private final WatchedFiles watched;

    ConfigFile(Path file, GorouterConfig read) {
        this.file = file;
        this.watched = new WatchedFiles(files(read));
    }

    private Set<Path> files(GorouterConfig config) {
        Set<Path> files = new LinkedHashSet<>(Set.of(file));
        GorouterConfig.Prometheus prometheus = config.prometheus();
        Stream.of(prometheus.certificate(), prometheus.key(), prometheus.authorities())
                .flatMap(Optional::stream)
                .forEach(files::add);
        return files;
    }

    /** Since the last time it was read, or found changed. */
    boolean hasChanged() {
        return watched.haveChanged() && Files.exists(file);
    }

    /** What it says now; {@link ConfigException} names every problem. */
    GorouterConfig read() throws ConfigException {
        boolean _ = watched.haveChanged(); // from here on, what changes is new to us
        GorouterConfig now = GorouterConfig.read(file);
        watched.watch(files(now));
        return now;
    }
}
