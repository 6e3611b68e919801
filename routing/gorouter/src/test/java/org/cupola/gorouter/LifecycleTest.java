package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.testing.NatsServerProcess;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RouterStartMessage;
import org.cupola.protocol.routing.RouterSubjects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifecycleTest {
    private static final String QUIET = "logging: {level: fatal}";

    @TempDir
    private Path folder;

    private static String status(int port, String path, String... lines) throws Exception {
        try (var client = new RawClient(port)) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + String.join("", List.of(lines)) + "\r\n");
            return client.readAll();
        }
    }

    private static String basic(String pair) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8))
                + "\r\n";
    }

    @Test
    void answersGreetingsWithItsIntervals() throws Exception {
        try (var router = RouterUnderTest.start(QUIET, "droplet_stale_threshold: 90s", "index: 7")) {
            Optional<byte[]> answer = router.bus.request(RouterSubjects.GREET, new byte[0], Duration.ofSeconds(5));

            assertThat(answer).isPresent();
            RouterStartMessage start = RouterStartMessage.parse(answer.get());
            assertThat(start.id()).startsWith("7-").hasSize(38);
            assertThat(start.hosts()).hasSize(1);
            assertThat(start.pruneThresholdInSeconds()).isEqualTo(90);
            assertThat(start.minimumRegisterIntervalInSeconds())
                    .as("a start delay of nothing is no interval")
                    .isEqualTo(20);
        }
    }

    @Test
    void servesDebugPagesOnLoopback() throws Exception {
        int port = FreePorts.next();
        try (var router = RouterUnderTest.start(QUIET, "debug_addr: ':" + port + "'")) {
            assertThat(router.router.port()).isPositive();
            assertThat(status(port, "/debug/pprof/goroutine?debug=2")).contains("gorouter-timers");
            assertThat(status(port, "/log-level")).startsWith("HTTP/1.1 400").endsWith("use POST\n");
        }
    }

    @Test
    void servesStatusPages() throws Exception {
        try (var router = RouterUnderTest.start(
                        QUIET,
                        "prometheus: {enabled: true, port: 0}",
                        "status: {port: 0, user: user, pass: secret, routes: {port: 0},"
                                + " enable_deprecated_varz_healthz_endpoints: true}");
                var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(RegistryMessage.builder("127.0.0.1", List.of("Foo.test/Bar"))
                    .port(backend.port())
                    .privateInstanceId("i")
                    .build());
            assertThat(router.get("foo.test", "/bar")).startsWith("HTTP/1.1 200");
            int port = router.router.statusPort();

            assertThat(status(port, "/health"))
                    .contains("200 OK", "private, max-age=0")
                    .endsWith("\r\n\r\nok\n");
            assertThat(status(port, "/varz")).startsWith("HTTP/1.1 401").endsWith("401 Unauthorized\n");
            assertThat(status(port, "/varz", basic("user:secret"))).contains("\"urls\":1", "\"responses_2xx\":1");
            assertThat(status(router.router.routesPort(), "/routes", basic("user:secret")))
                    .endsWith(
                            "\r\n\r\n{\"foo.test/bar\":[{\"address\":\"127.0.0.1:" + backend.port()
                                    + "\",\"availability_zone\":\"\",\"protocol\":\"http1\",\"tls\":false,\"ttl\":120,\"tags\":null,\"private_instance_id\":\"i\"}]}\n");
            assertThat(status(router.router.routesPort(), "/routes", basic("user:wrong")))
                    .startsWith("HTTP/1.1 401");
            assertThat(status(router.router.prometheusPort(), "/metrics"))
                    .contains(
                            "total_requests{component=\"\"} 1\n",
                            "responses{status_group=\"2xx\"} 1\n",
                            "total_routes 1\n")
                    .contains("registry_message{component=\"\",action=\"added\"} 1\n")
                    .contains("latency_bucket{component=\"\",le=\"+Inf\"} 1\n", "route_lookup_time_count 1\n");
        }
    }

    private static RegistryMessage.Builder ofCell(String uri) {
        return RegistryMessage.builder("127.0.0.1", List.of(uri)).tags(Map.of("component", "route-emitter"));
    }

    @Test
    void dropsWhatACellAnnouncesNoMore() throws Exception {
        try (var router = RouterUnderTest.start(
                        QUIET,
                        "prometheus: {enabled: true, port: 0}",
                        "droplet_stale_threshold: 3s",
                        "prune_stale_droplets_interval: 600ms");
                var backend = RawBackend.answering(RawBackend.ok("x"))) {
            // Endpoints with TLS do not grow old, and its unregistration is lost.
            RegistryMessage gone =
                    ofCell("gone.test").tlsPort(FreePorts.next()).app("gone").build();
            RegistryMessage stays =
                    ofCell("stays.test").port(backend.port()).app("stays").build();
            router.register(gone);
            router.register(gone);

            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> {
                        router.bus.publish(RouterSubjects.REGISTER, stays.toEmitterJson());
                        return router.router.table().lookup("gone.test") == null;
                    });

            router.register(stays);
            assertThat(router.get("stays.test", "/")).startsWith("HTTP/1.1 200");
            assertThat(router.get("gone.test", "/")).startsWith("HTTP/1.1 404");
            assertThat(status(router.router.prometheusPort(), "/metrics"))
                    .contains("endpoints_missing 1\n", "missing_endpoints_dropped 1\n");
        }
    }

    @Test
    void answersLoadBalancersAndFailsThemWhileItDrains() throws Exception {
        try (var router = RouterUnderTest.start(QUIET, "drain_timeout: 10s", "drain_wait: 1s");
                var backend = new RawBackend(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
                    await().until(() -> router.router.port() < 0 || isRefused(router.router.port()));
                    connection.send("cd");
                });
                RawClient busy = router.client();
                RawClient balancer = router.client()) {
            router.register(backend.port(), "drain.test");
            String check = "GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: HTTP-Monitor/1.1\r\n\r\n";
            balancer.send(check);
            assertThat(balancer.readResponse())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .endsWith("ok\n");
            busy.send("GET / HTTP/1.1\r\nHost: drain.test\r\n\r\n");
            busy.readTo("\r\n\r\nab");

            Thread draining = Thread.ofPlatform().start(router.router::drain);
            await().until(() -> {
                balancer.send(check);
                return balancer.readResponse().startsWith("HTTP/1.1 503");
            });
            assertThat(busy.readAll()).isEqualTo("cd");
            draining.join();
            assertThat(balancer.isEnded()).isTrue();
        }
    }

    private static boolean isRefused(int port) {
        try (var client = new RawClient(port)) {
            return client.socket().isClosed();
        } catch (java.io.IOException e) {
            return true;
        }
    }

    @Test
    void saysInOneLineThatAPortIsTaken() throws Exception {
        try (var nats = NatsServerProcess.start();
                var taken = new ServerSocket(0)) {
            String yaml = RouterUnderTest.yaml(nats.port(), QUIET, "port: " + taken.getLocalPort());

            assertThatThrownBy(() -> RouterUnderTest.on(nats, yaml))
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void serves503ForAKnownRouteWithoutEndpoints() throws Exception {
        try (var router =
                RouterUnderTest.start(QUIET, "empty_pool_response_code_503: true", "empty_pool_timeout: 60s")) {
            router.register(9, "empty.test");
            router.unregister(9, "empty.test");

            assertThat(router.get("empty.test", "/"))
                    .startsWith("HTTP/1.1 503 Service Unavailable\r\nCache-Control: public,max-age=2\r\n")
                    .contains("\r\nX-Cf-Routererror: no_endpoints\r\n");
        }
    }

    @Test
    void keepsItsRoutesOverARestartWithoutNats() throws Exception {
        Path snapshot = folder.resolve("routes");
        String more = "cupola: {snapshot_file: " + snapshot + "}";
        try (var backend = RawBackend.answering(RawBackend.ok("kept"))) {
            try (var first = RouterUnderTest.start(QUIET, more)) {
                first.register(RegistryMessage.builder("127.0.0.1", List.of("Kept.test/Path"))
                        .port(backend.port())
                        .staleThresholdInSeconds(60)
                        .build());
            }
            assertThat(Files.readString(snapshot)).contains("kept.test/Path");

            try (var second = RouterUnderTest.start(QUIET, more)) {
                assertThat(second.get("kept.test", "/path")).endsWith("kept");
            }
        }
    }

    @Test
    void handsOverToANewRouterWithoutAFailedRequest() throws Exception {
        int port = FreePorts.next();
        try (var nats = NatsServerProcess.start();
                var backend = RawBackend.answering(RawBackend.ok("x"));
                var bus = NatsBus.connect(NatsSettings.plain("test", List.of(nats.url())), new NatsBus.Listener() {})) {
            byte[] message = RegistryMessage.builder("127.0.0.1", List.of("over.test"))
                    .port(backend.port())
                    .build()
                    .toEmitterJson();
            Path snapshot = folder.resolve("over");
            String yaml = RouterUnderTest.yaml(
                    nats.port(),
                    QUIET,
                    "port: " + port,
                    "status: {port: " + FreePorts.next() + ", routes: {port: " + FreePorts.next() + "}}",
                    "cupola: {take_over: true, snapshot_file: " + snapshot + "}");
            var old = new GorouterComponent(GorouterConfig.parse("old", yaml));
            old.start();
            bus.publish(RouterSubjects.REGISTER, message);
            await().until(() -> old.table().routeCount() == 1);
            await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(snapshot));
            var stop = new AtomicBoolean();
            var failed = new AtomicInteger();
            var served = new AtomicInteger();
            Runnable requests = () -> {
                while (!stop.get()) {
                    try (var client = new RawClient(port)) {
                        client.send("GET / HTTP/1.1\r\nHost: over.test\r\nConnection: close\r\n\r\n");
                        (client.readAll().endsWith("x") ? served : failed).incrementAndGet();
                    } catch (java.io.IOException e) {
                        failed.incrementAndGet();
                    }
                }
            };
            List<Thread> load = List.of(
                    Thread.ofPlatform().start(requests),
                    Thread.ofPlatform().start(requests),
                    Thread.ofPlatform().start(requests));

            var next = new GorouterComponent(GorouterConfig.parse("next", yaml));
            next.start();
            await().atMost(Duration.ofSeconds(60)).until(() -> served.get() > 100);
            old.drain();
            int before = served.get();
            await().atMost(Duration.ofSeconds(60)).until(() -> served.get() > before + 100);
            stop.set(true);
            for (Thread client : load) {
                client.join();
            }
            next.close();

            assertThat(failed.get()).isZero();
        }
    }

    @Test
    void takesTheClientsAddressFromAProxyHeader() throws Exception {
        try (var router = RouterUnderTest.start(QUIET, "enable_proxy: true");
                var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(backend.port(), "proxy.test");
            try (RawClient client = router.client()) {
                client.send("PROXY TCP4 192.0.2.7 127.0.0.1 4711 80\r\nGET / HTTP/1.1\r\nHost: proxy.test\r\n\r\n");
                assertThat(client.readResponse()).endsWith("x");
                assertThat(backend.lastRequest()).contains("\r\nX-Forwarded-For: 192.0.2.7\r\n");
            }
            assertThat(router.get("proxy.test", "/")).endsWith("x");
            assertThat(backend.lastRequest()).contains("\r\nX-Forwarded-For: 127.0.0.1\r\n");
            try (RawClient client = router.client()) {
                client.send("PROXY TCP4 192.0.2.7 nonsense 4711 80\r\nGET / HTTP/1.1\r\nHost: proxy.test\r\n\r\n");
                assertThat(client.isEnded()).isTrue();
            }
        }
    }

    @Test
    void sendsItsAccessLogToSyslog() throws Exception {
        try (var udp = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var router = RouterUnderTest.start(
                        "logging: {level: fatal, syslog: vcap.gorouter, syslog_addr: \"127.0.0.1:" + udp.getLocalPort()
                                + "\"}",
                        "access_log: {enable_streaming: true}")) {
            assertThat(router.get("nowhere.test", "/a;b")).startsWith("HTTP/1.1 404");
            var packet = new DatagramPacket(new byte[2000], 2000);
            udp.setSoTimeout(30_000);
            udp.receive(packet);

            assertThat(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8))
                    .containsPattern("^<14>1 \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ \\S+ vcap\\.gorouter \\d+ -"
                            + " \ufeffnowhere\\.test - \\[")
                    .endsWith(" x_cf_routererror:\"unknown_route\"");
        }
    }

    @Test
    void closesAfterRefusingARequestWhoseBodyWaits() throws Exception {
        try (var router = RouterUnderTest.start(QUIET);
                RawClient client = router.client()) {
            client.send("POST / HTTP/1.1\r\nHost: nowhere.test\r\nExpect: 100-continue\r\nContent-Length: 50\r\n\r\n");

            assertThat(client.readResponse()).startsWith("HTTP/1.1 404").contains("\r\nConnection: close\r\n");
            assertThat(client.isEnded()).isTrue();
        }
    }

    @Test
    void letsAnExpectedBodyThrough() throws Exception {
        try (var router = RouterUnderTest.start(QUIET);
                var polite = new RawBackend(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 100 Continue\r\n\r\n");
                    connection.send(RawBackend.ok(connection.read(4)));
                });
                var silent = new RawBackend(connection -> {
                    connection.readHead();
                    connection.send(RawBackend.ok(connection.read(4)));
                })) {
            router.register(polite.port(), "polite.test");
            router.register(silent.port(), "silent.test");
            for (String host : List.of("polite.test", "silent.test")) {
                try (RawClient client = router.client()) {
                    client.send("POST / HTTP/1.1\r\nHost: " + host
                            + "\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
                    assertThat(client.readHead()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
                    client.send("body");
                    assertThat(client.readResponse()).startsWith("HTTP/1.1 200").endsWith("body");
                }
            }
        }
    }

    @Test
    void givesUpOnASlowBackend() throws Exception {
        try (var router = RouterUnderTest.start(QUIET, "endpoint_timeout: 300ms");
                var slow = new RawBackend(connection -> connection.readTo("never"))) {
            router.register(slow.port(), "slow.test");

            assertThat(router.get("slow.test", "/"))
                    .startsWith("HTTP/1.1 502")
                    .contains("endpoint_failure (context deadline exceeded)");
        }
    }

    @Test
    void holdsLittleOfABodyThatNobodyReads() throws Exception {
        try (var router = RouterUnderTest.start(QUIET);
                var endless = new RawBackend(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 200 OK\r\n\r\n");
                    var piece = new byte[64 * 1024];
                    while (true) {
                        connection.send(piece);
                        SENT.addAndGet(piece.length);
                    }
                });
                RawClient client = router.client()) {
            router.register(endless.port(), "endless.test");
            client.send("GET / HTTP/1.1\r\nHost: endless.test\r\n\r\n");
            client.readHead();

            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(60)).until(() -> {
                long before = LAST.getAndSet(SENT.get());
                return before == SENT.get();
            });
            assertThat(SENT.get()).isLessThan(64L * 1024 * 1024);
        }
    }

    private static final AtomicLong SENT = new AtomicLong();
    private static final AtomicLong LAST = new AtomicLong();

    @Test
    void prunesButNotWhileNatsIsAway() throws Exception {
        int port = FreePorts.next();
        var nats = NatsServerProcess.startOn(port);
        try (var router = RouterUnderTest.on(
                nats,
                RouterUnderTest.yaml(
                        port,
                        QUIET,
                        "prune_stale_droplets_interval: 100ms",
                        "droplet_stale_threshold: 1s",
                        "suspend_pruning_if_nats_unavailable: true"))) {
            router.register(9, "prune.test");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> router.router.table().lookup("prune.test") == null);
            router.register(9, "stays.test");
            nats.close();

            await().during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> router.router.table().lookup("stays.test") != null);
        }
    }
}
