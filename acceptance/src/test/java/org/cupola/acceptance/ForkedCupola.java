package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The {@code cupola} command as a process of its own, from this test's class path. */
final class ForkedCupola implements AutoCloseable {
    private final Process process;
    private final Path output;

    private ForkedCupola(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    static ForkedCupola start(String... arguments) {
        return startIn(Path.of("."), arguments);
    }

    static ForkedCupola startIn(Path directory, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "org.cupola.launcher.Main"));
        command.addAll(List.of(arguments));
        return fork(directory, command);
    }

    /** A process that is not {@code cupola}, to be treated alike. */
    static ForkedCupola startProgram(Path directory, Path program, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(arguments);
        return fork(directory, command);
    }

    private static ForkedCupola fork(Path directory, List<String> command) {
        try {
            Path output = Files.createTempFile("cupola-forked", ".log");
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            return new ForkedCupola(process, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ForkedCupola awaitOutput(String text) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .failFast("the process ended", () -> !process.isAlive() && !output().contains(text))
                .until(() -> output().contains(text));
        return this;
    }

    /** Sends it a signal, such as {@code USR1}. */
    void signal(String name) {
        try {
            assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                            .start()
                            .waitFor())
                    .as("kill -" + name)
                    .isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending a signal", e);
        }
    }

    Stream<ProcessHandle> children() {
        return process.children();
    }

    CompletableFuture<?> onExit() {
        return process.onExit();
    }

    /** As {@code kill -9}. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** As {@code kill}; returns the exit code. */
    int terminate() {
        process.destroy();
        return exitCode();
    }

    int exitCode() {
        try {
            if (!process.waitFor(90, TimeUnit.SECONDS)) {
                throw new AssertionError("still running: " + output());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a process to end", e);
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
    }
}
