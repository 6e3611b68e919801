package org.cupola.gorouter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.platform.json.Json;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import tools.jackson.databind.JsonNode;

/**
 * A router that is known by what it shows outside alone: it is started from a file, told things over NATS, and asked over
 * HTTP.
 */
final class BlackBox implements AutoCloseable {
    private static final String USER = "user:secret";
    private static final AtomicInteger MARKERS = new AtomicInteger();

    private final GorouterComponent router;
    private final NatsBus bus;

    private BlackBox(GorouterComponent router, NatsBus bus) {
        this.router = router;
        this.bus = bus;
    }

    /** @param lines in addition to what a test needs in any case */
    static BlackBox start(Broker.Running broker, Path folder, String... lines) throws Exception {
        Path file = Files.writeString(
                Files.createTempFile(folder, "gorouter", ".yml"), RouterUnderTest.yaml(broker.port(), lines));
        var router = new GorouterComponent(GorouterConfig.read(file));
        router.start();
        try {
            return new BlackBox(
                    router,
                    NatsBus.connect(NatsSettings.plain("test", List.of(broker.url())), new NatsBus.Listener() {}));
        } catch (Exception e) {
            router.close();
            throw e;
        }
    }

    NatsBus bus() {
        return bus;
    }

    int port() {
        return router.port();
    }

    int statusPort() {
        return router.statusPort();
    }

    int routesPort() {
        return router.routesPort();
    }

    int statusTlsPort() {
        return router.statusTlsPort();
    }

    int prometheusPort() {
        return router.prometheusPort();
    }

    int tlsPort() {
        return router.tlsPort();
    }

    /** A registration with the fields given as JSON, without braces. */
    void register(String fields) {
        bus.publish("router.register", ("{" + fields + "}").getBytes(UTF_8));
        settle();
    }

    void unregister(String fields) {
        bus.publish("router.unregister", ("{" + fields + "}").getBytes(UTF_8));
        settle();
    }

    void publish(String subject, String payload) {
        bus.publish(subject, payload.getBytes(UTF_8));
        settle();
    }

    /** Waits until everything published before has been dealt with: messages are taken in their order. */
    void settle() {
        String marker = "marker-" + MARKERS.incrementAndGet();
        String message = "{\"host\":\"127.0.0.1\",\"port\":1,\"uris\":[\"" + marker + "\"]";
        // In the shared segment, and in every one that a test might be about.
        for (String segment : List.of("", ",\"isolation_segment\":\"seg-1\"")) {
            bus.publish("router.register", (message + segment + "}").getBytes(UTF_8));
        }
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> routes().has(marker));
        for (String segment : List.of("", ",\"isolation_segment\":\"seg-1\"")) {
            bus.publish("router.unregister", (message + segment + "}").getBytes(UTF_8));
        }
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> routes().path(marker).isEmpty());
    }

    /** What {@code /routes} says. */
    JsonNode routes() throws IOException {
        String page = status(routesPort(), "/routes", "Authorization: " + basic(USER));
        return Json.tree(page.substring(page.indexOf("\r\n\r\n") + 4));
    }

    static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    }

    static String status(int port, String path, String... lines) throws IOException {
        try (var client = new RawClient(port)) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines(lines) + "\r\n");
            return client.readAll();
        }
    }

    /** The answer of the traffic port. */
    String get(String host, String path, String... lines) throws IOException {
        try (var client = new RawClient(port())) {
            client.send(
                    "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + lines(lines) + "\r\n");
            return client.readAll();
        }
    }

    private static String lines(String... lines) {
        return String.join(
                "", List.of(lines).stream().map(line -> line + "\r\n").toList());
    }

    @Override
    public void close() {
        bus.close();
        router.close();
    }
}
