package org.cupola.rep.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.cupola.platform.testing.FreePorts;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.rep.container.NetworkInfo;
import org.cupola.rep.container.PortMapping;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MILLI = Duration.ofMillis(1);

    private final Cancellation cancellation = new Cancellation();
    private final RecordingLog log = new RecordingLog();

    /** Says what it is told to, then the last again and again. */
    private static final class ScriptedProbe implements Probe {
        private final Queue<Optional<String>> script = new ArrayDeque<>();
        private final AtomicInteger looks = new AtomicInteger();

        ScriptedProbe(String... failures) {
            for (String failure : failures) {
                script.add(failure.isEmpty() ? Optional.empty() : Optional.of(failure));
            }
        }

        @Override
        public synchronized Optional<String> failure() {
            looks.incrementAndGet();
            return script.size() > 1 ? script.remove() : script.element();
        }
    }

    @Test
    void tcpProbeConnects() throws IOException {
        try (var server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            assertThat(new TcpProbe("127.0.0.1", server.getLocalPort(), SECOND).failure())
                    .isEmpty();
        }
        int closed = FreePorts.next();
        assertThat(new TcpProbe("127.0.0.1", closed, SECOND).failure())
                .contains("failed to make TCP connection to 127.0.0.1:" + closed + ": connection refused");
    }

    @Test
    void httpProbeWantsTwoHundred() throws IOException {
        Map<String, String> headers = new ConcurrentHashMap<>();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 10);
        server.createContext("/ok", exchange -> {
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(new byte[5000]);
            exchange.close();
        });
        server.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().add("Location", "/ok");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.createContext("/no-content", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        int port = server.getAddress().getPort();
        try {
            assertThat(new HttpProbe("127.0.0.1", port, "/ok?deep=1", SECOND).failure())
                    .isEmpty();
            assertThat(headers)
                    .containsEntry("User-agent", "diego-healthcheck")
                    .containsEntry("X-forwarded-proto", "https");
            assertThat(new HttpProbe("127.0.0.1", port, "/moved", SECOND).failure())
                    .isEmpty();
            assertThat(new HttpProbe("127.0.0.1", port, "/no-content", SECOND)
                            .failure()
                            .orElseThrow())
                    .matches("failed to make HTTP request to '/no-content' on port " + port
                            + ": received status code 204 in \\d+ms");
            assertThat(new HttpProbe("127.0.0.1", port, "/missing", SECOND)
                            .failure()
                            .orElseThrow())
                    .contains("received status code 404 in ");
        } finally {
            server.stop(0);
        }
        assertThat(new HttpProbe("127.0.0.1", port, "/ok", SECOND).failure())
                .contains("failed to make HTTP request to '/ok' on port " + port + ": connection refused");
    }

    @Test
    void httpProbeGivesUpOnASilentServer() throws IOException {
        try (var server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            int port = server.getLocalPort();

            assertThat(new HttpProbe("127.0.0.1", port, "/", Duration.ofMillis(50)).failure())
                    .contains("failed to make HTTP request to '/' on port " + port + ": timed out after 0.05 seconds");
        }
    }

    @Test
    void looksOftenAtFirstAndRarelyLater() {
        Duration longest = Duration.ofSeconds(2);

        assertThat(CheckLoops.pauseAfter(Duration.ZERO, longest)).isEqualTo(Duration.ofMillis(10));
        assertThat(CheckLoops.pauseAfter(SECOND, longest)).isEqualTo(Duration.ofMillis(60));
        assertThat(CheckLoops.pauseAfter(Duration.ofMinutes(5), longest)).isEqualTo(longest);
    }

    @Test
    void healthIsReadyOnceEveryCheckWasWellAndFailsWithTheFirstThatIsNot() {
        var slow = new ScriptedProbe("not yet", "not yet", "");
        var other = new ScriptedProbe("", "gone");
        var ready = new AtomicInteger();
        var step = new HealthStep(
                List.of(new Check(slow, Duration.ofMinutes(1)), new Check(other, MILLI)),
                Duration.ZERO,
                MILLI,
                log.stream());

        assertThatThrownBy(() -> step.run(cancellation, ready::incrementAndGet))
                .hasMessage("Instance became unhealthy: Liveness check unsuccessful: gone");

        assertThat(ready).hasValue(1);
        assertThat(log.lines())
                .containsExactly(
                        "SRC OUT Starting health monitoring of container",
                        "SRC OUT Container became healthy",
                        "SRC ERR Liveness check unsuccessful: gone",
                        "SRC ERR Container became unhealthy");
    }

    @Test
    void healthThatNeverComesFailsAfterTheStartTimeout() {
        var never = new ScriptedProbe("connection refused");
        var step = new HealthStep(
                List.of(new Check(never, MILLI)), Duration.ofMillis(40), Duration.ofMillis(5), log.stream());

        assertThatThrownBy(() -> step.run(cancellation, () -> {
                    throw new AssertionError("never ready");
                }))
                .message()
                .matches("Instance never healthy after \\d+ms: Timed out after 40ms \\(\\d+ attempts\\)"
                        + " waiting for startup check to succeed: connection refused");
        assertThat(never.looks.get()).isGreaterThan(2);
        assertThat(log.lines().getLast()).matches("SRC ERR Failed after \\d+ms: startup health check never passed.");
    }

    @Test
    void healthEndsSilentlyWhenCancelled() {
        var step =
                new HealthStep(List.of(new Check(new ScriptedProbe("no"), MILLI)), Duration.ZERO, MILLI, log.stream());
        Thread.ofVirtual().start(() -> {
            await().until(() -> log.lines().size() == 1);
            cancellation.cancel();
        });

        assertThatThrownBy(() -> step.run(cancellation, () -> {})).hasMessage("cancelled");
        assertThat(log.lines()).hasSize(1);
    }

    @Test
    void readinessGoesBackAndForthAndNeverFails() {
        var probe = new ScriptedProbe("cold", "", "", "hot", "hot", "");
        List<Boolean> changes = new CopyOnWriteArrayList<>();
        var ready = new AtomicInteger();
        var step = new ReadinessStep(List.of(new Check(probe, MILLI)), MILLI, log.stream(), changes::add);
        Thread.ofVirtual().start(() -> {
            await().until(() -> changes.size() == 3);
            cancellation.cancel();
        });

        assertThatThrownBy(() -> step.run(cancellation, ready::incrementAndGet)).hasMessage("cancelled");

        assertThat(changes).containsExactly(true, false, true);
        assertThat(ready).hasValue(1);
        assertThat(log.lines())
                .contains(
                        "SRC ERR Readiness check unsuccessful: hot",
                        "SRC OUT Container failed the readiness health check."
                                + " Container marked not ready and removed from route pool.");
    }

    @Test
    void theOlderMonitorRunsAnActionOverAndOver() {
        Queue<String> script = new ArrayDeque<>(List.of("starting", "", "", "down"));
        var ready = new AtomicInteger();
        var step = new MonitorStep(
                () -> (cancelled, onReady) -> {
                    String failure = script.remove();
                    if (!failure.isEmpty()) {
                        throw new StepFailure(failure);
                    }
                },
                Duration.ZERO,
                MILLI,
                MILLI,
                log.stream());

        assertThatThrownBy(() -> step.run(cancellation, ready::incrementAndGet))
                .hasMessage("Instance became unhealthy: down");
        assertThat(ready).hasValue(1);
    }

    @Test
    void theOlderMonitorGivesUpAfterTheStartTimeout() {
        var step = new MonitorStep(
                () -> (cancelled, onReady) -> {
                    throw new StepFailure("still down");
                },
                Duration.ofMillis(20),
                MILLI,
                MILLI,
                log.stream());

        assertThatThrownBy(() -> step.run(cancellation, () -> {}))
                .message()
                .matches("Instance never healthy after \\d+ms: still down");
    }

    @Test
    void standsInForTheCheckProgram() {
        var network = new NetworkInfo("10.0.0.1", "127.0.0.1", List.of(new PortMapping(8080, 61001, 61001)));
        var result = new AtomicReference<Optional<Probe>>();

        result.set(HealthcheckProgram.probe(run("/tmp/lifecycle/healthcheck", "-port=8080", "-timeout=3s"), network));
        assertThat(result.get()).contains(new TcpProbe("127.0.0.1", 61001, Duration.ofSeconds(3)));

        result.set(
                HealthcheckProgram.probe(run("/tmp/lifecycle/healthcheck", "-port", "8080", "-uri", "/up"), network));
        assertThat(result.get()).contains(new HttpProbe("127.0.0.1", 61001, "/up", SECOND));

        assertThat(HealthcheckProgram.probe(run("/bin/sh", "-c", "true"), network))
                .isEmpty();
    }

    private static RunAction run(String path, String... arguments) {
        return RunAction.newBuilder()
                .setPath(path)
                .addAllArgs(List.of(arguments))
                .build();
    }
}
