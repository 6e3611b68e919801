package org.cupola.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.client.BlockingWebClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.CellException;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.CellTask;
import org.cupola.protocol.bbs.CellWork;
import org.cupola.protocol.bbs.LrpUpdate;
import org.cupola.protocol.bbs.RepClient;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.ClaimActualLRPRequest;
import org.cupola.protocol.bbs.proto.CompleteTaskRequest;
import org.cupola.protocol.bbs.proto.CrashActualLRPRequest;
import org.cupola.protocol.bbs.proto.RemoveActualLRPRequest;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TaskDefinition;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.GaugeValue;
import org.cupola.protocol.loggregator.v2.Log;
import org.junit.jupiter.api.Test;

/** The cell over its own wire, with real processes. */
class RepComponentTest extends RepFixture {
    @Test
    void runsAnInstanceAndTellsTheBbsWhereItIs() throws Exception {
        desire(
                "process-1",
                "cat > Server.java <<'END'\n" + SERVER + "END\nexec java -XX:TieredStopAtLevel=1 Server.java",
                true);

        CellWork refused = client.perform(new CellWork(List.of(lrp("process-1", 4, 256)), List.of(), "cell-1"), "");

        assertThat(refused.lrps()).isEmpty();
        StartActualLRPRequest start = awaitStart();
        String guid = start.getActualLrpInstanceKey().getInstanceGuid();
        assertThat(guid).hasSize(28);
        assertThat(start.getActualLrpKey().getIndex()).isEqualTo(4);
        assertThat(start.getActualLrpInstanceKey().getCellId()).isEqualTo("cell-1");
        var port = start.getActualLrpNetInfo().getPorts(0);
        assertThat(port.getContainerPort()).isEqualTo(8080);
        String body = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.getHostPort() + "/"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        assertThat(body).startsWith("4 ");
        assertThat(bbs.told(ClaimActualLRPRequest.class)
                        .getFirst()
                        .getActualLrpInstanceKey()
                        .getInstanceGuid())
                .isEqualTo(guid);
        var state = client.state();
        assertThat(state.lrps().getFirst().state()).isEqualTo("RUNNING");
        assertThat(state.availableResources().memoryMb()).isEqualTo(744);

        ProcessHandle.of(Long.parseLong(body.substring(2))).orElseThrow().destroyForcibly();

        await().until(() -> !bbs.told(CrashActualLRPRequest.class).isEmpty());
        assertThat(bbs.told(CrashActualLRPRequest.class).getFirst().getErrorMessage())
                .isEqualTo("APP/PROC/WEB: Exited with status 137");
        awaitEmpty();
        assertThat(client.state().availableResources().memoryMb()).isEqualTo(1000);
    }

    @Test
    void aStartAndACrashAreReportedWithinMilliseconds() throws Exception {
        desire("process-1", "sleep 60", false);
        long asked = System.nanoTime();
        client.perform(new CellWork(List.of(lrp("process-1", 0, 64)), List.of(), null), "");
        awaitStart();
        Duration toStart = Duration.ofNanos(System.nanoTime() - asked);

        desire("process-2", "exit 1", false);
        asked = System.nanoTime();
        client.perform(new CellWork(List.of(lrp("process-2", 0, 64)), List.of(), null), "");
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> !bbs.told(CrashActualLRPRequest.class).isEmpty());
        Duration toCrash = Duration.ofNanos(System.nanoTime() - asked);

