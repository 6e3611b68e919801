package org.cupola.acceptance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.cupola.nats.NatsComponent;
import org.cupola.nats.NatsConfig;
import org.cupola.platform.json.Json;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.testing.NatsServerProcess;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The router as operators and their tools know it: a process with a file, signals, exit codes and a log. Sections 1.1, 2.7,
 * 4.8 and 5 of its contract; what it serves meanwhile is shown in its own module.
 */
@Timeout(300)
class GorouterProcessTest {
    @TempDir
    private static Path folder;

    private static NatsServerProcess nats;

    @BeforeAll
    static void startNats() {
        nats = NatsServerProcess.start();
    }

    @AfterAll
    static void stopNats() {
        nats.close();
    }

    private static ForkedCupola router(int port, int natsPort, String... more) throws IOException {
        Path file = Files.createTempFile(folder, "gorouter", ".yml");
        Files.writeString(file, """
                port: %d
                listen_address: 127.0.0.1
                status: {host: 127.0.0.1, port: 0, routes: {port: 0}}
                route_services_internal_server_port: 0
                start_response_delay_interval: 0s
                enable_envelope_v1_metrics: false
                nats: {hosts: [{hostname: localhost, port: %d}]}
                """.formatted(port, natsPort) + String.join("\n", more));
        return ForkedCupola.start("gorouter", "-c", file.toString());
    }

    /** Lines of the log with this message; each a JSON object, unlike what goes to standard error. */
    private static List<JsonNode> lines(ForkedCupola of, String message) {
        return of.output()
                .lines()
                .filter(line -> line.startsWith("{"))
                .map(Json::tree)
                .filter(line -> line.path("message").asString().equals(message))
                .toList();
    }

