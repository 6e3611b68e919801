package org.cupola.rep.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.CodependentAction;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.protocol.bbs.proto.TCPCheck;
import org.cupola.rep.container.ProcessBackend;
import org.cupola.rep.container.ProcessBackendSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An executor with real processes, its log and the changes it told of. */
abstract class ExecutorFixture {
    /** A server that says OK on the port it is told. */
    static final String SERVER = "exec python3 -c \"import http.server,os; "
            + "http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), "
            + "http.server.SimpleHTTPRequestHandler).serve_forever()\"";

    static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("Instance CA", Duration.ofDays(1), Clock.systemUTC());
    /** Short enough to be replaced within a test. */
    static final InstanceIdentity IDENTITY = new InstanceIdentity(AUTHORITY, Duration.ofMillis(500));

    @TempDir
    Path folder;

    final RecordingLog log = new RecordingLog();
    final List<String> changes = new CopyOnWriteArrayList<>();
    Executor executor;

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

    Executor executor(Duration gracePeriod, Duration reservedExpiration) {
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

    static Action shell(String script) {
        return Action.newBuilder().setRunAction(shellRun(script)).build();
    }

    static RunAction.Builder shellRun(String script) {
        return RunAction.newBuilder()
                .setPath("/bin/sh")
                .addAllArgs(List.of("-c", script))
                .setUser("vcap")
                .setLogSource("APP")
                .addEnv(EnvironmentVariable.newBuilder().setName("PORT").setValue("8080"));
    }

    static Action codependent(Action... actions) {
        return Action.newBuilder()
                .setCodependentAction(CodependentAction.newBuilder().addAllActions(List.of(actions)))
                .build();
    }

    static org.cupola.protocol.bbs.proto.Check tcp(int port) {
        return org.cupola.protocol.bbs.proto.Check.newBuilder()
                .setTcpCheck(TCPCheck.newBuilder().setPort(port))
                .build();
    }

    void reserve(String guid) throws ExecutorException {
        executor.reserve(ContainerTableTest.work(guid, 64, 64));
    }

    void run(String guid, Action action, org.cupola.protocol.bbs.proto.Check... checks) throws ExecutorException {
        reserve(guid);
        executor.run(request(guid, Optional.empty(), action, List.of(), List.of(checks), List.of()));
    }

    static RunRequest request(
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

    CellContainer awaitState(String guid, ContainerState state) {
        await().until(() -> executor.find(guid).orElseThrow().state() == state);
        return executor.find(guid).orElseThrow();
    }

    RunResult awaitResult(String guid) {
        RunResult result = awaitState(guid, ContainerState.COMPLETED).result();
        assertThat(result).isNotNull();
        return result;
    }
}