        // Far above what it takes, far below any interval the cell has.
        assertThat(toStart).isLessThan(Duration.ofSeconds(2));
        assertThat(toCrash).isLessThan(Duration.ofSeconds(2));
        System.out.println("start reported after " + toStart + ", crash after " + toCrash);
    }

    @Test
    void stopsAnInstanceOnRequest() throws Exception {
        desire("process-1", "exec sleep 60", false);
        client.perform(new CellWork(List.of(lrp("process-1", 0, 64)), List.of(), null), "");
        String guid = awaitStart().getActualLrpInstanceKey().getInstanceGuid();

        client.stopLrp("process-1", guid, "");

        await().until(() -> !bbs.told(RemoveActualLRPRequest.class).isEmpty());
        awaitEmpty();
        assertThat(log.lines()).contains("CELL OUT Cell cell-1 stopping instance " + guid);
        assertThatThrownBy(() -> client.stopLrp("process-1", guid, ""))
                .isInstanceOfSatisfying(
                        CellException.class, e -> assertThat(e.status()).isEqualTo(500));
    }

    @Test
    void updatesReachTheBbsWithTheNextStart() throws Exception {
        desire("process-1", "exec sleep 60", false);
        client.perform(new CellWork(List.of(lrp("process-1", 0, 64)), List.of(), null), "");
        String guid = awaitStart().getActualLrpInstanceKey().getInstanceGuid();

        client.updateLrp(
                new LrpUpdate(
                        guid,
                        "process-1",
                        0,
                        "cf-apps",
                        List.of(new LrpUpdate.InternalRoute("b.internal")),
                        Map.of("k", "v")),
                "");

        await().until(() -> bbs.told(StartActualLRPRequest.class).size() == 2);
        var start = bbs.told(StartActualLRPRequest.class).getLast();
        assertThat(start.getActualLrpInternalRoutes(0).getHostname()).isEqualTo("b.internal");
        assertThat(start.getMetricTagsMap()).containsEntry("k", "v");
    }

    @Test
    void takesTheLargestFirstAndRefusesWhatDoesNotFit() throws Exception {
        desire("process-1", "exec sleep 60", false);
        CellLrp unknownStack =
                new CellLrp("", "process-1", 9, "cf-apps", List.of(), List.of(), "preloaded:other", 1, 1, 0, "");

        CellWork refused = client.perform(
                new CellWork(
                        List.of(lrp("process-1", 0, 300), lrp("process-1", 1, 800), unknownStack), List.of(), null),
                "");

        assertThat(refused.lrps()).extracting(CellLrp::index).containsExactlyInAnyOrder(0, 9);
        assertThat(refused.lrps()).allMatch(lrp -> lrp.instanceGuid().isEmpty());
    }

    @Test
    void refusesMalformedAndMisdirectedRequests() throws Exception {
        BlockingWebClient raw = clients.client(URI.create("https://127.0.0.1:" + rep.port()), Duration.ofSeconds(5))
                .build()
                .blocking();

        assertThat(raw.post("/work", "{").status().code()).isEqualTo(400);
        assertThat(raw.post("/sim/reset", "").status().code()).isEqualTo(500);
        assertThat(raw.get("/ping").status().code()).isEqualTo(404);
        assertThatThrownBy(() ->
                        client.perform(new CellWork(List.of(lrp("process-1", 0, 1)), List.of(), "another-cell"), ""))
                .isInstanceOfSatisfying(
                        CellException.class, e -> assertThat(e.status()).isEqualTo(500));
        client.cancelTask("no-such-task", "");
        try (var stranger = HttpClients.create(null, certificates.authorities())) {
            assertThatThrownBy(
                            () -> stranger.client(URI.create("https://127.0.0.1:" + rep.port()), Duration.ofSeconds(5))
                                    .build()
                                    .blocking()
                                    .get("/state"))
                    .isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void runsATaskAndReturnsItsResult() throws Exception {
        bbs.tasks.put("task-1", task("echo done > /home/vcap/result.json"));

        client.perform(new CellWork(List.of(), List.of(cellTask("task-1")), null), "");

        await().until(() -> !bbs.told(CompleteTaskRequest.class).isEmpty());
        assertThat(bbs.told(CompleteTaskRequest.class).getFirst())
                .isEqualTo(CompleteTaskRequest.newBuilder()
                        .setTaskGuid("task-1")
                        .setCellId("cell-1")
                        .setResult("done\n")
                        .build());
        await().until(() -> client.state().tasks().isEmpty());
    }

    @Test
    void cancelsATask() throws Exception {
        bbs.tasks.put("task-1", task("exec sleep 60"));
        client.perform(new CellWork(List.of(), List.of(cellTask("task-1")), null), "");
        await().until(() -> client.state().tasks().getFirst().state().equals("Running"));

        client.cancelTask("task-1", "");

        await().until(() -> client.state().tasks().isEmpty());
    }

    private static Task task(String script) {
        return Task.newBuilder()
                .setTaskGuid("task-1")
                .setTaskDefinition(TaskDefinition.newBuilder()
                        .setResultFile("/home/vcap/result.json")
                        .setRootFs("preloaded:cflinuxfs4")
                        .setAction(Action.newBuilder()
                                .setRunAction(RunAction.newBuilder()
                                        .setPath("/bin/sh")
                                        .addAllArgs(List.of("-c", script))
                                        .setUser("vcap"))))
                .build();
    }

    private static CellTask cellTask(String guid) {
        return new CellTask(
                guid, "cf-tasks", List.of(), List.of(), "preloaded:cflinuxfs4", 64, 64, 0, "Invalid", false);
    }

    @Test
    void reportsWhatContainersUse() throws Exception {
        rep.close();
        rep = new RepComponent(
                RepConfig.read(configFile(Map.of("container_metrics_report_interval", "50ms"))),
                Clock.systemUTC(),
                log);
        rep.start();
        client = new RepClient(clients, URI.create("https://127.0.0.1:" + rep.port()), Duration.ofSeconds(10));
        desire("process-1", "while :; do :; done", false);
        client.perform(new CellWork(List.of(lrp("process-1", 3, 64)), List.of(), null), "");

        await().until(() -> Json.tree(client.containerMetrics())
                        .path("lrps")
                        .path(0)
                        .path("cpu_usage_fraction")
                        .asDouble(0)
                > 0.1);
        var metrics = Json.tree(client.containerMetrics());
        assertThat(metrics.path("cell_id").asString()).isEqualTo("cell-1");
        var one = metrics.path("lrps").path(0);
        assertThat(one.path("index").asInt()).isEqualTo(3);
        assertThat(one.path("memory_quota_bytes").asLong()).isEqualTo(64L << 20);
        assertThat(one.path("memory_usage_bytes").asLong()).isPositive();
    }

    @Test
    void tellsLoggregatorOfLogsAndUsage() throws Exception {
        rep.close();
        try (var agent = new TestAgent(certificates)) {
            rep = new RepComponent(
                    RepConfig.read(configFile(Map.of(
                            "container_metrics_report_interval",
                            "50ms",
                            "loggregator",
                            Map.of(
                                    "loggregator_use_v2_api", true,
                                    "loggregator_api_port", agent.port(),
                                    "loggregator_ca_path",
                                            certificates.authorityFile().toString(),
                                    "loggregator_cert_path",
                                            certificates.certificateFile("rep").toString(),
                                    "loggregator_key_path",
                                            certificates.keyFile("rep").toString(),
                                    "loggregator_job_origin", "rep")))),
                    Clock.systemUTC());
            rep.start();
            client = new RepClient(clients, URI.create("https://127.0.0.1:" + rep.port()), Duration.ofSeconds(10));
            desire("process-1", "echo hello >&2; while :; do :; done", false);
            client.perform(new CellWork(List.of(lrp("process-1", 3, 64)), List.of(), null), "");

            await().until(() -> agent.envelopes().stream()
                    .anyMatch(envelope ->
                            envelope.getLog().getPayload().toStringUtf8().equals("hello")));
            Envelope line = agent.envelopes().stream()
                    .filter(envelope ->
                            envelope.getLog().getPayload().toStringUtf8().equals("hello"))
                    .findFirst()
                    .orElseThrow();
            assertThat(line.getSourceId()).isEqualTo("app");
            assertThat(line.getInstanceId()).isEqualTo("3");
            assertThat(line.getLog().getType()).isEqualTo(Log.Type.ERR);
            assertThat(line.getTagsMap()).containsEntry("origin", "rep").containsEntry("source_type", "APP/PROC/WEB");
            await().until(() -> agent.envelopes().stream()
                    .anyMatch(envelope -> envelope.getGauge()
                                    .getMetricsOrDefault("cpu", GaugeValue.getDefaultInstance())
                                    .getValue()
                            > 10));
            Envelope usage = agent.envelopes().stream()
                    .filter(envelope -> envelope.getGauge().containsMetrics("cpu"))
                    .findFirst()
                    .orElseThrow();
            assertThat(usage.getGauge().getMetricsMap())
                    .containsOnlyKeys("cpu", "memory", "disk", "memory_quota", "disk_quota");
            assertThat(usage.getGauge().getMetricsOrThrow("memory_quota").getValue())
                    .isEqualTo(64 << 20);
            assertThat(usage.getInstanceId()).isEqualTo("3");
            assertThat(agent.envelopes())
                    .anyMatch(envelope -> envelope.getGauge().containsMetrics("log_rate"));
        }
    }
}
