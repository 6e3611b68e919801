package org.cupola.rep.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.platform.testing.RealParts;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.bbs.CellResources;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.CodependentAction;
import org.cupola.protocol.bbs.proto.DownloadAction;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.protocol.bbs.proto.TCPCheck;
import org.cupola.protocol.bbs.proto.UploadAction;
import org.cupola.rep.container.ProcessBackend;
import org.cupola.rep.container.ProcessBackendSettings;
import org.cupola.rep.container.TarBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes. */
class ExecutorTest {
    /** A server that says OK on the port it is told. */
    private static final String SERVER = "exec python3 -c \"import http.server,os; "
            + "http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), "
            + "http.server.SimpleHTTPRequestHandler).serve_forever()\"";

    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("Instance CA", Duration.ofDays(1), Clock.systemUTC());
    /** Short enough to be replaced within a test. */
    private static final InstanceIdentity IDENTITY = new InstanceIdentity(AUTHORITY, Duration.ofMillis(500));

    @TempDir
    Path folder;

    private final RecordingLog log = new RecordingLog();
    private final List<String> changes = new CopyOnWriteArrayList<>();
    private Executor executor;

    @BeforeEach
    void start() throws IOException {
        executor = executor(Duration.ofSeconds(1), Duration.ofMinutes(1));
        executor.start();
        executor.onChange(container -> changes.add(container.guid() + " " + container.state()));
    }

    @AfterEach
    void stop() {
        executor.close();
    }

    private Executor executor(Duration gracePeriod, Duration reservedExpiration) {
        var backend = new ProcessBackend(new ProcessBackendSettings(
                folder,
                "127.0.0.1",
                62000,
                1000,
                Map.of("PATH", "/usr/local/bin:/usr/bin:/bin"),
                1L << 30,
                20L << 30,
                5,
                Duration.ofMillis(20),
                Duration.ofMillis(50)));
        var settings = new ExecutorSettings(
                "cell-1",
                512,
                1024,
                4,
                4,
                2,
                2,
                gracePeriod,
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                reservedExpiration,
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                0,
                folder.resolve("downloads"),
                1 << 20,
                null,
                null,
                List.of(),
                false);
        return new Executor(settings, backend, log, Optional.of(IDENTITY), Clock.systemUTC(), new Random(1));
    }

    private static Action shell(String script) {
        return Action.newBuilder().setRunAction(shellRun(script)).build();
    }

    private static RunAction.Builder shellRun(String script) {
        return RunAction.newBuilder()
                .setPath("/bin/sh")
                .addAllArgs(List.of("-c", script))
                .setUser("vcap")
                .setLogSource("APP")
                .addEnv(EnvironmentVariable.newBuilder().setName("PORT").setValue("8080"));
    }

    private static Action codependent(Action... actions) {
        return Action.newBuilder()
                .setCodependentAction(CodependentAction.newBuilder().addAllActions(List.of(actions)))
                .build();
    }

    private static org.cupola.protocol.bbs.proto.Check tcp(int port) {
        return org.cupola.protocol.bbs.proto.Check.newBuilder()
                .setTcpCheck(TCPCheck.newBuilder().setPort(port))
                .build();
    }

    private void reserve(String guid) throws ExecutorException {
        executor.reserve(ContainerTableTest.work(guid, 64, 64));
    }

    private void run(String guid, Action action, org.cupola.protocol.bbs.proto.Check... checks)
            throws ExecutorException {
        reserve(guid);
        executor.run(request(guid, Optional.empty(), action, List.of(), List.of(checks), List.of()));
    }

    private static RunRequest request(
            String guid,
            Optional<Action> setup,
            Action action,
            List<CachedDependency> dependencies,
            List<org.cupola.protocol.bbs.proto.Check> checks,
            List<org.cupola.protocol.bbs.proto.Check> readiness) {
        return new RunRequest(
                guid,
                "preloaded:x",
                new LogConfig("app-guid", 0, "CELL", Map.of()),
                -1,
                List.of(EnvironmentVariable.newBuilder()
                        .setName("CONTAINER_LEVEL")
                        .setValue("yes")
                        .build()),
                List.of(8080),
                dependencies,
                List.of(),
                List.of(),
                setup,
                action,
                List.of(),
                Optional.empty(),
                checks,
                readiness,
                "HEALTH",
                Duration.ZERO,
                "",
                List.of("organization:o", "app:a"),
                List.of("a.apps.internal"),
                Map.of("source_id", "app-guid"));
    }

