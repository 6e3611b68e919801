package org.cupola.routeregistrar;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes of the files that match some globs, as of the last scan. A file that cannot be read keeps the routes it had; a
 * route that is wrong is left out. Confined to the thread that scans.
 */
final class DynamicConfig {
    private static final Logger log = LoggerFactory.getLogger(DynamicConfig.class);

    private final List<String> globs;
    private final String globalHost;
    private Map<Path, Set<RegistrarRoute>> files = Map.of();

    DynamicConfig(List<String> globs, String globalHost) {
        this.globs = List.copyOf(globs);
        this.globalHost = globalHost;
    }

    /** What a scan found to be different from the one before. */
    record Changes(List<RegistrarRoute> added, List<RegistrarRoute> removed) {}

    Changes scan() {
        Map<Path, Set<RegistrarRoute>> found = new LinkedHashMap<>();
        for (Path file : matchingFiles()) {
            found.put(file, routesOf(file));
        }
        Map<RegistrarRoute, Integer> before = count(files);
        Map<RegistrarRoute, Integer> now = count(found);
        List<RegistrarRoute> added = new ArrayList<>(now.keySet());
        added.removeAll(before.keySet());
        List<RegistrarRoute> removed = new ArrayList<>(before.keySet());
        removed.removeAll(now.keySet());
        files = found;
        return new Changes(added, removed);
    }

    private static Map<RegistrarRoute, Integer> count(Map<Path, Set<RegistrarRoute>> files) {
        Map<RegistrarRoute, Integer> routes = new LinkedHashMap<>();
        files.values().forEach(set -> set.forEach(route -> routes.merge(route, 1, Integer::sum)));
        return routes;
    }

    private Set<RegistrarRoute> routesOf(Path file) {
        try {
            ConfigReader yaml = ConfigReader.yaml(file);
            Set<RegistrarRoute> routes = new LinkedHashSet<>();
            List<ConfigReader> readers = yaml.objects("routes");
            for (int i = 0; i < readers.size(); i++) {
                var problems = new Problems(RouteReader.title(readers.get(i), i));
                RegistrarRoute route = new RouteReader(readers.get(i), problems, globalHost).read();
                if (problems.isEmpty()) {
                    routes.add(route);
                } else {
                    log.atError()
                            .addKeyValue("file", file)
                            .addKeyValue("error", problems)
                            .log("dynamic route is left out");
                }
            }
            yaml.finish();
            return routes;
        } catch (ConfigException e) {
            log.atError()
                    .addKeyValue("file", file)
                    .addKeyValue("error", e.getMessage())
                    .log("dynamic file not read");
            return files.getOrDefault(file, Set.of());
        }
    }

    private Set<Path> matchingFiles() {
        Set<Path> matching = new LinkedHashSet<>();
        for (String glob : globs) {
            Set<Path> level = new HashSet<>(Set.of(Path.of("/")));
            Path pattern = Path.of(glob).toAbsolutePath();
            for (Path part : pattern) {
                Set<Path> next = new LinkedHashSet<>();
                level.forEach(folder -> next.addAll(children(folder, part.toString())));
                level = next;
            }
            level.stream().filter(Files::isRegularFile).sorted().forEach(matching::add);
        }
        return matching;
    }

    private static List<Path> children(Path folder, String pattern) {
        if (!pattern.matches(".*[*?\\[\\\\].*")) {
            Path child = folder.resolve(pattern);
            return Files.exists(child) ? List.of(child) : List.of();
        }
        // Braces mean nothing to the original's globs.
        PathMatcher matcher = FileSystems.getDefault()
                .getPathMatcher("glob:" + pattern.replace("{", "\\{").replace("}", "\\}"));
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (matcher.matches(entry.getFileName())) {
                    children.add(entry);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            log.atError()
                    .addKeyValue("folder", folder)
                    .addKeyValue("error", e.toString())
                    .log("folder not read");
        }
        return children;
    }

    /** @throws IllegalArgumentException naming the first glob that is none */
    static void check(List<String> globs) {
        for (String glob : globs) {
            FileSystems.getDefault().getPathMatcher("glob:" + glob);
        }
    }
}
