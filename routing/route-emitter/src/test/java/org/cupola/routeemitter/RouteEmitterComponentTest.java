package org.cupola.routeemitter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.testing.NatsServerProcess;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real nats-server and, over the real wire, a BBS and a Routing API of our own making. */
class RouteEmitterComponentTest {
    private static final String ROUTE = "a.example.com 10.0.0.1:61000";
    private static NatsServerProcess nats;

    @TempDir
    private Path folder;

    private FakeBbs bbs;
    private FakeRouter router;
    private RouteEmitterComponent emitter;

    @BeforeAll
    static void startNats() {
        nats = NatsServerProcess.start();
    }

    @AfterAll
    static void stopNats() {
        nats.close();
    }

    @BeforeEach
    void start() throws Exception {
        bbs = new FakeBbs().start();
        router = new FakeRouter(nats.port(), 3600);
    }

    @AfterEach
    void stop() {
        if (emitter != null) {
            emitter.close();
        }
        router.close();
        bbs.close();
    }

    private void startEmitter(String more) throws Exception {
        startEmitter(nats.port(), more);
    }

    private void startEmitter(int natsPort, String more) throws Exception {
        emitter = new RouteEmitterComponent(config(natsPort, more), Clock.systemUTC());
        emitter.start();
    }

    private RouteEmitterConfig config(int natsPort, String more) throws Exception {
        return RouteEmitterConfig.read(ConfigReader.ofJson(
                "test",
                "{\"bbs_address\":\"http://127.0.0.1:" + bbs.port() + "\",\"cell_id\":\"" + FakeBbs.CELL
                        + "\",\"nats_addresses\":\"127.0.0.1:" + natsPort
                        + "\",\"healthcheck_address\":\"127.0.0.1:0\"" + more + "}"));
    }

    private void awaitSubscription() {
        await().until(() -> bbs.subscribedCells.size() == 1 && bbs.actualLists.get() >= 1);
    }

    @Test
    void anInstanceThatStartsIsRegisteredAtOnceAndUnregisteredWhenItGoes() throws Exception {
        startEmitter("");
        awaitSubscription();
        assertThat(bbs.subscribedCells).containsExactly(FakeBbs.CELL);
        bbs.desire(FakeBbs.httpApp("app", 0, "a.example.com"));
        bbs.put(FakeBbs.instance("app", 0, "CLAIMED", 0));

        ActualLRP running = FakeBbs.instance("app", 0, "RUNNING", 1);
        long began = System.nanoTime();
        bbs.put(running);
        await().pollInterval(Duration.ofMillis(1)).until(() -> router.routes.contains(ROUTE));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
        assertThat(router.messages.getLast()).contains("\"endpoint_updated_at_ns\":7");

        bbs.remove(running);
        await().until(() -> router.routes.isEmpty());
    }

    @Test
    void theDebugAddressShowsItsThreads() throws Exception {
        int port = FreePorts.next();

        startEmitter(",\"debug_address\":\"127.0.0.1:" + port + "\"");

        try (var clients = HttpClients.create(null, List.of())) {
            assertThat(clients.client(URI.create("http://127.0.0.1:" + port), Duration.ofSeconds(30))
                            .build()
                            .blocking()
                            .get("/debug/pprof/goroutine?debug=2")
                            .contentUtf8())
                    .contains("route-emitter-timer");
        }
    }

    @Test
    void whatRanBeforeIsRegisteredByTheFirstSync() throws Exception {
        bbs.desired.put("app", FakeBbs.httpApp("app", 0, "a.example.com"));
        ActualLRP running = FakeBbs.instance("app", 0, "RUNNING", 0);
        bbs.actual.put(FakeBbs.key(running), running);

        startEmitter("");

        await().until(() -> router.routes.contains(ROUTE));
    }

    @Test
    void aMissedEventIsRepairedByTheNextSync() throws Exception {
        startEmitter(",\"sync_interval\":\"200ms\"");
        awaitSubscription();
        bbs.oldServer = true;
        bbs.desired.put("app", FakeBbs.httpApp("app", 0, "a.example.com"));
        ActualLRP running = FakeBbs.instance("app", 0, "RUNNING", 0);
        bbs.actual.put(FakeBbs.key(running), running);
        await().until(() -> router.routes.contains(ROUTE));

        bbs.failingDomains = true;
        bbs.actual.clear();
        int lists = bbs.actualLists.get();
        await().until(() -> bbs.actualLists.get() >= lists + 2);
        assertThat(router.routes).contains(ROUTE);

        bbs.failingDomains = false;
        await().until(() -> router.routes.isEmpty());
    }

    @Test
    void aMissingDesiredRecordIsFetched() throws Exception {
        startEmitter("");
        awaitSubscription();
        bbs.desired.put("app", FakeBbs.httpApp("app", 0, "a.example.com"));

        bbs.put(FakeBbs.instance("app", 0, "RUNNING", 0));

        await().until(() -> router.routes.contains(ROUTE));
    }