    private static JsonNode line(ForkedCupola of, String message) {
        await().atMost(Duration.ofSeconds(60)).until(() -> !lines(of, message).isEmpty());
        return lines(of, message).getFirst();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** A backend that has a request and has not answered yet, and the client that waits. */
    private record Pending(ServerSocket listener, Socket backend, Socket client) implements AutoCloseable {
        static Pending request(int routerPort, NatsBus bus, ForkedCupola router) throws IOException {
            var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            bus.publish(
                    "router.register",
                    ("{\"host\":\"127.0.0.1\",\"port\":" + listener.getLocalPort() + ",\"uris\":[\"Pending.test/\"],"
                                    + "\"app\":\"app\",\"private_instance_id\":\"id\"}")
                            .getBytes(UTF_8));
            line(router, "endpoint-registered");
            var client = new Socket("127.0.0.1", routerPort);
            client.setSoTimeout(60_000);
            send(client, "GET / HTTP/1.1\r\nHost: pending.test\r\n\r\n");
            Socket backend = listener.accept();
            backend.getInputStream().read();
            return new Pending(listener, backend, client);
        }

        @Override
        public void close() throws IOException {
            client.close();
            backend.close();
            listener.close();
        }
    }

    private static NatsBus bus(int natsPort) throws Exception {
        return NatsBus.connect(
                NatsSettings.plain("test", List.of("nats://127.0.0.1:" + natsPort)), new NatsBus.Listener() {});
    }

    /** 5.3 SIGUSR1, 5.4, 2.7, 4.8; with a real nats-server */
    @Test
    void drainsOnSigusr1AndTellsSo() throws Exception {
        int port = FreePorts.next();
        try (ForkedCupola router =
                        router(port, nats.port(), "logging: {level: info, syslog: vcap.gorouter}", "index: 3");
                NatsBus bus = bus(nats.port())) {
            router.awaitOutput("gorouter.started");
            assertThat(line(router, "retrieved-isolation-segments").path("data").toString())
                    .isEqualTo("{\"isolation_segments\":[],\"routing_table_sharding_mode\":\"all\"}");
            assertThat(line(router, "Successfully-connected-to-nats")
                            .path("data")
                            .path("addr")
                            .asString())
                    .isEqualTo("localhost:" + nats.port());
            assertThat(line(router, "tcp-listener-started")
                            .path("data")
                            .path("address")
                            .asString())
                    .endsWith(":" + port);
            assertThat(lines(router, "tls-listener-not-enabled")).hasSize(1);
            assertThat(lines(router, "Component Router registered successfully"))
                    .isEmpty();

            try (Pending pending = Pending.request(port, bus, router)) {
                JsonNode registered = line(router, "endpoint-registered");
                assertThat(registered.path("source").asString()).isEqualTo("vcap.gorouter.registry");
                assertThat(registered.path("log_level").asInt()).isEqualTo(1);
                assertThat(registered.path("timestamp").isNumber()).isTrue();
                assertThat(registered.path("data").toString())
                        .isEqualTo("{\"uri\":\"pending.test\",\"route_service_url\":\"\",\"backend\":\"127.0.0.1:"
                                + pending.listener().getLocalPort()
                                + "\",\"application_id\":\"app\",\"instance_id\":\"id\",\"server_cert_domain_san\":\"\","
                                + "\"protocol\":\"http1\",\"modification_tag\":{\"guid\":\"\",\"index\":0},"
                                + "\"isolation_segment\":\"-\",\"isTLS\":false}");
                assertThat(line(router, "route-registered").path("data").toString())
                        .isEqualTo("{\"uri\":\"pending.test\"}");

                router.signal("USR1");
                router.awaitOutput("Draining with 1 outstanding active connections");
                await().atMost(Duration.ofSeconds(30)).until(() -> isRefused(port));
                router.signal("USR1");
                router.signal("TERM");
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> lines(router, "gorouter.signal.ignored").size() == 2);
                bus.publish(
                        "router.register",
                        "{\"host\":\"10.0.0.1\",\"port\":1,\"uris\":[\"late.test\"]}".getBytes(UTF_8));
                send(pending.backend(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

                assertThat(new String(pending.client().getInputStream().readAllBytes(), ISO_8859_1))
                        .startsWith("HTTP/1.1 200 OK\r\n")
                        .endsWith("ok");
            }
            assertThat(router.exitCode()).as(router.output()).isZero();
            assertThat(line(router, "gorouter-draining").path("data").toString())
                    .isEqualTo("{\"wait_seconds\":0,\"timeout_seconds\":60}");
            assertThat(lines(router, "gorouter.stopping")).hasSize(1);
            assertThat(line(router, "gorouter.stopped").path("data").has("took"))
                    .isTrue();
            assertThat(lines(router, "gorouter.exited")).hasSize(1);
        }
    }

    private static boolean isRefused(int port) {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isClosed();
        } catch (IOException e) {
            return true;
        }
    }

    /** 5.3 drain time-out, 5.4; with the embedded broker */
    @Test
    void cutsWhatTheDrainTimeoutLeaves() throws Exception {
        var embedded = new NatsComponent(NatsConfig.of(Map.of("net", "127.0.0.1", "port", -1L)), Clock.systemUTC());
        embedded.start();
        int port = FreePorts.next();
        try (ForkedCupola router = router(
                        port, embedded.port(), "drain_timeout: 300ms", "logging: {format: {timestamp: rfc3339}}");
                NatsBus bus = bus(embedded.port())) {
            router.awaitOutput("gorouter.started");
            try (Pending pending = Pending.request(port, bus, router)) {
                router.signal("USR1");

                assertThat(pending.client().getInputStream().read()).isNegative();
            }
            assertThat(router.exitCode()).as(router.output()).isZero();
            JsonNode line = line(router, "router.drain.timed-out");
            assertThat(line.path("log_level").asInt()).isEqualTo(3);
            assertThat(line.path("source").asString()).isEqualTo("gorouter.stdout.router");
            assertThat(line.path("timestamp").asString())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z");
        } finally {
            embedded.close();
        }
    }

    /** 5.3 SIGTERM, also during the start delay; SIGINT may be ignored by who starts the tests, which the router inherits */
    @ParameterizedTest
    @ValueSource(strings = {"0s", "10m"})
    void endsWithZeroWhenToldTo(String startDelay) throws Exception {
        try (ForkedCupola router = router(0, nats.port(), "start_response_delay_interval: " + startDelay)) {
            router.awaitOutput(startDelay.equals("0s") ? "gorouter.started" : "Successfully-connected-to-nats");

            router.signal("TERM");

            assertThat(router.exitCode()).as(router.output()).isZero();
            assertThat(lines(router, "gorouter.exited")).hasSize(1);
        }
    }

    /** 1.1, 5.1, 5.4: what ends the start, in the log for tools and in a line for people */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            balancing_algorithm: foo                  | Error loading config:             | Invalid load balancing algorithm foo. Allowed values are [round-robin least-connection]
            'port: [1'                                | Error loading config:             | not valid YAML
            html_error_template_file: /no/such/file   | new-html-error-template-from-file | Could not read HTML error template file: /no/such/file
            nats: {hosts: [{port: 1}]}                | nats-connection-error             | no connection to NATS
            port: $TAKEN                              | tcp-listener-error                | cannot listen on 127.0.0.1:$TAKEN
            """)
    void saysWhyItDoesNotStart(String more, String message, String error) throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            ForkedCupola router = router(0, nats.port(), more.replace("$TAKEN", port));

            assertThat(router.exitCode()).as(router.output()).isEqualTo(1);
            JsonNode line = line(router, message);
            assertThat(line.path("log_level").asInt()).isEqualTo(3);
            assertThat(line.path("data").path("error").asString()).contains(error.replace("$TAKEN", port));
            assertThat(router.output().lines())
                    .filteredOn(text -> text.startsWith("cupola gorouter: "))
                    .singleElement()
                    .asString()
                    .contains(error.replace("$TAKEN", port));
        }
    }

    /** 1.1 */
    @Test
    void refusesAnUnknownFlag() {
        ForkedCupola router = ForkedCupola.start("gorouter", "-no-such-flag");

        assertThat(router.exitCode()).isEqualTo(2);
        assertThat(router.output()).contains("Usage: cupola gorouter");
    }
}
