package org.cupola.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class NatsComponentTest {
    @TempDir
    Path folder;

    private static NatsComponent started(String configuration) throws Exception {
        return started(configuration, 2);
    }

    private static NatsComponent started(String configuration, int loops) throws Exception {
        var component = new NatsComponent(Server.config(configuration), Clock.systemUTC(), loops);
        component.start();
        return component;
    }

    private static JsonNode varz(NatsComponent component) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + component.monitorPort() + "/varz");
        try (HttpClient http = HttpClient.newHttpClient()) {
            return Json.tree(http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                    .body());
        }
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var config = NatsConfig.parse("test", "host: 127.0.0.1\nport: " + taken.getLocalPort());
            try (var component = new NatsComponent(config, Clock.systemUTC())) {
                assertThatThrownBy(component::start)
                        .hasMessageStartingWith("cannot listen on 127.0.0.1:" + taken.getLocalPort());
            }
        }
    }

    @Test
    void saysWhichHostIsUnknown() throws Exception {
        var config = NatsConfig.parse("test", "listen: \"no-such-host.invalid:0\"");
        try (var component = new NatsComponent(config, Clock.systemUTC())) {
            assertThatThrownBy(component::start).hasMessage("cannot listen on no-such-host.invalid: unknown host");
        }
    }

    @Test
    void leavesNothingBehindWhenMonitoringCannotStart() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var config = Server.config("http: \"127.0.0.1:" + taken.getLocalPort() + "\"");
            try (var component = new NatsComponent(config, Clock.systemUTC())) {
                assertThatThrownBy(component::start).hasMessageContaining("" + taken.getLocalPort());
                int port = component.port();
                assertThatThrownBy(() -> new Socket("127.0.0.1", port)).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void writesAndRemovesItsFiles() throws Exception {
        Path pid = folder.resolve("nats.pid");
        try (var component = started("pid_file: \"" + pid + "\"\nports_file_dir: \"" + folder + "\"")) {
            assertThat(pid).hasContent("" + ProcessHandle.current().pid());
            Path ports = folder.resolve("nats-server_" + ProcessHandle.current().pid() + ".ports");
            assertThat(Json.tree(Files.readString(ports)).get("nats").get(0).asString())
                    .isEqualTo("nats://127.0.0.1:" + component.port());
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void closesClientsWithoutAWordButWithWhatWasPending() throws Exception {
        NatsComponent component = started("");
        try (RawClient subscriber = RawClient.connected(component.port());
                RawClient publisher = RawClient.connected(component.port())) {
            subscriber.send("SUB last 1\r\n");
            subscriber.sync();
            publisher.send("PUB last 4\r\nword\r\n");
            publisher.sync();
            component.close();
            component.close();

            subscriber.expect("MSG last 1 4\r\nword\r\n");
            subscriber.expectClosed();
            publisher.expectClosed();
            assertThatThrownBy(() -> new Socket("127.0.0.1", component.port())).isInstanceOf(IOException.class);
        }
    }

    @Test
    void closesWithoutAStart() {
        var component = new NatsComponent(Server.config(""), Clock.systemUTC());

        component.close();
        component.close();
    }

    @Test
    void livesBesideAnotherInOneProcess() throws Exception {
        try (NatsComponent one = started("");
                NatsComponent other = started("");
                RawClient here = RawClient.connected(one.port());
                RawClient there = RawClient.connected(other.port())) {
            here.send("SUB a 1\r\n");
            here.sync();
            there.send("PUB a 1\r\nx\r\n");
            there.sync();

            here.sync();
        }
    }

    @Test
    void retiresSlowlyAndTellsClientsFirst() throws Exception {
        NatsComponent component = started("lame_duck_duration: \"300ms\"\nlame_duck_grace_period: \"100ms\"");
        try (component;
                RawClient able = RawClient.connected(component.port(), ",\"protocol\":1");
                RawClient old = RawClient.connected(component.port())) {
            var done = component.enterLameDuckMode().toCompletableFuture();

            String info = able.line();
            assertThat(info).startsWith("INFO {");
            assertThat(Json.tree(info.substring(5)).get("ldm").asBoolean()).isTrue();
            assertThatThrownBy(() -> new Socket("127.0.0.1", component.port())).isInstanceOf(IOException.class);
            old.sync();
            done.get(30, TimeUnit.SECONDS);
            able.expectClosed();
            old.expectClosed();
        }
    }

    @Test
    void retiresAtOnceWithoutClients() throws Exception {
        try (NatsComponent component = started("")) {
            component.enterLameDuckMode().toCompletableFuture().get(1, TimeUnit.SECONDS);
        }
    }

    @Test
    void takesOnNewUsersAndLimits() throws Exception {
        String before = "authorization { users: [ {user: a, password: a}, {user: b, password: b} ] }";
        String after = "max_payload: 100\nauthorization { users: [ {user: b, password: b, permissions:"
                + " {subscribe: \"ok\"}}, {user: c, password: c} ] }";
        try (NatsComponent component = started(before);
                RawClient a = RawClient.connected(component.port(), ",\"user\":\"a\",\"pass\":\"a\",\"protocol\":1");
                RawClient b = RawClient.connected(component.port(), ",\"user\":\"b\",\"pass\":\"b\",\"protocol\":1")) {
            b.send("SUB gone 7\r\nSUB ok 8\r\n");
            b.sync();
            component.reload(Server.config(after));

            a.expect("-ERR 'Authorization Violation'\r\n");
            a.expectClosed();
            b.expect("-ERR 'Permissions Violation for Subscription to \"gone\" (sid \"7\")'\r\n");
            assertThat(b.line()).contains("\"max_payload\":100");
            b.sync();
            RawClient.connected(component.port(), ",\"user\":\"c\",\"pass\":\"c\"")
                    .close();
        }
    }

    /** A reader that never reads: its socket is not touched after CONNECT. */
    private static RawClient sleeper(NatsComponent component) throws Exception {
        RawClient sleeper = RawClient.connected(component.port(), ",\"name\":\"sleeper\"");
        sleeper.send("SUB flood 1\r\n");
        sleeper.sync();
        return sleeper;
    }

    private static void flood(RawClient publisher, int megabytes) throws Exception {
        String burst = ("PUB flood 8000\r\n" + "x".repeat(8000) + "\r\n").repeat(125);
        for (int i = 0; i < megabytes; i++) {
            publisher.send(burst);
        }
        publisher.sync();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void cutsAConsumerWithTooMuchPending(int loops) throws Exception {
        try (NatsComponent component = started("max_pending: 1MB\nhttp: \"127.0.0.1:-1\"", loops);
                RawClient sleeper = sleeper(component);
                RawClient publisher = RawClient.connected(component.port())) {
            flood(publisher, 60);

            await().untilAsserted(() -> assertThat(component.connections()).isEqualTo(1));
            assertThat(varz(component).get("slow_consumers").asInt()).isEqualTo(1);
            assertThat(varz(component).get("slow_consumer_stats").get("clients").asInt())
                    .isEqualTo(1);
            assertThat(varz(component).get("stalled_clients").asInt()).isPositive();
            assertThat(sleeper.socket().isConnected()).isTrue();
        }
    }

    @Test
    void cutsAConsumerThatTakesNothingWithinTheWriteDeadline() throws Exception {
        try (NatsComponent component = started("write_deadline: \"300ms\"\nhttp: \"127.0.0.1:-1\"");
                RawClient sleeper = sleeper(component);
                RawClient publisher = RawClient.connected(component.port())) {
            flood(publisher, 20);

            await().untilAsserted(() -> assertThat(component.connections()).isEqualTo(1));
            assertThat(varz(component).get("slow_consumers").asInt()).isEqualTo(1);
            assertThat(sleeper.socket().isConnected()).isTrue();
        }
    }

    @Test
    void sparesAConsumerThatIsOnlySlow() throws Exception {
        int messages = 20 * 125;
        try (NatsComponent component = started("max_pending: 4MB\nhttp: \"127.0.0.1:-1\"");
                RawClient slow = sleeper(component);
                RawClient publisher = RawClient.connected(component.port())) {
            Thread flooding = Thread.ofVirtual().start(() -> {
                try {
                    flood(publisher, 20);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            for (int i = 0; i < messages; i++) {
                assertThat(slow.line()).isEqualTo("MSG flood 1 8000\r\n");
                slow.expect("x".repeat(8000) + "\r\n");
            }
            flooding.join(Duration.ofSeconds(10));

            assertThat(varz(component).get("slow_consumers").asInt()).isZero();
        }
    }

    @Test
    void isUnhealthyOnceItAcceptsNoMore() throws Exception {
        try (NatsComponent component = started("http: \"127.0.0.1:-1\"\nlame_duck_duration: \"2s\"");
                RawClient client = RawClient.connected(component.port());
                HttpClient http = HttpClient.newHttpClient()) {
            client.sync();
            var done = component.enterLameDuckMode();
            URI uri = URI.create("http://127.0.0.1:" + component.monitorPort() + "/healthz");
            var response = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());

            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.body()).isEqualTo("{\"status\":\"error\",\"error\":\"not accepting connections\"}");
            assertThat(done.toCompletableFuture()).isNotDone();
        }
    }
}
