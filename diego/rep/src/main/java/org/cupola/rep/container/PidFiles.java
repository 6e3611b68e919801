package org.cupola.rep.container;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Notes, per container, which processes were started and when: process numbers are reused, so one alone says nothing after a
 * restart. Each note is a file named by the process number.
 */
final class PidFiles {
    /** The JDK derives a start time from the system's boot time, which moves a little when the clock is set. */
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    private final Path folder;

    PidFiles(Path folder) {
        this.folder = folder;
    }

    void make() throws IOException {
        Files.createDirectories(folder);
    }

    void note(ProcessHandle process) throws IOException {
        long started = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        Files.writeString(folder.resolve(Long.toString(process.pid())), Long.toString(started));
    }

    void forget(long pid) throws IOException {
        Files.deleteIfExists(folder.resolve(Long.toString(pid)));
    }

    /** Noted processes that still run and are the ones that were noted. */
    List<ProcessHandle> alive() throws IOException {
        List<ProcessHandle> alive = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> notes = Files.newDirectoryStream(folder)) {
                for (Path note : notes) {
                    noted(note).ifPresent(alive::add);
                }
            }
        }
        return alive;
    }

    private static Optional<ProcessHandle> noted(Path note) throws IOException {
        try {
            long pid = Long.parseLong(note.getFileName().toString());
            Instant started =
                    Instant.ofEpochMilli(Long.parseLong(Files.readString(note).strip()));
            return ProcessHandle.of(pid)
                    .filter(process -> process.info()
                            .startInstant()
                            .map(now -> Duration.between(started, now).abs().compareTo(TOLERANCE) <= 0)
                            .orElse(false));
        } catch (NumberFormatException e) {
            return Optional.empty(); // half written when the cell was killed; the environment still tells on Linux
        }
    }
}
