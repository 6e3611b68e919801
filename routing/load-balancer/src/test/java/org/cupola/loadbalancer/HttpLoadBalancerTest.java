package org.cupola.loadbalancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpLoadBalancerTest {
    private final List<TestRouter> routers = new ArrayList<>();
    private LoadBalancerComponent balancer;

    private TestRouter router(String name) {
        var router = new TestRouter(name);
        routers.add(router);
        return router;
    }

    private void start(String more, TestRouter... backends) throws Exception {
        String list = Stream.of(backends).map(TestRouter::asHttpBackend).collect(Collectors.joining(", "));
        var config = LoadBalancerConfig.parse("test", """
                http:
                  listen: 127.0.0.1:0
                  backends: [%s]
                %s
                health: {interval: 50ms, timeout: 2s}
                drain_timeout: 2s
                """.formatted(list, more.indent(2)));
        balancer = new LoadBalancerComponent(config, Clock.systemUTC());
        balancer.start();
    }

    private void awaitHealthy(TestRouter... expected) {
        await().untilAsserted(() -> assertThat(healthy())
                .containsExactlyInAnyOrder(Stream.of(expected)
                        .map(router -> "http 127.0.0.1:" + router.port())
                        .toArray(String[]::new)));
    }

    private List<String> healthy() {
        return balancer.backends().entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .toList();
    }

    @AfterEach
    void stop() {
        if (balancer != null) {
            balancer.close();
        }
        routers.forEach(TestRouter::close);
    }

    @Test
    void takesTurns() throws Exception {
        TestRouter a = router("a");
        TestRouter b = router("b");
        start("", a, b);
        awaitHealthy(a, b);

        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            seen.add(TestClient.routerBehind(balancer.httpPort()));
        }

        assertThat(seen.subList(0, 2)).containsExactlyInAnyOrder("a", "b");
        assertThat(seen.subList(2, 6)).containsExactly(seen.get(0), seen.get(1), seen.get(0), seen.get(1));
    }

    @Test
    void prefersTheLeastConnected() throws Exception {
        TestRouter a = router("a");
        TestRouter b = router("b");
        start("balance: least-connection", a, b);
        awaitHealthy(a, b);

        try (var first = new TestClient(balancer.httpPort())) {
            String busy = first.line();
            for (int i = 0; i < 5; i++) {
                assertThat(TestClient.routerBehind(balancer.httpPort())).isNotEqualTo(busy);
                await().untilAsserted(() -> assertThat(balancer.connections()).isEqualTo(1));
            }
        }
    }

    @Test
    void goesOnToTheNextRouterWhenOneRefuses() throws Exception {
        TestRouter a = router("a");
        TestRouter b = router("b");
        start("", a, b);
        awaitHealthy(a, b);
        a.die();

        for (int i = 0; i < 20; i++) {
            assertThat(TestClient.routerBehind(balancer.httpPort())).isEqualTo("b");
        }
        assertThat(healthy()).containsExactly("http 127.0.0.1:" + b.port());
    }

    @Test
    void sendsNothingToARouterThatIsIllUntilItIsWellAgain() throws Exception {
        TestRouter a = router("a");
        TestRouter b = router("b");
        start("", a, b);
        awaitHealthy(a, b);

        a.answersHealthWith(503);
        awaitHealthy(b);
        for (int i = 0; i < 6; i++) {
            assertThat(TestClient.routerBehind(balancer.httpPort())).isEqualTo("b");
        }

        a.answersHealthWith(200);
        awaitHealthy(a, b);
        assertThat(TestClient.routerBehind(balancer.httpPort()) + TestClient.routerBehind(balancer.httpPort()))
                .isIn("ab", "ba");
    }

    @Test
    void ratherTriesAnIllRouterThanNone() throws Exception {
        TestRouter a = router("a");
        a.answersHealthWith(500);
        start("", a);

        assertThat(TestClient.routerBehind(balancer.httpPort())).isEqualTo("a");
        assertThat(healthy()).isEmpty();
    }

    @Test
    void closesTheConnectionWhenThereIsNoRouterLeft() throws Exception {
        TestRouter a = router("a");
        start("", a);
        awaitHealthy(a);
        a.die();

        try (var client = new TestClient(balancer.httpPort())) {
            assertThatThrownBy(client::line).isInstanceOf(SocketException.class);
        }
        await().untilAsserted(() -> assertThat(balancer.connections()).isZero());
    }

    /** Connections made before the death may break, as they would without a load balancer; none made after it may. */
    @Test
    void failsNotOneNewConnectionWhileARouterDiesUnderLoad() throws Exception {
        TestRouter a = router("a");
        TestRouter b = router("b");
        TestRouter c = router("c");
        start("", a, b, c);
        awaitHealthy(a, b, c);
        var died = new AtomicLong(Long.MAX_VALUE);
        var after = new AtomicInteger();
        Queue<Exception> failures = new ConcurrentLinkedQueue<>();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            clients.add(Thread.ofVirtual().start(() -> {
                while (after.get() < 1500) {
                    long began = System.nanoTime();
                    try {
                        TestClient.routerBehind(balancer.httpPort());
                        if (began - died.get() > 0) {
                            after.incrementAndGet();
                        }
                    } catch (IOException e) {
                        if (began - died.get() > 0) {
                            failures.add(e);
                            after.incrementAndGet();
                        }
                    }
                }
            }));
        }
        await().until(() -> a.accepted() > 50);
        a.die();
        died.set(System.nanoTime());
        for (Thread client : clients) {
            assertThat(client.join(Duration.ofSeconds(30))).isTrue();
        }

        assertThat(failures).isEmpty();
        assertThat(after.get()).isGreaterThanOrEqualTo(1500);
    }

    @Test
    void tellsTheRouterWhoTheClientIs() throws Exception {
        TestRouter a = router("a");
        start("proxy_protocol: true", a);

        try (var client = new TestClient(balancer.httpPort())) {
            client.send("GET / HTTP/1.1\r\n");

            assertThat(client.line()).isEqualTo("a");
            assertThat(client.line())
                    .isEqualTo("PROXY TCP4 127.0.0.1 127.0.0.1 "
                            + client.socket().getLocalPort() + " " + balancer.httpPort() + "\r");
            assertThat(client.line()).isEqualTo("GET / HTTP/1.1\r");
        }
    }

    @Test
    void tellsItInBinaryToo() throws Exception {
        TestRouter a = router("a");
        start("proxy_protocol: v2", a);

        try (var client = new TestClient(balancer.httpPort())) {
            client.send("x");
            assertThat(client.line()).isEqualTo("a");
            byte[] header = client.socket().getInputStream().readNBytes(29);
            int port = client.socket().getLocalPort();

            assertThat(header).startsWith("\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(header).endsWith(new byte[] {
                0x21,
                0x11,
                0,
                12,
                127,
                0,
                0,
                1,
                127,
                0,
                0,
                1,
                (byte) (port >> 8),
                (byte) port,
                (byte) (balancer.httpPort() >> 8),
                (byte) balancer.httpPort(),
                'x'
            });
        }
    }

    @Test
    void passesHalfCloseOnInBothDirections() throws Exception {
        TestRouter a = router("a");
        start("", a);

        try (var client = new TestClient(balancer.httpPort())) {
            client.send("last words");
            client.socket().shutdownOutput();

            assertThat(new String(client.socket().getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("a\nlast words");
        }
    }

    @Test
    void closesConnectionsBeyondTheLimit() throws Exception {
        TestRouter a = router("a");
        start("max_connections: 2", a);

        try (var first = new TestClient(balancer.httpPort());
                var second = new TestClient(balancer.httpPort());
                var third = new TestClient(balancer.httpPort())) {
            assertThat(first.line()).isEqualTo("a");
            assertThat(second.line()).isEqualTo("a");
            assertThatThrownBy(third::line).isInstanceOf(SocketException.class);
            first.socket().close();
            await().ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> TestClient.routerBehind(balancer.httpPort()).equals("a"));
        }
    }

    @Test
    void closesIdleConnections() throws Exception {
        TestRouter a = router("a");
        start("idle_timeout: 100ms", a);

        try (var client = new TestClient(balancer.httpPort())) {
            assertThat(client.line()).isEqualTo("a");
            assertThatThrownBy(client::line).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void letsBusyConnectionsFinishWhenItStops() throws Exception {
        TestRouter a = router("a");
        start("", a);
        int port = balancer.httpPort();

        try (var busy = new TestClient(port);
                var idle = new TestClient(port)) {
            assertThat(busy.line()).isEqualTo("a");
            assertThat(idle.line()).isEqualTo("a");
            Thread closing = Thread.ofVirtual().start(balancer::close);
            await().untilAsserted(
                            () -> assertThatThrownBy(() -> new TestClient(port)).isInstanceOf(IOException.class));
            for (int i = 0; idleIsOpen(idle) && i < 1000; i++) {
                busy.send("tick\n");
                assertThat(busy.line()).isEqualTo("tick");
            }
            busy.socket().shutdownOutput();
            assertThat(busy.line()).isEmpty();
            assertThat(closing.join(Duration.ofSeconds(10))).isTrue();
        }
        balancer.close();
    }

    /** Waits 5 ms for its end. */
    private static boolean idleIsOpen(TestClient idle) throws IOException {
        idle.socket().setSoTimeout(5);
        try {
            idle.line();
            return false;
        } catch (java.net.SocketTimeoutException e) {
            return true;
        } catch (SocketException e) {
            return false;
        }
    }

    @Test
    void takesAConnectableRouterWithoutHealthEndpointAsHealthy() throws Exception {
        TestRouter a = router("a");
        var config = LoadBalancerConfig.parse(
                "test",
                "http: {listen: \"127.0.0.1:0\", backends: [{address: \"127.0.0.1:" + a.port() + "\"}]}\n"
                        + "health: {interval: 20ms}");
        balancer = new LoadBalancerComponent(config, Clock.systemUTC());
        balancer.start();

        awaitHealthy(a);
        a.die();
        await().untilAsserted(() -> assertThat(healthy()).isEmpty());
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var config = LoadBalancerConfig.parse(
                    "test",
                    "http: {listen: \"127.0.0.1:" + taken.getLocalPort()
                            + "\", backends: [{address: \"127.0.0.1:1\"}]}");
            try (var component = new LoadBalancerComponent(config, Clock.systemUTC())) {
                assertThatThrownBy(component::start)
                        .hasMessageStartingWith("cannot listen on 127.0.0.1:" + taken.getLocalPort());
            }
        }
    }
}
