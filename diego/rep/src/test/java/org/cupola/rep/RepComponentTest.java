package org.cupola.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.json.Json;
import org.cupola.platform.testing.TestCertificates;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.bbs.CellException;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.CellPresences;
import org.cupola.protocol.bbs.CellTask;
import org.cupola.protocol.bbs.CellWork;
import org.cupola.protocol.bbs.LrpUpdate;
import org.cupola.protocol.bbs.RepClient;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.Check;
import org.cupola.protocol.bbs.proto.CheckDefinition;
import org.cupola.protocol.bbs.proto.ClaimActualLRPRequest;
import org.cupola.protocol.bbs.proto.CompleteTaskRequest;
import org.cupola.protocol.bbs.proto.CrashActualLRPRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.protocol.bbs.proto.EvacuateClaimedActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.cupola.protocol.bbs.proto.HTTPCheck;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.RemoveActualLRPRequest;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TaskDefinition;
import org.cupola.protocol.bbs.testing.TestLocket;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.GaugeValue;
import org.cupola.protocol.loggregator.v2.Log;
import org.cupola.rep.executor.RecordingLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cell over its own wire, with real processes. */
class RepComponentTest {
    private static final String SERVER = """
            import com.sun.net.httpserver.HttpServer;
            import java.net.InetSocketAddress;
            public class Server {
                public static void main(String[] arguments) throws Exception {
                    int port = Integer.parseInt(System.getenv("PORT"));
                    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 50);
                    server.createContext("/", exchange -> {
                        byte[] body = (System.getenv("CF_INSTANCE_INDEX") + " " + ProcessHandle.current().pid()).getBytes();
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    });
                    server.start();
                }
            }
            """;

    @TempDir
    Path folder;

    private final RecordingLog log = new RecordingLog();
    private TestCertificates certificates;
    private TestLocket locket;
    private TestBbs bbs;
    private RepComponent rep;
    private HttpClients clients;
    private RepClient client;

    @BeforeEach
    void start() throws Exception {
        certificates = new TestCertificates(folder);
        locket = new TestLocket(HttpListener.mutualTls(
                new InetSocketAddress("127.0.0.1", 0),
                certificates.issue("locket", "127.0.0.1"),
                certificates.authorities()));
        bbs = new TestBbs(certificates);
        certificates.issue("rep", "127.0.0.1");
        TlsIdentity auctioneer = certificates.issue("auctioneer");
        clients = HttpClients.create(auctioneer, certificates.authorities());
        rep = startRep();
    }

    @AfterEach
    void stop() {
        clients.close(); // first, for a server waits for the connections of its clients
        rep.close();
        bbs.close();
        locket.close();
    }

    private RepComponent startRep() throws Exception {
        var component = new RepComponent(RepConfig.read(configFile(Map.of())), Clock.systemUTC(), log);
        component.start();
        client = new RepClient(clients, URI.create("https://127.0.0.1:" + component.port()), Duration.ofSeconds(10));
        return component;
    }

    private Path configFile(Map<String, Object> more) throws Exception {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("cell_id", "cell-1");
        config.put("zone", "z1");
        config.put("listen_addr", "127.0.0.1:0");
        config.put("listen_addr_securable", "127.0.0.1:0");
        config.put("advertise_address", "127.0.0.1");
        config.put("ca_cert_file", certificates.authorityFile().toString());
        config.put("cert_file", certificates.certificateFile("rep").toString());
        config.put("key_file", certificates.keyFile("rep").toString());
        config.put("bbs_address", bbs.address().toString());
        config.put("locket_address", locket.address());
        config.put("locket_ca_cert_file", certificates.authorityFile().toString());
        config.put(
                "locket_client_cert_file", certificates.certificateFile("rep").toString());
        config.put("locket_client_key_file", certificates.keyFile("rep").toString());
        config.put("preloaded_root_fs", List.of("cflinuxfs4:none"));
        config.put("memory_mb", 1000);
        config.put("disk_mb", 2000);
        config.put("container_dir", folder.resolve("cell").toString());
        config.put("container_host_ip", "127.0.0.1");
        config.put("evacuation_polling_interval", "50ms");
        config.put("evacuation_timeout", "10s");
        config.put(
                "container_environment",
                Map.of("PATH", Path.of(System.getProperty("java.home"), "bin") + ":/usr/bin:/bin"));
        config.putAll(more);
        Path file = folder.resolve("rep.json");
        Files.writeString(file, Json.text(config));
        return file;
    }

    private static CellLrp lrp(String process, int index, int memoryMb) {
        return new CellLrp(
                "", process, index, "cf-apps", List.of(), List.of(), "preloaded:cflinuxfs4", memoryMb, 64, 0, "");
    }

    private void desire(String process, String script, boolean checked) {
        var desired = DesiredLRP.newBuilder()
                .setProcessGuid(process)
                .setDomain("cf-apps")
                .setRootFs("preloaded:cflinuxfs4")
                .setLogGuid("app")
                .putMetricTags(
                        "source_id",
                        MetricTagValue.newBuilder().setStatic("app").build())
                .putMetricTags(
                        "instance_id",
                        MetricTagValue.newBuilder()
                                .setDynamic(MetricTagValue.DynamicValue.INDEX)
                                .build())
                .setLogSource("CELL")
                .addPorts(8080)
                .setAction(Action.newBuilder()
                        .setRunAction(RunAction.newBuilder()
                                .setPath("/bin/sh")
                                .addAllArgs(List.of("-c", script))
                                .setUser("vcap")
                                .setLogSource("APP/PROC/WEB")
                                .addEnv(EnvironmentVariable.newBuilder()
                                        .setName("PORT")
                                        .setValue("8080"))));
        if (checked) {
            desired.setCheckDefinition(CheckDefinition.newBuilder()
                    .addChecks(Check.newBuilder()
                            .setHttpCheck(HTTPCheck.newBuilder().setPort(8080).setPath("/"))));
        }
        bbs.desired.put(process, desired.build());
    }

