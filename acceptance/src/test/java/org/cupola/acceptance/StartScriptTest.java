package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.cupola.platform.testing.FreePorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code examples/start.sh} itself: what it waits for, what it says, and what it leaves behind. Its parts are small programs
 * here, since {@link SeparateProcesses} starts the real ones from the same list.
 */
class StartScriptTest {
    private static final String PART = """
            #!/bin/sh
            case $1 in
              certs) ;;
              ends) echo its last words; exit 3 ;;
              *) exec sleep 1000 ;;
            esac
            """;

    @TempDir
    private Path home;

    private ServerSocket postgres;

    @BeforeEach
    void copyTheScript() throws Exception {
        postgres = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Path examples = Files.createDirectory(home.resolve("examples"));
        String script = Files.readString(Path.of("..", "examples", "start.sh"));
        assertThat(script).contains("5432");
        executable(examples.resolve("start.sh"), script.replace("5432", "" + postgres.getLocalPort()));
        executable(home.resolve("cupola"), PART);
    }

    @AfterEach
    void close() throws IOException {
        postgres.close();
    }

    @Test
    void startsAgainWhatWasKilledAndEndsEverythingWhenToldTo() throws Exception {
        try (ForkedCupola script = start("one - cupola one", "two - cupola two", "wait")) {
            script.awaitOutput("ready: cf login");
            long first = process(script, "one");

            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            script.awaitOutput("one has ended (status 137) and is started again");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> children(script).stream()
                                    .filter(child -> commandLine(child).endsWith("sleep 1000"))
                                    .count()
                            == 2);
            List<ProcessHandle> parts = children(script);

            assertThat(script.terminate()).isEqualTo(143);
            assertThat(parts).noneMatch(ProcessHandle::isAlive);
        }
    }

    @Test
    void aMissingPostgresqlIsOneLine() throws Exception {
        postgres.close();

        try (ForkedCupola script = start("one - cupola one", "wait")) {
            assertThat(script.exitCode()).isEqualTo(1);
            assertThat(script.output().lines())
                    .singleElement()
                    .asString()
                    .startsWith("start.sh: PostgreSQL does not answer on 127.0.0.1:" + postgres.getLocalPort());
        }
    }

    @Test
    void aPartThatEndsWhileStartingIsNamedWithItsLastLines() throws Exception {
        try (ForkedCupola script = start("bbs " + FreePorts.next() + " cupola ends", "wait")) {
            assertThat(script.exitCode()).isEqualTo(1);
            assertThat(script.output()).contains("its last words\n", "start.sh: bbs has ended", "logs/bbs.log");
        }
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (ForkedCupola script = start("bbs " + postgres.getLocalPort() + " cupola bbs", "wait")) {
            assertThat(script.exitCode()).isEqualTo(1);
            assertThat(script.output())
                    .isEqualTo("start.sh: port " + postgres.getLocalPort() + ", which bbs needs, is taken\n");
        }
    }

    private ForkedCupola start(String... processes) throws IOException {
        Files.writeString(home.resolve("examples/processes"), String.join("\n", processes) + "\n");
        return ForkedCupola.startProgram(
                home,
                home.resolve("examples/start.sh"),
                List.of(home.resolve("run").toString()));
    }

    private static long process(ForkedCupola script, String part) {
        var line = Pattern.compile("^" + part + " serves \\(process (\\d+),", Pattern.MULTILINE)
                .matcher(script.output());
        assertThat(line.find()).as(script.output()).isTrue();
        return Long.parseLong(line.group(1));
    }

    private static List<ProcessHandle> children(ForkedCupola script) {
        return script.children().toList();
    }

    private static String commandLine(ProcessHandle process) {
        return process.info().commandLine().orElse("");
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
