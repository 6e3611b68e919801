package org.cupola.auctioneer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.json.Json;
import org.cupola.platform.testing.TestCertificates;
import org.cupola.protocol.bbs.AuctioneerClient;
import org.cupola.protocol.bbs.BbsRoute;
import org.cupola.protocol.bbs.CellPresences;
import org.cupola.protocol.bbs.CellWork;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.LrpStartRequest;
import org.cupola.protocol.bbs.proto.CellPresence;
import org.cupola.protocol.bbs.proto.FailActualLRPRequest;
import org.cupola.protocol.bbs.proto.RejectTaskRequest;
import org.cupola.protocol.bbs.testing.TestLocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The auctioneer over its own wire, with cells, BBS and Locket of the test's. */
class AuctioneerComponentTest {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

    @TempDir
    Path folder;

    private final List<String> performed = new CopyOnWriteArrayList<>();
    private final List<String> traces = new CopyOnWriteArrayList<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private TestCertificates certificates;
    private TestLocket locket;
    private HttpServer rep;
    private HttpServer bbs;
    private HttpClients clients;
    private AuctioneerComponent auctioneer;

    @BeforeEach
    void start() throws Exception {
        certificates = new TestCertificates(folder);
        locket = new TestLocket(HttpListener.mutualTls(
                new InetSocketAddress("127.0.0.1", 0),
                certificates.issue("locket", "127.0.0.1"),
                certificates.authorities()));
        for (String name : List.of("auctioneer", "rep", "bbs")) {
            certificates.issue(name, "127.0.0.1");
        }
        rep = serve("rep", builder -> {
            builder.service(
                    "/state", (ctx, request) -> json(States.cell("cell-1").state()));
            builder.service("/work", new BlockingService((ctx, request) -> {
                traces.add(request.headers().get("x-vcap-request-id", ""));
                CellWork work = Json.read(request.content().array(), CellWork.class);
                work.lrps().forEach(lrp -> performed.add(lrp.processGuid() + "." + lrp.index()));
                work.tasks().forEach(task -> performed.add(task.taskGuid()));
                return json(new CellWork(List.of(), List.of(), null));
            }));
        });
        bbs = serve("bbs", builder -> {
            builder.service(BbsRoute.FAIL_ACTUAL_LRP.path(), new BlockingService((ctx, request) -> {
                var failed = FailActualLRPRequest.parseFrom(request.content().array());
                failures.add(failed.getActualLrpKey().getProcessGuid() + "."
                        + failed.getActualLrpKey().getIndex() + " in "
                        + failed.getActualLrpKey().getDomain() + ": " + failed.getErrorMessage());
                return protobuf();
            }));
            builder.service(BbsRoute.REJECT_TASK.path(), new BlockingService((ctx, request) -> {
                var rejected = RejectTaskRequest.parseFrom(request.content().array());
                failures.add(rejected.getTaskGuid() + ": " + rejected.getRejectionReason());
                return protobuf();
            }));
        });
        present("cell-1", "https://127.0.0.1:" + rep.port());
        clients = HttpClients.create(certificates.issue("client"), certificates.authorities());
        auctioneer = new AuctioneerComponent(AuctioneerConfig.read(configFile("auctioneer-1")));
    }

    @AfterEach
    void stop() {
        clients.close();
        auctioneer.close();
        rep.close();
        bbs.close();
        locket.close();
    }

    private HttpServer serve(
            String name, java.util.function.Consumer<com.linecorp.armeria.server.ServerBuilder> services)
            throws Exception {
        var server = new HttpServer(
                name,
                HttpListener.mutualTls(ANY, certificates.issue(name, "127.0.0.1"), certificates.authorities()),
                services);
        server.start();
        return server;
    }

