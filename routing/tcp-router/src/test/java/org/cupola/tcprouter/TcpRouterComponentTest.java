package org.cupola.tcprouter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a Routing API of our own making over the real wire. */
class TcpRouterComponentTest {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

    @TempDir
    private Path folder;

    private final int port = FreePorts.next();
    private FakeRoutingApi api;
    private Backends backend;
    private TcpRouterComponent router;

    @BeforeEach
    void startPeers() throws Exception {
        api = new FakeRoutingApi(HttpListener.plain(ANY)).start();
        backend = Backends.greeting("one");
    }

    @AfterEach
    void stop() throws Exception {
        if (router != null) {
            router.close();
        }
        api.close();
        backend.close();
    }

    private void start(String more) throws Exception {
        start(more, TcpRouterFlags.DEFAULT);
    }

    private void start(String more, TcpRouterFlags flags) throws Exception {
        Path file = folder.resolve("tcp_router.yml");
        Files.writeString(file, """
                haproxy_pid_file: /nowhere
                listen_address: 127.0.0.1
                health_check_address: 127.0.0.1:0
                routing_api:
                  uri: http://127.0.0.1
                  port: %d
                  auth_disabled: true
                """.formatted(api.port()) + more);
        router = new TcpRouterComponent(TcpRouterConfig.read(file, flags), Clock.systemUTC(), ANY);
        router.start();
    }

    private TcpRouteMapping route(int index) {
        return TcpRouteMapping.builder("group", port, "127.0.0.1", backend.port())
                .modificationTag(new ModificationTag("guid", index))
                .ttl(120)
                .build();
    }

    private boolean serves() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.getInputStream().read() == 'o';
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void servesWhatTheApiListsAtOnce() throws Exception {
        api.routes.add(route(0));

        start("");

        await().until(this::serves);
    }

