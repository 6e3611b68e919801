package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.testing.TestCertificates;
import org.cupola.platform.testing.TestPostgres;
import org.cupola.protocol.routing.RouterGroup;
import org.cupola.protocol.routing.RoutingApiClient;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.cupola.protocol.uaa.TokenSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two Routing APIs and two TCP routers as processes, one database: the active API is killed under traffic and while routes
 * are written.
 */
class RoutingApiTakeoverTest {
    private static final List<String> ROUTER_ADDRESSES = List.of("127.0.0.21", "127.0.0.22");
    private static final int ROUTES = 10;

    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private TestCertificates certificates;
    private HttpClients clients;

    @BeforeEach
    void certificates() throws IOException {
        certificates = new TestCertificates(folder);
        certificates.issue("routing-api", "127.0.0.1");
        certificates.issue("locket", "127.0.0.1");
        clients = HttpClients.create(certificates.issue("client", "127.0.0.1"), certificates.authorities());
        opened.add(clients);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable part : opened.reversed()) {
            part.close();
        }
    }

    @Test
    void withItsLockInTheDatabase(TestReporter reporter) throws Exception {
        killTheActiveApi("", "waiting-for-lock", reporter);
    }

    @Test
    void withItsLockInLocket(TestReporter reporter) throws Exception {
        int port = FreePorts.next();
        DatabaseConfig database = TestPostgres.freshDatabase();
        Path config = folder.resolve("locket.json");
        Files.writeString(config, """
                {"listen_address": "127.0.0.1:%d", "ca_file": "%2$s/ca.crt", "cert_file": "%2$s/locket.crt",
                 "key_file": "%2$s/locket.key", "database_driver": "postgres",
                 "database_connection_string": "%3$s?sslmode=disable", "log_level": "info"}
                """.formatted(
                        port, folder, database.url().replace("jdbc:postgresql://", "postgres://postgres:postgres@")));
        opened.add(ForkedCupola.start("locket", "-config", config.toString()));
        await().atMost(Duration.ofSeconds(90)).until(() -> listens(port));

        killTheActiveApi("""
                locket: {locket_address: '127.0.0.1:%d', locket_ca_cert_file: %2$s/ca.crt,
                         locket_client_cert_file: %2$s/client.crt, locket_client_key_file: %2$s/client.key}
                """.formatted(port, folder), "failed-to-acquire-lock", reporter);
    }

    private void killTheActiveApi(String lock, String waiting, TestReporter reporter) throws Exception {
        DatabaseConfig database = TestPostgres.freshDatabase();
        int firstPort = FreePorts.next();
        int secondPort = FreePorts.next();
        ForkedCupola first = api("first", firstPort, database, lock).awaitOutput("routingapi.started");
        api("second", secondPort, database, lock).awaitOutput(waiting);
        WhoeverListens api = open(new WhoeverListens(firstPort, secondPort));
        var client = new RoutingApiClient(
                URI.create("http://127.0.0.1:" + api.port()), clients, TokenSource.NONE, Duration.ofSeconds(10));
        String group = client.createRouterGroup(new RouterGroup("", "group", "tcp", "1024-65535"))
                .guid();
        EchoTraffic traffic = open(new EchoTraffic());
        List<Integer> ports = Stream.generate(FreePorts::next).limit(ROUTES).toList();
        client.upsertTcpRoutes(ports.stream()
                .map(port -> TcpRouteMapping.of(group, port, "127.0.0.1", traffic.port()))
                .toList());
        for (String address : ROUTER_ADDRESSES) {
            router(address, api.port());
            for (int port : ports) {
                awaitEcho(address, port);
                traffic.open(new InetSocketAddress(address, port));
            }
        }
        traffic.start();
        var writer = new Writer(client, group, FreePorts.next());
        opened.add(writer::end);
        await().atMost(Duration.ofSeconds(60)).until(() -> writer.acknowledged.size() >= 20);

        first.kill();
        long killedAt = System.nanoTime();

        // Nobody is active: the routers go on with what they know, for new connections too.
        assertThat(listens(secondPort)).isFalse();
        int before = writer.acknowledged.size();
        for (String address : ROUTER_ADDRESSES) {
            assertThat(EchoTraffic.echoes(new InetSocketAddress(address, ports.getFirst())))
                    .isTrue();
        }
        long rounds = traffic.rounds();
        await().atMost(Duration.ofSeconds(60)).until(() -> writer.acknowledged.size() > before + 1);
        Duration interruption = Duration.ofNanos(System.nanoTime() - killedAt);
        reporter.publishEntry("writes-interrupted", interruption.toString());
        // The lock's 15 s, and time for a start on a machine that is busy.
        assertThat(interruption).isLessThan(Duration.ofSeconds(40));
        int late = FreePorts.next();
        client.upsertTcpRoutes(List.of(TcpRouteMapping.of(group, late, "127.0.0.1", traffic.port())));
        for (String address : ROUTER_ADDRESSES) {
            awaitEcho(address, late);
        }

        writer.end();
        List<TcpRouteMapping> routes = client.tcpRoutes();
        assertThat(routes.stream().map(TcpRouteMapping::backendPort)).containsAll(writer.acknowledged);
        assertThat(routes.stream().map(TcpRouteMapping::port)).contains(late).containsAll(ports);
        assertThat(traffic.rounds()).isGreaterThan(rounds);
        await().atMost(Duration.ofSeconds(60)).until(() -> traffic.rounds() > rounds + 10);
        assertThat(traffic.broken()).isNotDone();
    }

    /** One route after the other, each until it is acknowledged. */
    private static final class Writer {
        private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
        private final LinkedBlockingQueue<Boolean> end = new LinkedBlockingQueue<>();
        private final Thread thread;

        Writer(RoutingApiClient client, String group, int port) {
            thread = Thread.ofVirtual().start(() -> {
                try {
                    for (int backendPort = 1; end.poll(20, TimeUnit.MILLISECONDS) == null; ) {
                        try {
                            client.upsertTcpRoutes(List.of(TcpRouteMapping.of(group, port, "10.0.0.1", backendPort)));
                            acknowledged.add(backendPort++);
                        } catch (RoutingApiException e) {
                            // nobody is active just now
                        }
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        void end() throws InterruptedException {
            end.add(true);
            thread.join();
        }
    }

    private <T extends AutoCloseable> T open(T part) {
        opened.add(part);
        return part;
    }

    private ForkedCupola api(String name, int port, DatabaseConfig database, String lock) throws IOException {
        URI url = URI.create(database.url().substring("jdbc:".length()));
        Path config = folder.resolve(name + ".yml");
        Files.writeString(
                config,
                """
                system_domain: sys.example.org
                log_guid: routing_api
                uuid: %s
                admin_port: 0
                metrics_reporting_interval: 30s
                statsd_client_flush_interval: 1s
                retry_interval: 1s
                api:
                  listen_address: 127.0.0.1
                  listen_port: %d
                  http_enabled: true
                  mtls_listen_port: 0
                  mtls_client_ca_file: %3$s/ca.crt
                  mtls_server_cert_file: %3$s/routing-api.crt
                  mtls_server_key_file: %3$s/routing-api.key
                sqldb: {type: postgres, host: 127.0.0.1, port: %4$d, schema: %5$s, username: postgres, password: postgres}
                """.formatted(name, port, folder, url.getPort(), url.getPath().substring(1)) + lock);
        return open(ForkedCupola.start("routing-api", "-config", config.toString(), "-ip", "127.0.0.1", "-devMode"));
    }

    private void router(String address, int apiPort) throws IOException {
        Path config = folder.resolve("tcp-router-" + address + ".yml");
        Files.writeString(config, """
                haproxy_pid_file: unused
                listen_address: %s
                routing_api: {uri: 'http://127.0.0.1', port: %d, auth_disabled: true}
                """.formatted(address, apiPort));
        open(ForkedCupola.start("tcp-router", "-config", config.toString()));
    }

    private static void awaitEcho(String address, int port) {
        await().atMost(Duration.ofSeconds(90))
                .ignoreExceptions()
                .until(() -> EchoTraffic.echoes(new InetSocketAddress(address, port)));
    }

    private static boolean listens(int port) {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
