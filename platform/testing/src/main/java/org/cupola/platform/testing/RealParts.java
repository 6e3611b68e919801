package org.cupola.platform.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Finds programs of others that tests run against. A missing one aborts the test with a reason on a developer's
 * machine, and fails it where the environment variable {@code CI} is set.
 */
public final class RealParts {
    private static final List<String> MORE_FOLDERS = List.of("/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/local/bin");

    private RealParts() {}

    /** The program's path; aborts or fails the calling test when it is not installed. */
    public static Path require(String program) {
        Optional<Path> found = find(program);
        if (found.isEmpty()) {
            String message = program + " is not installed, so this test against the real " + program + " did not run";
            if (System.getenv("CI") != null) {
                throw new AssertionError(message);
            }
            System.err.println("NOT TESTED: " + message);
            Assumptions.abort(message);
        }
        return found.orElseThrow();
    }

    public static Optional<Path> find(String program) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(Arrays.stream(path.split(File.pathSeparator)), MORE_FOLDERS.stream())
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