    @Test
    void followsEvents() throws Exception {
        start("");
        await().until(() -> api.subscriptions.get() == 1 && api.lists.get() == 1);

        long began = System.nanoTime();
        api.upsert(route(0));
        await().pollInterval(Duration.ofMillis(1)).until(this::serves);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));

        api.delete(route(1));
        await().until(() -> !serves());
    }

    @Test
    void anOldDeletionDoesNothing() throws Exception {
        start("");
        await().until(() -> api.subscriptions.get() == 1);
        api.upsert(route(5));
        await().until(this::serves);

        api.send("Delete", route(4));
        TcpRouteMapping other = TcpRouteMapping.of("group", FreePorts.next(), "127.0.0.1", backend.port());
        api.upsert(other);

        await().until(() -> metrics().contains("port=\"" + other.port() + "\""));
        assertThat(serves()).isTrue();
    }

    @Test
    void repairsWhatItMissedWhenTheStreamBreaks() throws Exception {
        TcpRouteMapping other = TcpRouteMapping.of("group", FreePorts.next(), "127.0.0.1", backend.port());
        api.routes.add(route(0));
        start("");
        await().until(this::serves);

        api.routes.clear();
        api.routes.add(other);
        api.endStreams();

        await().until(() -> !serves());
        assertThat(api.subscriptions.get()).isGreaterThan(1);
    }

    @Test
    void keepsServingWhileTheApiIsAway() throws Exception {
        api.routes.add(TcpRouteMapping.builder("group", port, "127.0.0.1", backend.port())
                .ttl(1)
                .build());
        TcpRouterFlags d = TcpRouterFlags.DEFAULT;
        start(
                "",
                new TcpRouterFlags(
                        null,
                        Duration.ofMillis(100),
                        Duration.ofMillis(100),
                        Duration.ofMillis(50),
                        d.defaultRouteExpiry(),
                        false,
                        0,
                        d.tokenFetchRetryInterval(),
                        d.tokenExpirationBuffer(),
                        d.statsCollectionInterval(),
                        d.dropsondePort()));
        await().until(this::serves);
        api.close();

        await().during(Duration.ofMillis(2_500)).atMost(Duration.ofSeconds(5)).until(this::serves);
    }

    @Test
    void expiresRoutesThatTheApiNoLongerRefreshes() throws Exception {
        TcpRouterFlags d = TcpRouterFlags.DEFAULT;
        start(
                "",
                new TcpRouterFlags(
                        null,
                        d.subscriptionRetryInterval(),
                        Duration.ofHours(1),
                        Duration.ofMillis(50),
                        d.defaultRouteExpiry(),
                        false,
                        0,
                        d.tokenFetchRetryInterval(),
                        d.tokenExpirationBuffer(),
                        d.statsCollectionInterval(),
                        d.dropsondePort()));
        await().until(() -> api.subscriptions.get() == 1 && api.lists.get() == 1);
        api.send(
                "Upsert",
                TcpRouteMapping.builder("group", port, "127.0.0.1", backend.port())
                        .ttl(1)
                        .build());
        await().until(this::serves);

        await().until(() -> !serves());
    }

    @Test
    void servesOnlyTheGroupsAndSegmentsItIsToldTo() throws Exception {
        int elsewhere = FreePorts.next();
        api.routes.add(TcpRouteMapping.builder("other", elsewhere, "127.0.0.1", backend.port())
                .build());
        api.routes.add(TcpRouteMapping.builder("group", elsewhere + 1, "127.0.0.1", backend.port())
                .isolationSegment("else")
                .build());
        api.routes.add(route(0));

        start("serve_only:\n  router_group_guids: [group]\n  isolation_segments: [\"\"]\n");

        await().until(this::serves);
        assertThat(metrics()).contains("tcp_router_ports 1\n");
    }

    @Test
    void drainsTellingHealthChecksFirst() throws Exception {
        api.routes.add(route(0));
        start("drain_wait: 300ms\ndrain_connections_timeout: 10s\n");
        await().until(this::serves);
        assertThat(health()).isEqualTo(200);
        try (Socket open = new Socket(InetAddress.getLoopbackAddress(), port)) {
            open.setSoTimeout(30_000);
            assertThat(open.getInputStream().read()).isEqualTo('o');
            Thread drain = Thread.ofVirtual().start(() -> {
                try {
                    router.drain();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });

            await().until(() -> health() == 503);
            assertThat(serves()).isTrue();
            await().until(() -> !serves());
            open.getOutputStream().write('x');
            assertThat(drain.isAlive()).isTrue();
            open.shutdownOutput();
            assertThat(new String(open.getInputStream().readAllBytes())).isEqualTo("ne\nx");
            assertThat(drain.join(Duration.ofSeconds(5))).isTrue();
        }
    }

    private int health() throws Exception {
        return get(router.healthPorts().getFirst(), "/health").statusCode();
    }

    private String metrics() throws Exception {
        return get(router.debugPort(), "/metrics").body();
    }

    private static HttpResponse<String> get(int port, String path) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void showsItsRoutes() throws Exception {
        api.routes.add(route(0));
        start("");
        await().until(this::serves);

        assertThat(get(router.debugPort(), "/routes").body())
                .startsWith("{\"" + port + "\":{\"listening\":true,\"backends\":[{\"address\":\"127.0.0.1\",\"port\":"
                        + backend.port() + ",\"tls\":false");
        assertThat(get(router.debugPort(), "/debug/pprof/").body()).contains("goroutine?debug=2");
        assertThat(get(router.healthPorts().getFirst(), "/other").statusCode()).isEqualTo(503);
    }

    @Test
    void sendsMetricsToTheLoggregatorAgent() throws Exception {
        try (var agent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            TcpRouterFlags d = TcpRouterFlags.DEFAULT;
            api.routes.add(route(0));
            start(
                    "",
                    new TcpRouterFlags(
                            null,
                            d.subscriptionRetryInterval(),
                            d.syncInterval(),
                            d.staleRouteCheckInterval(),
                            d.defaultRouteExpiry(),
                            false,
                            0,
                            d.tokenFetchRetryInterval(),
                            d.tokenExpirationBuffer(),
                            Duration.ofMillis(50),
                            agent.getLocalPort()));
            await().until(this::serves);
            agent.setSoTimeout(30_000);

            await().until(() -> {
                var packet = new DatagramPacket(new byte[1000], 1000);
                agent.receive(packet);
                return new String(packet.getData(), 0, packet.getLength(), ISO_8859_1)
                        .contains(port + ".CurrentSessions");
            });
        }
    }

    @Test
    void warnsOfRouterGroupsWithReservedPortsOrExits() throws Exception {
        api.groups =
                "[{\"guid\":\"g\",\"name\":\"default-tcp\",\"type\":\"tcp\",\"reservable_ports\":\"1024-1123,3457\"}]";
        start("reserved_system_component_ports: [3457]\n");
        router.close();

        TcpRouterFlags d = TcpRouterFlags.DEFAULT;
        var exiting = new TcpRouterFlags(
                null,
                d.subscriptionRetryInterval(),
                d.syncInterval(),
                d.staleRouteCheckInterval(),
                d.defaultRouteExpiry(),
                true,
                0,
                d.tokenFetchRetryInterval(),
                d.tokenExpirationBuffer(),
                d.statsCollectionInterval(),
                d.dropsondePort());
        assertThatThrownBy(() -> start("reserved_system_component_ports: [3457]\n", exiting))
                .hasMessageContaining("default-tcp")
                .hasMessageContaining("3457");
    }

    @Test
    void takesTokensFromTheUaaOverMutualTls() throws Exception {
        var authority = CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
        TlsIdentity server = authority.issue("server", List.of("127.0.0.1", "localhost"), Duration.ofDays(1));
        TlsIdentity client = authority.issue("client", List.of(), Duration.ofDays(1));
        Path ca = Files.writeString(folder.resolve("ca.pem"), Pem.write(authority.certificate()));
        Path cert = Files.writeString(folder.resolve("client.pem"), Pem.write(client.certificate()));
        Path key = Files.writeString(folder.resolve("client.key"), Pem.write(client.key()));
        try (var secure = new FakeRoutingApi(HttpListener.mutualTls(ANY, server, List.of(authority.certificate())))
                        .start();
                var uaa = new FakeRoutingApi(HttpListener.tls(ANY, server)).start()) {
            uaa.publicKey = Pem.write(authority.certificate().getPublicKey());
            secure.wantedAuthorization = "bearer token-1";
            secure.routes.add(route(0));
            Path file = Files.writeString(
                    folder.resolve("secure.yml"), """
                    haproxy_pid_file: /nowhere
                    listen_address: 127.0.0.1
                    oauth: {token_endpoint: localhost, port: %d, client_name: tcp_router, client_secret: s, ca_certs: "%s"}
                    routing_api:
                      uri: https://localhost
                      port: %d
                      client_cert_path: "%s"
                      client_private_key_path: "%s"
                      ca_cert_path: "%s"
                    """.formatted(uaa.port(), ca, secure.port(), cert, key, ca));
            router = new TcpRouterComponent(TcpRouterConfig.read(file), Clock.systemUTC());
            router.start();
            await().until(this::serves);

            secure.wantedAuthorization = "bearer token-2";
            secure.routes.clear();
            secure.routes.add(TcpRouteMapping.of("group", FreePorts.next(), "127.0.0.1", backend.port()));
            secure.endStreams();

            await().until(() -> !serves());
            assertThat(secure.refusals.get()).isPositive();
        }
    }

    @Test
    void refusesToStartWithoutItsUaa() throws Exception {
        Path file = Files.writeString(folder.resolve("uaa.yml"), """
                haproxy_pid_file: /nowhere
                listen_address: 127.0.0.1
                oauth: {token_endpoint: 127.0.0.1, port: %d, client_name: x}
                routing_api: {uri: "http://127.0.0.1", port: %d}
                """.formatted(FreePorts.next(), api.port()));
        router = new TcpRouterComponent(TcpRouterConfig.read(file), Clock.systemUTC());

        assertThatThrownBy(router::start).hasMessageContaining("127.0.0.1");
    }
}