    @Test
    void everythingIsRepeatedForARouterThatRestarts() throws Exception {
        startEmitter(",\"jitter_factor\":0");
        awaitSubscription();
        bbs.desire(FakeBbs.httpApp("app", 0, "a.example.com"));
        bbs.put(FakeBbs.instance("app", 0, "RUNNING", 0));
        await().until(() -> router.routes.contains(ROUTE));

        router.restart();

        await().until(() -> router.routes.contains(ROUTE));
    }

    @Test
    void everythingIsRepeatedInTheIntervalThatTheRouterAsksFor() throws Exception {
        router.close();
        router = new FakeRouter(nats.port(), 1);
        startEmitter("");
        awaitSubscription();
        bbs.desire(FakeBbs.httpApp("app", 0, "a.example.com"));
        bbs.put(FakeBbs.instance("app", 0, "RUNNING", 0));
        await().until(() -> router.routes.contains(ROUTE));

        router.routes.clear();

        await().until(() -> router.routes.contains(ROUTE));
        assertThat(router.messages.getLast()).doesNotContain("endpoint_updated_at_ns");
        assertThat(router.greetings.get()).isEqualTo(1);
    }

    @Test
    void unregistrationsAreRepeated() throws Exception {
        startEmitter(",\"unregistration_interval\":\"50ms\",\"unregistration_send_count\":3");
        awaitSubscription();
        bbs.desire(FakeBbs.httpApp("app", 0, "a.example.com"));
        ActualLRP running = FakeBbs.instance("app", 0, "RUNNING", 0);
        bbs.put(running);
        await().until(() -> router.routes.contains(ROUTE));

        bbs.undesire("app");

        await().until(() -> router.messages.stream()
                        .filter(message -> message.startsWith("router.unregister"))
                        .count()
                == 4);
    }

    @Test
    void internalRoutesGoToServiceDiscoveryWhenSwitchedOn() throws Exception {
        startEmitter(",\"enable_internal_emitter\":true");
        awaitSubscription();
        bbs.desire(FakeBbs.app("app", 0, Map.of("internal-router", "[{\"hostname\":\"a.apps.internal\"}]")));

        bbs.put(FakeBbs.instance("app", 0, "RUNNING", 0));

        await().until(() -> router.messages.stream()
                .anyMatch(message -> message.startsWith(
                        "service-discovery.register {\"host\":\"10.255.0.1\",\"port\":0,\"uris\":[\"a.apps.internal\","
                                + "\"0.a.apps.internal\"]")));
    }

    @Test
    void survivesUnknownEventsAndEndsOfTheStream() throws Exception {
        startEmitter("");
        awaitSubscription();
        bbs.desire(FakeBbs.httpApp("app", 0, "a.example.com"));
        bbs.sendEvent("something_new", BytesValue.of(ByteString.copyFromUtf8("whatever it may be")));
        bbs.put(FakeBbs.instance("app", 0, "RUNNING", 0));
        await().until(() -> router.routes.contains(ROUTE));
        assertThat(bbs.subscribedCells).hasSize(1);

        bbs.endStreams();
        bbs.actual.clear();

        await().until(() -> router.routes.isEmpty());
        assertThat(bbs.subscribedCells).hasSize(2);
    }

    @Test
    void routesStayWhileTheBbsIsAway() throws Exception {
        router.close();
        router = new FakeRouter(nats.port(), 1);
        startEmitter(",\"sync_interval\":\"100ms\",\"communication_timeout\":\"1s\"");
        awaitSubscription();
        bbs.desire(FakeBbs.httpApp("app", 0, "a.example.com"));
        bbs.put(FakeBbs.instance("app", 0, "RUNNING", 0));
        await().until(() -> router.routes.contains(ROUTE));
        int port = bbs.port();
        bbs.close();

        router.routes.clear();
        await().until(() -> router.routes.contains(ROUTE));

        bbs = new FakeBbs(port).start();
        await().until(() -> router.routes.isEmpty());
    }

    @Test
    void tcpRoutesGoToTheRoutingApiWithATokenThatIsRenewed() throws Exception {
        var authority = CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
        try (var api = new FakeRoutingApi(authority).start()) {
            startEmitter(",\"enable_tcp_emitter\":true,\"tcp_enable_tls\":true,\"tcp_route_ttl\":\"90s\","
                    + "\"routing_api\":{\"url\":\"http://127.0.0.1\",\"port\":" + api.port()
                    + ",\"auth_enabled\":true},\"oauth\":{\"uaa_url\":\"http://127.0.0.1:" + api.port()
                    + "\",\"client_name\":\"tcp_emitter\",\"client_secret\":\"secret\"}");
            awaitSubscription();
            bbs.desire(FakeBbs.app(
                    "app",
                    0,
                    Map.of(
                            "tcp-router",
                            "[{\"router_group_guid\":\"g\",\"external_port\":5000,\"container_port\":8080}]")));
            ActualLRP running = FakeBbs.instance("app", 0, "RUNNING", 0);
            bbs.put(running);
            String mapping = "[{\"router_group_guid\":\"g\",\"backend_port\":61000,\"backend_tls_port\":0,"
                    + "\"backend_ip\":\"10.0.0.1\",\"instance_id\":\"app-0\",\"port\":5000,"
                    + "\"modification_tag\":{\"guid\":\"\",\"index\":0},\"ttl\":90,\"isolation_segment\":\"\"}]";
            await().until(() -> api.calls.contains("create " + mapping));

            api.acceptedToken = 2;
            bbs.remove(running);

            await().until(() -> api.calls.contains("delete " + mapping));
            assertThat(api.refusals.get()).isPositive();
        }
    }

