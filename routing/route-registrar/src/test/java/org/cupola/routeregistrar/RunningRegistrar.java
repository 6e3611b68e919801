package org.cupola.routeregistrar;

import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;

/** A registrar in this JVM, made from a file, and what it says on NATS. */
final class RunningRegistrar implements AutoCloseable {
    private final RouteRegistrarComponent component;

    private RunningRegistrar(RouteRegistrarComponent component) {
        this.component = component;
    }

    static RunningRegistrar start(Path folder, String json) throws Exception {
        Path file = folder.resolve("registrar_settings.json");
        Files.writeString(file, json);
        var component = new RouteRegistrarComponent(
                RouteRegistrarConfig.read(file), InstantSource.system(), Duration.ofMillis(100));
        component.start();
        return new RunningRegistrar(component);
    }

    @Override
    public void close() {
        component.close();
    }

    /** Everything said on {@code router.*}, each as its last word and its text. */
    static final class Listener implements AutoCloseable {
        final List<String> messages = new CopyOnWriteArrayList<>();
        private final NatsBus bus;

        Listener(String server) throws Exception {
            bus = NatsBus.connect(NatsSettings.plain("test", List.of(server)), new NatsBus.Listener() {});
            bus.subscribe(
                    "router.*",
                    (subject, replyTo, data) -> messages.add(
                            subject.substring("router.".length()) + " " + new String(data, StandardCharsets.UTF_8)));
            bus.flush(Duration.ofSeconds(5));
        }

        void say(String subject) {
            bus.publish(subject, "{}".getBytes(StandardCharsets.UTF_8));
        }

        long count(String start) {
            return messages.stream()
                    .filter(message -> message.startsWith(start))
                    .count();
        }

        void awaitAtLeast(int count, String start) {
            await().atMost(Duration.ofSeconds(20)).until(() -> count(start) >= count);
        }

        @Override
        public void close() {
            bus.close();
        }
    }
}
