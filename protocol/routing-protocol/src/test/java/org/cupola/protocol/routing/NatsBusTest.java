package org.cupola.protocol.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.platform.config.Secret;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.testing.NatsServerProcess;
import org.junit.jupiter.api.Test;

class NatsBusTest {
    private static final NatsBus.Listener SILENT = new NatsBus.Listener() {};

    private static NatsSettings to(NatsServerProcess... servers) {
        return NatsSettings.plain(
                        "test",
                        java.util.Arrays.stream(servers)
                                .map(NatsServerProcess::url)
                                .toList())
                .withIntervals(Duration.ofSeconds(20), Duration.ofMillis(50));
    }

    @Test
    void deliversInOrderAndAnswersRequests() throws Exception {
        try (var server = NatsServerProcess.start();
                var bus = NatsBus.connect(to(server), SILENT)) {
            var got = new CopyOnWriteArrayList<String>();
            bus.subscribe("router.*", (subject, replyTo, data) -> got.add(subject + new String(data, UTF_8)));
            bus.subscribe("greet", (subject, replyTo, data) -> bus.publish(replyTo, "hello".getBytes(UTF_8)));

            for (int i = 0; i < 100; i++) {
                bus.publish("router.register", ("" + i).getBytes(UTF_8));
            }

            await().until(() -> got.size() == 100);
            assertThat(got.get(99)).isEqualTo("router.register99");
            assertThat(bus.request("greet", new byte[0], Duration.ofSeconds(5)))
                    .hasValueSatisfying(answer -> assertThat(answer).asString().isEqualTo("hello"));
            assertThat(bus.request("nobody", new byte[0], Duration.ofSeconds(5)))
                    .isEmpty();
            assertThat(bus.droppedMessages()).isZero();
        }
    }

    @Test
    void comesBackWithItsSubscriptionsWhenTheServerDoes() throws Exception {
        int port = FreePorts.next();
        var events = new CopyOnWriteArrayList<String>();
        var got = new CopyOnWriteArrayList<String>();
        var first = NatsServerProcess.startOn(port);
        try (var bus = NatsBus.connect(to(first), new NatsBus.Listener() {
            @Override
            public void disconnected() {
                events.add("disconnected");
            }

            @Override
            public void reconnected(String server) {
                events.add("reconnected " + server);
            }

            @Override
            public void closed() {
                events.add("closed");
            }
        })) {
            bus.subscribe("a", (subject, replyTo, data) -> got.add(new String(data, UTF_8)));
            first.close();
            await().until(() -> events.contains("disconnected"));
            assertThat(bus.isConnected()).isFalse();

            try (var second = NatsServerProcess.startOn(port)) {
                await().until(() -> events.contains("reconnected nats://127.0.0.1:" + second.port()));
                bus.publish("a", "again".getBytes(UTF_8));
                await().until(() -> got.contains("again"));
            }
        }
        assertThat(events).doesNotContain("closed");
    }

    @Test
    void showsItsCredentials() throws Exception {
        try (var server = NatsServerProcess.start("--user", "nats", "--pass", "secret")) {
            try (var bus = NatsBus.connect(to(server).withUser("nats", new Secret("secret")), SILENT)) {
                assertThat(bus.isConnected()).isTrue();
                assertThat(bus.server()).isEqualTo(server.url());
            }
            assertThatThrownBy(() -> NatsBus.connect(to(server).withUser("nats", new Secret("wrong")), SILENT))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void failsAfterTheGivenAttempts() {
        String nobody = "127.0.0.1:" + FreePorts.next();

        assertThatThrownBy(() -> NatsBus.connect(
                        NatsSettings.plain("test", List.of(nobody)).withConnectAttempts(2), SILENT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(nobody);
    }
}