    @Test
    void refusesToStartWithoutAUaaThatItNeeds() throws Exception {
        int nobody = FreePorts.next();

        assertThatThrownBy(() -> startEmitter(",\"enable_tcp_emitter\":true,\"oauth\":{\"uaa_url\":\"http://127.0.0.1:"
                        + nobody + "\",\"client_name\":\"tcp_emitter\"}"))
                .hasMessageContaining("127.0.0.1:" + nobody);
    }

    @Test
    void refusesToStartWithoutNats() throws Exception {
        int nobody = FreePorts.next();

        assertThatThrownBy(() -> startEmitter(nobody, "")).hasMessageContaining("no connection to NATS");
    }

    @Test
    void answersHealthChecks() throws Exception {
        startEmitter("");
        try (var client = HttpClient.newHttpClient()) {
            var base = "http://127.0.0.1:" + emitter.healthPort();

            assertThat(client.send(
                                    HttpRequest.newBuilder(URI.create(base + "/ping"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(client.send(
                                    HttpRequest.newBuilder(URI.create(base + "/metrics"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body())
                    .contains("HTTPRouteNATSMessagesEmitted 0");
        }
    }

    @Test
    void oneForAllCellsWorksWhileItHoldsTheLock() throws Exception {
        var authority = CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
        TlsIdentity identity = authority.issue("locket", List.of("127.0.0.1"), Duration.ofDays(1));
        String ca = write("ca.pem", authority.certificate());
        String cert = write("cert.pem", identity.certificate());
        String key = write("key.pem", identity.key());
        bbs.desired.put("app", FakeBbs.httpApp("app", 0, "a.example.com"));
        ActualLRP running = FakeBbs.instance("app", 0, "RUNNING", 0);
        bbs.actual.put(FakeBbs.key(running), running);
        try (var locket = new FakeLocket(authority, identity).start()) {
            emitter = new RouteEmitterComponent(
                    RouteEmitterConfig.read(ConfigReader.ofJson(
                            "test",
                            "{\"bbs_address\":\"http://127.0.0.1:" + bbs.port() + "\",\"uuid\":\"me\","
                                    + "\"locket_address\":\"127.0.0.1:" + locket.port()
                                    + "\",\"locket_ca_cert_file\":\""
                                    + ca + "\",\"locket_client_cert_file\":\"" + cert
                                    + "\",\"locket_client_key_file\":\"" + key
                                    + "\",\"nats_addresses\":\"127.0.0.1:" + nats.port()
                                    + "\",\"healthcheck_address\":\"127.0.0.1:0\"}")),
                    Clock.systemUTC());
            emitter.start();
            await().until(() -> !locket.asked.isEmpty());
            assertThat(locket.asked.peek().getKey()).isEqualTo("route_emitter");
            assertThat(locket.asked.peek().getOwner()).isEqualTo("me");
            assertThat(bbs.subscribedCells).isEmpty();

            locket.free = true;
            await().until(() -> router.routes.contains(ROUTE));
            assertThat(bbs.subscribedCells).containsExactly("");

            locket.free = false;
            assertThatThrownBy(() -> emitter.failure().toCompletableFuture().get(10, TimeUnit.SECONDS))
                    .hasMessageContaining("lost lock");
        }
    }

    private String write(String name, Object pem) throws IOException {
        return Files.writeString(folder.resolve(name), Pem.write(pem)).toString();
    }

    @Test
    void givesUpWhenNoRouterAnswers() throws Exception {
        try (var lonely = NatsServerProcess.start();
                var bus = NatsBus.connect(
                        NatsSettings.plain("test", List.of("127.0.0.1:" + lonely.port())), new NatsBus.Listener() {});
                var timer = Executors.newSingleThreadScheduledExecutor()) {
            var unanswered = new CompletableFuture<Void>();
            var listener = new Greeting.Listener() {
                @Override
                public void announced(Duration interval, boolean first) {}

                @Override
                public void unanswered() {
                    unanswered.complete(null);
                }
            };
            try (var greeting = new Greeting(bus, "router", timer, 3, Duration.ofMillis(10), listener)) {
                greeting.start();

                unanswered.get(10, TimeUnit.SECONDS);
            }
        }
    }
}