    private StartActualLRPRequest awaitStart() {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !bbs.told(StartActualLRPRequest.class).isEmpty());
        return bbs.told(StartActualLRPRequest.class).getLast();
    }

    private void awaitEmpty() {
        await().until(() -> client.state().lrps().isEmpty());
    }

    @Test
    void isPresentWithWhatItHas() throws Exception {
        var resource = locket.resources().get("cell-1");
        var presence = CellPresences.decode(resource.getValue()).orElseThrow();

        assertThat(presence.getRepUrl()).isEqualTo("https://127.0.0.1:" + rep.port());
        assertThat(presence.getRepAddress()).isEqualTo("http://127.0.0.1:" + rep.adminPort());
        assertThat(presence.getZone()).isEqualTo("z1");
        assertThat(presence.getCapacity().getMemoryMb()).isEqualTo(1000);
        assertThat(presence.getCapacity().getContainers()).isEqualTo(249);
        assertThat(presence.getRootfsProviders(0).getName()).isEqualTo("preloaded");
        assertThat(presence.getRootfsProviders(0).getPropertiesList()).containsExactly("cflinuxfs4");

        var state = client.state();
        assertThat(state.cellId()).isEqualTo("cell-1");
        assertThat(state.availableResources()).isEqualTo(state.totalResources());
        assertThat(state.rootFsProviders().get("preloaded").has("cflinuxfs4")).isTrue();
        assertThat(state.evacuating()).isFalse();
    }

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
    void aStopTellsTheBbsAndTakesThePresenceBack() throws Exception {
        desire("process-1", "exec sleep 60", false);
        client.perform(new CellWork(List.of(lrp("process-1", 0, 64)), List.of(), null), "");
        awaitStart();

        rep.close();

        assertThat(bbs.told(RemoveActualLRPRequest.class)).hasSize(1);
        assertThat(locket.resources()).isEmpty();
        assertThat(folder.resolve("cell/containers")).isEmptyDirectory();
    }

    @Test
    void aCellThatComesBackTakesItsPresenceOverAndHasItsInstancesReplaced() throws Exception {
        String owner = locket.resources().get("cell-1").getOwner();
        rep.close();
        locket.resources()
                .put("cell-1", org.cupola.protocol.bbs.LocketClient.presenceResource("cell-1", owner, "stale"));
        bbs.rows.add(ActualLRP.newBuilder()
                .setActualLrpKey(
                        ActualLRPKey.newBuilder().setProcessGuid("process-1").setDomain("cf-apps"))
                .setActualLrpInstanceKey(ActualLRPInstanceKey.newBuilder()
                        .setInstanceGuid("lost")
                        .setCellId("cell-1"))
                .build());

        rep = startRep();

        assertThat(locket.resources().get("cell-1").getOwner()).isEqualTo(owner);
        assertThat(locket.resources().get("cell-1").getValue()).contains("rep_url");
        await().until(() -> !bbs.told(EvacuateClaimedActualLRPRequest.class).isEmpty());
        assertThat(bbs.told(EvacuateClaimedActualLRPRequest.class)
                        .getFirst()
                        .getActualLrpInstanceKey()
                        .getInstanceGuid())
                .isEqualTo("lost");
    }

    @Test
    void evacuatesWhenAskedByItsHost() throws Exception {
        desire("process-1", "exec sleep 60", false);
        client.perform(new CellWork(List.of(lrp("process-1", 0, 64)), List.of(), null), "");
        awaitStart();
        BlockingWebClient admin = clients.client(
                        URI.create("https://127.0.0.1:" + rep.adminPort()), Duration.ofSeconds(5))
                .build()
                .blocking();
        assertThat(admin.get("/ping").status().code()).isEqualTo(200);

        AggregatedHttpResponse answer = admin.post("/evacuate", "");
        admin.post("/evacuate", "");

        assertThat(answer.status().code()).isEqualTo(202);
        assertThat(answer.contentUtf8()).isEqualTo("{\"ping_path\":\"/ping\"}");
        assertThat(client.state().evacuating()).isTrue();
        assertThat(client.perform(new CellWork(List.of(lrp("process-1", 1, 64)), List.of(), null), "")
                        .lrps())
                .hasSize(1);
        await().until(() -> bbs.told(EvacuateRunningActualLRPRequest.class).size() > 1);
        assertThat(rep.evacuated().toCompletableFuture()).isNotDone();

        bbs.keepContainer = false;

        rep.evacuated().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(client.state().lrps()).isEmpty();
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

    @Test
    void refusesACertificateThatDoesNotNameLoopback() throws Exception {
        certificates.issue("elsewhere", "cell.service.cf.internal");
        rep.close();
        rep = new RepComponent(
                RepConfig.read(configFile(Map.of(
                        "cert_file", certificates.certificateFile("elsewhere").toString(),
                        "key_file", certificates.keyFile("elsewhere").toString()))),
                Clock.systemUTC());

        assertThatThrownBy(rep::start)
                .hasMessage("certificate: no IP address 127.0.0.1 among its names"
                        + " (expected: a subject alternative name IP:127.0.0.1)");
        rep.close();
    }
}