    private static HttpResponse json(Object body) {
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON, HttpData.wrap(Json.bytes(body)));
    }

    private static HttpResponse protobuf() {
        return HttpResponse.of(HttpStatus.OK, MediaType.parse("application/x-protobuf"), HttpData.empty());
    }

    private void present(String cell, String url) {
        String value = CellPresences.encode(
                CellPresence.newBuilder().setCellId(cell).setRepUrl(url).build());
        locket.resources().put(cell, LocketClient.presenceResource(cell, "owner", value));
    }

    private Path configFile(String owner) throws Exception {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("listen_address", "127.0.0.1:0");
        config.put("debug_address", "127.0.0.1:0");
        config.put("bbs_address", "https://127.0.0.1:" + bbs.port());
        config.put("locket_address", locket.address());
        config.put("uuid", owner);
        for (List<String> keys : List.of(
                List.of("ca_cert_file", "server_cert_file", "server_key_file"),
                List.of("bbs_ca_cert_file", "bbs_client_cert_file", "bbs_client_key_file"),
                List.of("rep_ca_cert", "rep_client_cert", "rep_client_key"),
                List.of("locket_ca_cert_file", "locket_client_cert_file", "locket_client_key_file"))) {
            config.put(keys.get(0), certificates.authorityFile().toString());
            config.put(keys.get(1), certificates.certificateFile("auctioneer").toString());
            config.put(keys.get(2), certificates.keyFile("auctioneer").toString());
        }
        Path file = folder.resolve(owner + ".json");
        Files.writeString(file, Json.text(config));
        return file;
    }

    private URI address() {
        return URI.create("https://127.0.0.1:" + auctioneer.port());
    }

    private static LrpStartRequest request(String process, int memoryMb, Integer... indices) {
        return new LrpStartRequest(
                process, "d", List.of(indices), List.of(), List.of(), States.ROOT_FS, memoryMb, 10, 0);
    }

    @Test
    void placesWorkOnACellAndReportsWhatCannotBePlaced() throws Exception {
        auctioneer.start();
        var client = new AuctioneerClient(clients, address(), Duration.ofSeconds(5));

        client.requestLrpAuctions(List.of(request("p", 10, 0, 1), request("huge", 5000, 3)), "trace-1");
        client.requestTaskAuctions(
                List.of(
                        States.task("t", 10).task(),
                        States.task("huge-task", 5000).task()),
                "trace-2");

        await().untilAsserted(() -> assertThat(performed).containsExactlyInAnyOrder("p.0", "p.1", "t"));
        await().untilAsserted(() -> assertThat(failures)
                .containsExactlyInAnyOrder(
                        "huge.3 in d: insufficient resources: memory", "huge-task: insufficient resources: memory"));
        assertThat(traces).contains("trace-1");
    }

    @Test
    void aRequestReachesTheCellWithinMilliseconds() throws Exception {
        auctioneer.start();
        var client = new AuctioneerClient(clients, address(), Duration.ofSeconds(5));
        client.requestLrpAuctions(List.of(request("warm", 10, 0)), "");
        await().until(() -> performed.contains("warm.0"));
        long start = System.nanoTime();

        client.requestLrpAuctions(List.of(request("p", 10, 0)), "");

        await().pollInterval(Duration.ofMillis(1)).until(() -> performed.contains("p.0"));
        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        System.out.println("request to cell: " + taken);
        assertThat(taken).isLessThan(Duration.ofMillis(500));
    }

    @Test
    void answersAsTheOriginalDoes() throws Exception {
        auctioneer.start();
        BlockingWebClient raw =
                clients.client(address(), Duration.ofSeconds(5)).build().blocking();

        var accepted = raw.execute(
                RequestHeaders.builder(com.linecorp.armeria.common.HttpMethod.POST, "/v1/lrps")
                        .build(),
                HttpData.ofUtf8("""
                        [{"process_guid":"p","domain":"d","indices":[0],"RootFs":"preloaded:cflinuxfs4",
                          "PlacementTags":null,"VolumeDrivers":null,"MemoryMB":1,"DiskMB":1,"MaxPids":0},
                         {"process_guid":"","domain":"d","indices":[0],"RootFs":"preloaded:cflinuxfs4"}]
                        """));
        assertThat(accepted.status()).isEqualTo(HttpStatus.ACCEPTED);
        assertThat(accepted.contentUtf8()).isEqualTo("{}");
        assertThat(accepted.contentType().is(MediaType.JSON)).isTrue();
        assertThat(raw.post(
                                "/v1/tasks",
                                "[{\"Task\":{\"TaskGuid\":\"wrapped\",\"Domain\":\"d\","
                                        + "\"RootFs\":\"preloaded:cflinuxfs4\",\"MemoryMB\":1,\"DiskMB\":1}}]")
                        .status())
                .isEqualTo(HttpStatus.ACCEPTED);
        await().untilAsserted(() -> assertThat(performed).containsExactlyInAnyOrder("p.0", "wrapped"));

        var refused = raw.post("/v1/lrps", "{");
        assertThat(refused.status()).isEqualTo(HttpStatus.BAD_REQUEST);
        assertThat(refused.contentUtf8()).startsWith("{\"error\":\"");
        assertThat(raw.get("/v1/lrps").status().code()).isEqualTo(405);
    }

    @Test
    void passesOverCellsWithoutAUsableAddress() throws Exception {
        present("plain", "http://127.0.0.1:1");
        present("nothing", "");
        locket.resources().put("garbage", LocketClient.presenceResource("garbage", "owner", "no json"));
        auctioneer.start();

        new AuctioneerClient(clients, address(), Duration.ofSeconds(5))
                .requestLrpAuctions(List.of(request("p", 10, 0)), "");

        await().until(() -> performed.contains("p.0"));
    }

    @Test
    void waitsForTheLockAndServesOnlyThen() throws Exception {
        locket.resources().put("auctioneer", LocketClient.lockResource("auctioneer", "another"));
        CompletableFuture<Void> started = CompletableFuture.runAsync(() -> {
            try {
                auctioneer.start();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        await().during(Duration.ofMillis(200)).until(() -> !started.isDone());
        assertThatThrownBy(auctioneer::port).hasMessage("not started");

        locket.resources().remove("auctioneer");

        started.get(10, TimeUnit.SECONDS);
        assertThat(auctioneer.port()).isPositive();
        assertThat(locket.resources().get("auctioneer").getOwner()).isEqualTo("auctioneer-1");
    }

    @Test
    void aCloseEndsTheWaitForTheLock() throws Exception {
        locket.resources().put("auctioneer", LocketClient.lockResource("auctioneer", "another"));
        var started = new CompletableFuture<Void>();
        Thread.ofVirtual().start(() -> {
            try {
                auctioneer.start();
                started.complete(null);
            } catch (Exception e) {
                started.completeExceptionally(e);
            }
        });
        await().during(Duration.ofMillis(100)).until(() -> !started.isDone());

        auctioneer.close();

        assertThatThrownBy(() -> started.get(10, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
    }

    @Test
    void aLostLockIsAFailure() throws Exception {
        auctioneer.start();
        locket.resources().put("auctioneer", LocketClient.lockResource("auctioneer", "another"));

        assertThatThrownBy(() -> auctioneer.failure().toCompletableFuture().get(10, TimeUnit.SECONDS))
                .hasMessageContaining("lost lock");
    }

    @Test
    void aCloseReleasesTheLock() throws Exception {
        auctioneer.start();
        auctioneer.close();
        auctioneer.close();

        assertThat(locket.resources()).doesNotContainKey("auctioneer");
    }
}
