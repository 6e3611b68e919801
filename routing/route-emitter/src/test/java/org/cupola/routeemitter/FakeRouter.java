package org.cupola.routeemitter;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.platform.json.Json;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import org.cupola.protocol.routing.RouterStartMessage;
import tools.jackson.databind.JsonNode;

/** Hears what a router would hear over NATS, and keeps the table it would have. */
final class FakeRouter implements AutoCloseable {
    final Set<String> routes = ConcurrentHashMap.newKeySet();
    final List<String> messages = new CopyOnWriteArrayList<>();
    final AtomicInteger greetings = new AtomicInteger();
    private final NatsBus bus;
    private final byte[] start;

    FakeRouter(int natsPort, int intervalSeconds) throws Exception {
        start = new RouterStartMessage("0-router", List.of("127.0.0.1"), intervalSeconds, 120).toJson();
        bus = NatsBus.connect(
                NatsSettings.plain("fake-router", List.of("127.0.0.1:" + natsPort)), new NatsBus.Listener() {});
        bus.subscribe("*.register", (subject, replyTo, data) -> register(subject, data));
        bus.subscribe("*.unregister", (subject, replyTo, data) -> unregister(subject, data));
        bus.subscribe("*.greet", (subject, replyTo, data) -> {
            greetings.incrementAndGet();
            bus.publish(replyTo, start);
        });
        bus.flush(Duration.ofSeconds(5));
    }

    void restart() {
        routes.clear();
        bus.publish("router.start", start);
    }

    private void register(String subject, byte[] data) {
        messages.add(subject + " " + new String(data, StandardCharsets.UTF_8));
        routes.add(route(data));
    }

    private void unregister(String subject, byte[] data) {
        messages.add(subject + " " + new String(data, StandardCharsets.UTF_8));
        routes.remove(route(data));
    }

    private static String route(byte[] data) {
        JsonNode message = Json.tree(data);
        return message.path("uris").path(0).asString() + " "
                + message.path("host").asString() + ":" + message.path("port").asInt();
    }

    @Override
    public void close() {
        bus.close();
    }
}
