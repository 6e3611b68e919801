package org.cupola.rep.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.testing.RealParts;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.bbs.CellResources;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.RunAction;
import org.junit.jupiter.api.Test;

/** Real processes. */
class ExecutorTest extends ExecutorFixture {
    @Test
    void aHealthyInstanceRunsAndStopsOnRequest() throws Exception {
        RealParts.require("python3");
        run("c1", shell(SERVER), tcp(8080));
        CellContainer running = awaitState("c1", ContainerState.RUNNING);

        assertThat(running.routable()).isTrue();
        assertThat(running.internalRoutes()).containsExactly("a.apps.internal");
        int port = running.network().ports().getFirst().hostPort();
        try (var socket = new java.net.Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port));
        }
        executor.stop("c1");

        assertThat(awaitResult("c1").stopped()).isTrue();
        executor.delete("c1");
        assertThat(executor.find("c1")).isEmpty();
        assertThat(executor.remaining()).isEqualTo(executor.total());
        assertThat(changes).containsExactly("c1 RESERVED", "c1 RUNNING", "c1 COMPLETED");
        assertThat(log.lines())
                .contains(
                        "CELL OUT Cell cell-1 creating container for instance c1",
                        "CELL OUT Cell cell-1 successfully created container for instance c1",
                        "HEALTH OUT Container became healthy",
                        "CELL OUT Cell cell-1 stopping instance c1",
                        "APP OUT Exit status 143",
                        "CELL OUT Cell cell-1 destroying container for instance c1",
                        "CELL OUT Cell cell-1 successfully destroyed container for instance c1");
    }

    @Test
    void aCrashIsReportedWithItsStatusAndItsLog() throws Exception {
        run("c1", codependent(shell("echo last words; exit 3"), shell("sleep 60")));

        RunResult result = awaitResult("c1");

        assertThat(result).isEqualTo(new RunResult(true, "APP: Exited with status 3", false, false));
        assertThat(log.lines()).contains("APP OUT last words", "APP OUT Exit status 3");
    }

    @Test
    void aCleanExitOfACodependentActionIsACrash() throws Exception {
        run("c1", codependent(shell("exit 0"), shell("exec sleep 60")));

        assertThat(awaitResult("c1").failureReason()).isEqualTo("Codependent step exited");
    }

    @Test
    void aDeathIsNoticedAtOnceAndNotByTheNextCheck() throws Exception {
        run("c1", shell("sleep 0.2; kill -9 $$"));

        assertThat(awaitResult("c1").failureReason()).isEqualTo("APP: Exited with status 137");
    }

    @Test
    void aProcessThatIgnoresTheRequestIsKilledAfterTheGracePeriod() throws Exception {
        run("c1", shell("trap '' TERM; echo up; while :; do sleep 0.05; done"));
        await().until(() -> log.lines().contains("APP OUT up"));

        executor.stop("c1");

        assertThat(awaitResult("c1").stopped()).isTrue();
        assertThat(log.lines()).contains("APP OUT Exit status 137 (exceeded 1s graceful shutdown interval)");
        assertThat(executor.counters().killedAfterGrace()).isEqualTo(1);
    }

    @Test
    void aStopWaitsForWhatAShellLeftBehind() throws Exception {
        run(
                "c1",
                shell(
                        "sh -c 'trap \"sleep 0.3; echo drained; exit 0\" TERM; echo up; while :; do sleep 0.01; done'; true"));
        await().until(() -> log.lines().contains("APP OUT up"));

        executor.stop("c1");

        awaitResult("c1");
        assertThat(log.lines()).contains("APP OUT drained");
    }

    @Test
    void setupComesFirstAndItsFailureIsTheContainers() throws Exception {
        reserve("c1");
        executor.run(request("c1", Optional.of(shell("exit 5")), shell("echo never"), List.of(), List.of(), List.of()));

        assertThat(awaitResult("c1").failureReason()).isEqualTo("APP: Exited with status 5");
        assertThat(log.lines()).noneMatch(line -> line.contains("never"));
    }

    @Test
    void anInstanceHasACertificateThatIsReplacedInTime() throws Exception {
        run("c1", shell("cat $CF_INSTANCE_CERT > shown.crt; cat $CF_INSTANCE_KEY > shown.key; exec sleep 60"));
        awaitState("c1", ContainerState.RUNNING);
        Path root = folder.resolve("containers/c1/root");
        await().until(() -> Files.exists(root.resolve("home/vcap/shown.key"))
                && Files.readString(root.resolve("home/vcap/shown.key")).contains("END"));

        var shown = TlsIdentity.read(root.resolve("home/vcap/shown.crt"), root.resolve("home/vcap/shown.key"));

        assertThat(shown.certificate().getSubjectX500Principal().getName())
                .contains("CN=c1", "OU=organization:o", "OU=app:a");
        assertThat(shown.certificate().getSubjectAlternativeNames().toString()).contains("c1", "127.0.0.1");
        assertThat(shown.chain()).hasSize(2).contains(AUTHORITY.certificate());
        await().until(() -> !Pem.certificates(root.resolve("etc/cf-instance-credentials/instance.crt"))
                .getFirst()
                .equals(shown.certificate()));
    }

    @Test
    void processesKnowWhereTheyAre() throws Exception {
        run("c1", shell("env; exit 1"));
        awaitResult("c1");

        CellContainer container = executor.find("c1").orElseThrow();
        int port = container.network().ports().getFirst().hostPort();
        assertThat(log.lines())
                .contains(
                        "APP OUT CONTAINER_LEVEL=yes",
                        "APP OUT PORT=" + port,
                        "APP OUT CF_INSTANCE_IP=127.0.0.1",
                        "APP OUT CF_INSTANCE_INTERNAL_IP=127.0.0.1",
                        "APP OUT CF_INSTANCE_PORT=" + port,
                        "APP OUT CF_INSTANCE_ADDR=127.0.0.1:" + port,
                        "APP OUT CF_INSTANCE_PORTS=[{\"external\":" + port + ",\"internal\":" + port + "}]");
    }

    @Test
    void anInstanceThatNeverGetsHealthyIsStopped() throws Exception {
        reserve("c1");
        var request = request("c1", Optional.empty(), shell("sleep 60"), List.of(), List.of(tcp(8080)), List.of());
        executor.run(new RunRequest(
                request.guid(),
                request.rootFs(),
                request.log(),
                -1,
                request.environment(),
                request.ports(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                request.action(),
                List.of(),
                Optional.empty(),
                request.checks(),
                List.of(),
                "HEALTH",
                Duration.ofMillis(100),
                "",
                List.of(),
                List.of(),
                Map.of()));

        RunResult result = awaitResult("c1");

        assertThat(result.failureReason())
                .startsWith("Instance never healthy after ")
                .contains("failed to make TCP connection to 127.0.0.1:")
                .endsWith("connection refused");
        assertThat(executor.containers()).hasSize(1);
    }

    @Test
    void readinessMakesAnInstanceRoutableAndTakesItBack() throws Exception {
        RealParts.require("python3");
        reserve("c1");
        String flapping = "exec python3 -c \"import http.server,os,time\n"
                + "s=http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), "
                + "http.server.SimpleHTTPRequestHandler)\n"
                + "s.timeout=0.05\n"
                + "while not os.path.exists('enough'): s.handle_request()\n"
                + "s.server_close()\n"
                + "time.sleep(60)\"";
        executor.run(request("c1", Optional.empty(), shell(flapping), List.of(), List.of(), List.of(tcp(8080))));
        await().until(() -> executor.find("c1").orElseThrow().routable());
        Files.writeString(folder.resolve("containers/c1/root/home/vcap/enough"), "");

        await().until(() -> !executor.find("c1").orElseThrow().routable());

        assertThat(executor.find("c1").orElseThrow().state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void tooMuchMemoryIsSaidInTheReason() throws Exception {
        run("c1", shell("head -c 300000000 /dev/zero | tail; sleep 60"));

        assertThat(awaitResult("c1").failureReason()).isEqualTo("APP: Exited with status 137 (out of memory)");
    }

    @Test
    void aProgramThatIsNotThereFailsTheContainer() throws Exception {
        run(
                "c1",
                Action.newBuilder()
                        .setRunAction(RunAction.newBuilder().setPath("/no/such").setUser("vcap"))
                        .build());

        assertThat(awaitResult("c1").failureReason()).isEqualTo("CELL: /no/such: no such executable file");
    }

    @Test
    void aReservationCanBeStoppedAndExpires() throws Exception {
        reserve("c1");
        executor.stop("c1");
        assertThat(awaitResult("c1")).isEqualTo(new RunResult(true, "stopped-before-running", false, true));

        executor.close();
        executor = executor(Duration.ofSeconds(1), Duration.ofMillis(20));
        executor.start();
        reserve("c2");
        assertThat(awaitResult("c2").failureReason()).isEqualTo("expired container");
    }

    @Test
    void accountsForWhatItHandsOut() throws Exception {
        assertThat(executor.total()).isEqualTo(new CellResources(512, 1024, 4));
        List<String> refused = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            try {
                reserve("c" + i);
            } catch (ExecutorException e) {
                refused.add(e.kind().errorName());
            }
        }

        assertThat(refused).containsExactly("InsufficientResourcesAvailable", "InsufficientResourcesAvailable");
        assertThat(executor.remaining()).isEqualTo(new CellResources(512 - 4 * 64, 1024 - 4 * 64, 0));
        assertThatThrownBy(() -> executor.stop("none"))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        e -> assertThat(e.kind()).isEqualTo(ExecutorException.Kind.CONTAINER_NOT_FOUND));
    }

    @Test
    void updatesReachListenersAndTheLog() throws Exception {
        run("c1", shell("exec sleep 60"));
        awaitState("c1", ContainerState.RUNNING);
        changes.clear();

        executor.update("c1", Optional.of(List.of("b.apps.internal")), Optional.empty());

        assertThat(changes).containsExactly("c1 RUNNING");
        assertThat(executor.find("c1").orElseThrow().internalRoutes()).containsExactly("b.apps.internal");
        assertThat(executor.find("c1").orElseThrow().metricTags()).containsEntry("source_id", "app-guid");
    }

    @Test
    void closeEndsWhatRuns() throws Exception {
        run("c1", shell("exec sleep 60"));
        run("c2", shell("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done"));
        awaitState("c1", ContainerState.RUNNING);
        await().until(() -> log.lines().contains("APP OUT up"));

        executor.close();

        assertThat(executor.containers()).isEmpty();
        assertThat(log.lines()).contains("APP OUT bye");
    }
}
