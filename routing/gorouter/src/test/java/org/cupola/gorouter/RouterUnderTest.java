package org.cupola.gorouter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.testing.NatsServerProcess;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RouterSubjects;

/** A router with a real NATS server before it, on free ports. */
final class RouterUnderTest implements AutoCloseable {
    final NatsServerProcess nats;
    final GorouterComponent router;
    final NatsBus bus;

    private RouterUnderTest(NatsServerProcess nats, GorouterComponent router, NatsBus bus) {
        this.nats = nats;
        this.router = router;
        this.bus = bus;
    }

    static String yaml(int natsPort, String... more) {
        return """
            port: 0
            status: {port: 0, user: user, pass: secret, routes: {port: 0}}
            start_response_delay_interval: 0s
            disable_keep_alives: false
            max_idle_conns_per_host: 100
            go_max_procs: 2
            backends: {max_attempts: 3}
            route_services_internal_server_port: 0
            nats: {hosts: [{hostname: 127.0.0.1, port: %d}]}
            listen_address: 127.0.0.1
            """.formatted(natsPort) + String.join("\n", more);
    }

    private static String key(String line) {
        return line.substring(0, line.indexOf(':') + 1);
    }

    static RouterUnderTest start(String... moreYaml) throws Exception {
        var nats = NatsServerProcess.start();
        try {
            return on(nats, yaml(nats.port(), moreYaml));
        } catch (Exception e) {
            nats.close();
            throw e;
        }
    }

    static RouterUnderTest on(NatsServerProcess nats, String yaml) throws Exception {
        var router = new GorouterComponent(GorouterConfig.parse("test.yml", yaml));
        router.start();
        var bus = NatsBus.connect(NatsSettings.plain("test", List.of(nats.url())), new NatsBus.Listener() {});
        return new RouterUnderTest(nats, router, bus);
    }

    static String accessLog(Path file) {
        return "access_log: {file: " + file + "}";
    }

    /** Registers and waits until the route is there. */
    void register(int port, String... uris) {
        register(RegistryMessage.builder("127.0.0.1", List.of(uris)).port(port).build());
    }

    void register(RegistryMessage message) {
        bus.publish(RouterSubjects.REGISTER, message.toEmitterJson());
        int port = message.tlsPort() == 0 ? message.port() : message.tlsPort();
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> message.uris().stream().allMatch(uri -> knows(uri, message.host() + ":" + port)));
    }

    void unregister(int port, String... uris) {
        bus.publish(
                RouterSubjects.UNREGISTER,
                RegistryMessage.builder("127.0.0.1", List.of(uris))
                        .port(port)
                        .build()
                        .toEmitterJson());
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> List.of(uris).stream().noneMatch(uri -> knows(uri, "127.0.0.1:" + port)));
    }

    boolean knows(String uri, String address) {
        var pool = router.table().lookup(uri);
        return pool != null
                && pool.uri().equalsIgnoreCase(uri)
                && pool.endpoints().stream()
                        .anyMatch(endpoint -> endpoint.toString().equals(address));
    }

    RawClient client() throws Exception {
        return new RawClient(router.port());
    }

    String get(String host, String path) throws Exception {
        try (RawClient client = client()) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
            return client.readAll();
        }
    }

    static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    @Override
    public void close() {
        bus.close();
        router.close();
        nats.close();
    }
}
