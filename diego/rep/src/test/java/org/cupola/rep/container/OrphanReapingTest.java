package org.cupola.rep.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphanReapingTest {
    @TempDir
    Path folder;

    /** A cell in a JVM of its own, which starts processes and waits to be killed. */
    static final class Cell {
        private Cell() {}

        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[0]);
            var backend = new ProcessBackend(ProcessBackendTest.settings(folder));
            backend.start();
            var container =
                    backend.create(new ContainerSpec("c1", "preloaded:any", Map.of(), 0, 0, 0, List.of(), List.of()));
            String script = "sleep 300 & echo $! > child; setsid sh -c 'echo $$ > escaped; exec sleep 300' & "
                    + "echo $$ > leader; wait";
            container.run(
                    new ProcessSpec("/bin/sh", List.of("-c", script), "", Map.of(), "vcap", OptionalLong.empty()),
                    ProcessOutput.discard());
            new CountDownLatch(1).await(); // until it is killed
        }
    }

    @Test
    void theNextStartKillsWhatAKilledCellLeftRunning() throws Exception {
        Process cell = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Cell.class.getName(),
                        folder.toString())
                .inheritIO()
                .start();
        Path home = folder.resolve("containers/c1/root/home/vcap");
        List<Long> pids;
        try {
            await().until(() -> isWritten(home.resolve("leader"))
                    && isWritten(home.resolve("child"))
                    && isWritten(home.resolve("escaped")));
            pids = List.of(pid(home, "leader"), pid(home, "child"), pid(home, "escaped"));
        } finally {
            cell.destroyForcibly().waitFor();
        }
        assertThat(pids).allMatch(ProcessBackendTest::isAlive);

        try (var next = new ProcessBackend(ProcessBackendTest.settings(folder))) {
            next.start();

            assertThat(pids).noneMatch(ProcessBackendTest::isAlive);
            assertThat(folder.resolve("containers")).isEmptyDirectory();
        }
    }

    @Test
    void aProcessThatGotTheNumberOfADeadOneIsLeftAlone() throws Exception {
        Process innocent = new ProcessBuilder("sleep", "300").start();
        try {
            Path notes = Files.createDirectories(folder.resolve("containers/c1/pids"));
            Instant earlier = innocent.info().startInstant().orElseThrow().minusSeconds(3600);
            Files.writeString(notes.resolve("" + innocent.pid()), "" + earlier.toEpochMilli());
            Files.writeString(notes.resolve("half-written"), "");

            try (var backend = new ProcessBackend(ProcessBackendTest.settings(folder))) {
                backend.start();
            }

            assertThat(innocent.isAlive()).isTrue();
        } finally {
            innocent.destroyForcibly();
        }
    }

    private static boolean isWritten(Path file) throws IOException {
        return Files.exists(file) && Files.readString(file).endsWith("\n");
    }

    private static long pid(Path home, String name) throws IOException {
        return Long.parseLong(Files.readString(home.resolve(name)).strip());
    }
}
