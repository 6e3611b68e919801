package org.cupola.loadbalancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.testing.FreePorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The load balancer on 127.0.0.1, TCP routers with the same ports on 127.0.0.2 and 127.0.0.3. */
class TcpLoadBalancerTest {
    private static final int PORTS = 3;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final int first = freeRange();

    /** The first of some ports in a row that are free on all three addresses. */
    private static int freeRange() {
        while (true) {
            int candidate = FreePorts.next();
            if (candidate + PORTS <= 65535 && isFree(candidate)) {
                return candidate;
            }
        }
    }

    private static boolean isFree(int candidate) {
        for (int port = candidate; port < candidate + PORTS; port++) {
            for (String address : List.of("127.0.0.1", "127.0.0.2", "127.0.0.3")) {
                try (var probe = new ServerSocket(port, 1, InetAddress.getByName(address))) {
                    assertThat(probe.isBound()).isTrue();
                } catch (IOException e) {
                    return false;
                }
            }
        }
        return true;
    }

    private TestRouter router(String name, String address, int port) {
        var router = new TestRouter(name, new InetSocketAddress(address, port));
        open.add(router);
        return router;
    }

    private LoadBalancerComponent start(TestRouter... routers) throws Exception {
        List<String> backends = new ArrayList<>();
        for (TestRouter router : routers) {
            backends.add(router.asTcpBackend());
        }
        var config =
                LoadBalancerConfig.parse("test", """
                tcp:
                  listen_address: 127.0.0.1
                  port_range: %d-%d
                  backends: [%s]
                health: {interval: 50ms}
                drain_timeout: 1s
                """.formatted(first, first + PORTS - 1, String.join(", ", backends)));
        var balancer = new LoadBalancerComponent(config, Clock.systemUTC());
        open.addFirst(balancer);
        balancer.start();
        await().untilAsserted(() -> assertThat(balancer.backends().values()).containsOnly(true));
        return balancer;
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    @Test
    void relaysEachPortToTheSamePortOfARouter() throws Exception {
        TestRouter one = router("one", "127.0.0.2", first);
        router("two", "127.0.0.2", first + 1);
        start(one);

        assertThat(TestClient.routerBehind(first)).isEqualTo("one");
        assertThat(TestClient.routerBehind(first + 1)).isEqualTo("two");
    }

    @Test
    void resetsWhatHasNoRouteAndGoesOnWithTheOthers() throws Exception {
        TestRouter one = router("one", "127.0.0.2", first);
        LoadBalancerComponent balancer = start(one);

        for (int i = 0; i < 3; i++) {
            try (var client = new TestClient(first + 2)) {
                assertThatThrownBy(client::line).isInstanceOf(SocketException.class);
            }
        }
        assertThat(balancer.backends()).containsExactly(java.util.Map.entry("tcp 127.0.0.2", true));
        assertThat(TestClient.routerBehind(first)).isEqualTo("one");
    }

    @Test
    void asksTheOtherRouterWhenOneDoesNotHaveTheRouteYet() throws Exception {
        TestRouter late = router("late", "127.0.0.2", first);
        TestRouter early = router("early", "127.0.0.3", first + 1);
        start(late, early);

        for (int i = 0; i < 4; i++) {
            assertThat(TestClient.routerBehind(first + 1)).isEqualTo("early");
        }
    }

    @Test
    void leavesOutAnIllRouter() throws Exception {
        TestRouter a = router("a", "127.0.0.2", first);
        TestRouter b = router("b", "127.0.0.3", first);
        LoadBalancerComponent balancer = start(a, b);

        a.answersHealthWith(503);
        await().untilAsserted(() -> assertThat(balancer.backends()).containsEntry("tcp 127.0.0.2", false));
        for (int i = 0; i < 4; i++) {
            assertThat(TestClient.routerBehind(first)).isEqualTo("b");
        }
    }

    @Test
    void worksWithoutAPortThatIsTakenAndTakesItWhenItIsFree() throws Exception {
        TestRouter one = router("one", "127.0.0.2", first);
        router("two", "127.0.0.2", first + 1);
        try (var taken = new ServerSocket(first + 1, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThat(taken.isBound()).isTrue();
            start(one);
            assertThat(TestClient.routerBehind(first)).isEqualTo("one");
        }
        await().ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> TestClient.routerBehind(first + 1).equals("two"));
    }

    @Test
    void doesNotStartWithoutAnyPort() throws Exception {
        List<ServerSocket> taken = new ArrayList<>();
        try {
            for (int port = first; port < first + PORTS; port++) {
                taken.add(new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")));
            }
            TestRouter one = router("one", "127.0.0.2", first);
            assertThatThrownBy(() -> start(one))
                    .hasMessageStartingWith("cannot listen on 127.0.0.1:" + first + "-" + (first + PORTS - 1));
        } finally {
            for (ServerSocket socket : taken) {
                socket.close();
            }
        }
    }
}