    private CellContainer awaitState(String guid, ContainerState state) {
        await().until(() -> executor.find(guid).orElseThrow().state() == state);
        return executor.find(guid).orElseThrow();
    }

    private RunResult awaitResult(String guid) {
        RunResult result = awaitState(guid, ContainerState.COMPLETED).result();
        assertThat(result).isNotNull();
        return result;
    }

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
    void artifactsAreDownloadedUnpackedAndUploaded() throws Exception {
        var uploaded = new CopyOnWriteArrayList<String>();
        var server = com.sun.net.httpserver.HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 10);
        byte[] droplet = new TarBuilder().file("app/hello", "from the droplet").build();
        server.createContext("/droplet", exchange -> {
            exchange.getResponseHeaders().add("ETag", "\"d\"");
            exchange.sendResponseHeaders(200, droplet.length);
            exchange.getResponseBody().write(droplet);
            exchange.close();
        });
        server.createContext("/upload", exchange -> {
            uploaded.add(exchange.getRequestHeaders().getFirst("Content-MD5") + " "
                    + exchange.getRequestHeaders().getFirst("Content-Digest") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(uploaded.size() == 1 ? 500 : 201, -1);
            exchange.close();
        });
        server.start();
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        try {
            reserve("c1");
            Action download = Action.newBuilder()
                    .setDownloadAction(DownloadAction.newBuilder()
                            .setArtifact("droplet")
                            .setFrom(base + "/droplet")
                            .setTo(".")
                            .setUser("vcap")
                            .setCacheKey("droplet-1"))
                    .build();
            Action upload = Action.newBuilder()
                    .setUploadAction(UploadAction.newBuilder()
                            .setArtifact("copy")
                            .setFrom("/tmp/copy")
                            .setTo(base + "/upload")
                            .setUser("vcap"))
                    .build();
            Action all = Action.newBuilder()
                    .setSerialAction(org.cupola.protocol.bbs.proto.SerialAction.newBuilder()
                            .addActions(shell("cp app/hello $TMPDIR/copy; cat $TMPDIR/../etc/tools/app/hello"))
                            .addActions(upload))
                    .build();
            var dependency = CachedDependency.newBuilder()
                    .setName("tools")
                    .setFrom(base + "/droplet")
                    .setTo("/etc/tools")
                    .build();
            executor.run(request("c1", Optional.of(download), all, List.of(dependency), List.of(), List.of()));

            assertThat(awaitResult("c1")).isEqualTo(RunResult.success(false));
            assertThat(uploaded).hasSize(2).allMatch(line -> line.endsWith(" from the droplet"));
            assertThat(uploaded.getFirst()).contains("sha-256=:");
            assertThat(log.lines())
                    .contains(
                            "CELL OUT Downloading tools...",
                            "CELL OUT Downloading droplet...",
                            "CELL OUT Downloaded droplet (" + ByteSize.format(droplet.length) + ")",
                            "APP OUT from the droplet",
                            "CELL OUT Uploaded copy (16B)");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aDependencyThatCannotBeHadFailsBeforeAnythingRuns() throws Exception {
        reserve("c1");
        var dependency = CachedDependency.newBuilder()
                .setName("tools")
                .setFrom("ftp://nowhere/tools.tgz")
                .setTo("/etc/tools")
                .build();
        executor.run(request("c1", Optional.empty(), shell("true"), List.of(dependency), List.of(), List.of()));

        assertThat(awaitResult("c1"))
                .isEqualTo(new RunResult(true, "failed to download cached artifacts", true, false));
        assertThat(log.lines()).contains("CELL ERR Downloading tools failed");
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
