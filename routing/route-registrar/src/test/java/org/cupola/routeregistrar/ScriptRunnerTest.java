package org.cupola.routeregistrar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScriptRunnerTest {
    private final ScriptRunner runner = new ScriptRunner();

    @TempDir
    Path folder;

    private boolean isHealthy(String script, Duration timeout) throws InterruptedException {
        return runner.isHealthy(new HealthCheck("check", script, timeout));
    }

    @Test
    void onlyExitCodeZeroIsHealthy() throws Exception {
        assertThat(isHealthy("echo fine; echo also >&2", Duration.ofSeconds(10)))
                .isTrue();
        assertThat(isHealthy("exit 3", Duration.ofSeconds(10))).isFalse();
        assertThat(isHealthy("kill -9 $$", Duration.ofSeconds(10))).isFalse();
        assertThat(isHealthy("/no/such/script", Duration.ofSeconds(10))).isFalse();
    }

    @Test
    void muchOutputHoldsNobodyUp() throws Exception {
        assertThat(isHealthy("yes | head -c 3000000", Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void killsATardyScriptWithEverythingItStarted() throws Exception {
        Path pids = folder.resolve("pids");
        String script = "sleep 600 & echo $! >" + pids + "; echo $$ >>" + pids + "; wait";

        assertThat(isHealthy(script, Duration.ofMillis(1500))).isFalse();

        var started = Files.readAllLines(pids).stream().map(Long::valueOf).toList();
        assertThat(started).hasSize(2);
        await().atMost(Duration.ofSeconds(60)).until(() -> started.stream().noneMatch(ScriptRunnerTest::isRunning));
    }

    /** A zombie that nobody has waited for yet is dead enough. */
    private static boolean isRunning(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (java.io.IOException e) {
            return false;
        }
    }
}
