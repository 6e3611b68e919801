package org.cupola.rep.container;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Finds the program a process asks for: in the container, on the host, or in the PATH of the process. */
final class Programs {
    private Programs() {}

    static Path find(String path, ContainerFiles files, Path directory, Map<String, String> environment)
            throws ContainerException {
        if (!path.contains("/")) {
            return inPath(path, environment.getOrDefault("PATH", ""))
                    .orElseThrow(() -> new ContainerException(path + ": executable file not found in $PATH"));
        }
        if (!path.startsWith("/")) {
            return executable(directory.resolve(path)).orElseThrow(() -> missing(path));
        }
        return executable(files.onHost(path))
                .or(() -> executable(Path.of(path)))
                .orElseThrow(() -> missing(path));
    }

    static Optional<Path> inPath(String name, String path) {
        for (String folder : path.split(":")) {
            if (!folder.isEmpty()) {
                Optional<Path> found = executable(Path.of(folder, name));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Path> executable(Path file) {
        return Optional.of(file).filter(Files::isRegularFile).filter(Files::isExecutable);
    }

    private static ContainerException missing(String path) {
        return new ContainerException(path + ": no such executable file");
    }
}
