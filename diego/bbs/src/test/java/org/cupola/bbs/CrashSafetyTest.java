package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPsRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged survives kill -9. */
@Timeout(90)
class CrashSafetyTest {
    @TempDir
    private Path directory;

    @Test
    void acknowledgedWritesSurviveAKill() throws Exception {
        try (TestBbs bbs = TestBbs.onSqlite(directory)) {
            Path portFile = directory.resolve("port");
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            BbsProcess.class.getName(),
                            bbs.configFile().toString(),
                            portFile.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("bbs.log").toFile())
                    .start();
            Set<String> acknowledged = ConcurrentHashMap.newKeySet();
            try {
                await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(portFile));
                var client = new BbsClient(
                        bbs.clients(),
                        URI.create("https://127.0.0.1:" + Files.readString(portFile)),
                        Duration.ofSeconds(10));
                desireUntilKilled(client, process, acknowledged);
            } finally {
                process.destroyForcibly().onExit().join();
            }

            bbs.start();

            assertThat(acknowledged).hasSizeGreaterThan(20);
            assertThat(bbs.client().desired().list(DesiredLRPsRequest.getDefaultInstance()).stream()
                            .map(DesiredLRP::getProcessGuid)
                            .collect(Collectors.toSet()))
                    .containsAll(acknowledged);
            assertThat(bbs.client().actual().list(ActualLRPsRequest.getDefaultInstance()))
                    .as("a process is never half there")
                    .hasSize(2
                            * bbs.client()
                                    .desired()
                                    .list(DesiredLRPsRequest.getDefaultInstance())
                                    .size());
        }
    }

    private static void desireUntilKilled(BbsClient client, Process process, Set<String> acknowledged)
            throws InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int thread = 0; thread < 4; thread++) {
                String prefix = "p-" + thread + "-";
                threads.submit(() -> {
                    for (int n = 0; ; n++) {
                        try {
                            client.desired().desire(Lrps.desired(prefix + n, 2));
                            acknowledged.add(prefix + n);
                        } catch (BbsException e) {
                            return; // killed
                        }
                    }
                });
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> acknowledged.size() > 20);
            process.destroyForcibly();
        }
    }
}
