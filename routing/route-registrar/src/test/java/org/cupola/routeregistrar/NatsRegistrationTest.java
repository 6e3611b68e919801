package org.cupola.routeregistrar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.platform.config.Secret;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.testing.NatsServerProcess;
import org.cupola.platform.testing.TestCertificates;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import org.cupola.routeregistrar.RunningRegistrar.Listener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP routes over a real nats-server. */
class NatsRegistrationTest {
    private static NatsServerProcess nats;

    @TempDir
    Path folder;

    @BeforeAll
    static void startNats() {
        nats = NatsServerProcess.start();
    }

    @AfterAll
    static void stopNats() {
        nats.close();
    }

    private static String config(int port, String more) {
        return "{\"message_bus_servers\":[{\"host\":\"127.0.0.1:" + port + "\",\"user\":\"\",\"password\":\"\"}],"
                + "\"host\":\"10.0.4.7\"," + more + "}";
    }

    private static String route(String name, String interval, String more) {
        return "{\"name\":\"" + name + "\",\"port\":8080,\"uris\":[\"" + name
                + ".example.org\"],\"registration_interval\":\"" + interval + "\"" + more + "}";
    }

    @Test
    void sendsTheOriginalsMessageAtOnceAndUnregistersAtTheEnd() throws Exception {
        String routes = """
                "availability_zone":"z1","routes":[
                 {"name":"uaa","tls_port":8443,"uris":["uaa.sys.example.org","*.login.sys.example.org"],
                  "tags":{"component":"uaa"},"server_cert_domain_san":"uaa.service.cf.internal",
                  "registration_interval":"1h","options":{"loadbalancing":"least-connection"}},
                 {"name":"plain","port":9022,"protocol":"http1","uris":["p.example.org"],"registration_interval":"1h",
                  "route_service_url":"https://rs.example.org","host":"10.0.4.9"}]
                """;
        try (var listener = new Listener(nats.url())) {
            try (var registrar = RunningRegistrar.start(folder, config(nats.port(), routes))) {
                listener.awaitAtLeast(2, "register");
                assertThat(registrar).isNotNull();
            }
            listener.awaitAtLeast(2, "unregister");

            String uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
            assertThat(listener.messages.stream().filter(message -> message.contains("uaa")))
                    .allSatisfy(message -> assertThat(message)
                            .matches(
                                    "(un)?register \\{\"uris\":\\[\"uaa.sys.example.org\",\"\\*.login.sys.example.org\"\\],"
                                            + "\"host\":\"10.0.4.7\",\"tls_port\":8443,\"tags\":\\{\"component\":\"uaa\"},"
                                            + "\"private_instance_id\":\"" + uuid
                                            + "\",\"server_cert_domain_san\":\"uaa.service.cf.internal\",\"availability_zone\":\"z1\","
                                            + "\"options\":\\{\"loadbalancing\":\"least-connection\"}}"))
                    .hasSize(2);
            assertThat(listener.messages.stream().filter(message -> message.contains("p.example")))
                    .allSatisfy(message -> assertThat(message)
                            .matches("(un)?register \\{\"uris\":\\[\"p.example.org\"\\],\"host\":\"10.0.4.9\","
                                    + "\"protocol\":\"http1\",\"port\":9022,\"tags\":null,"
                                    + "\"route_service_url\":\"https://rs.example.org\",\"private_instance_id\":\""
                                    + uuid
                                    + "\",\"availability_zone\":\"z1\"}"))
                    .hasSize(2);
            assertThat(listener.messages.stream()
                            .map(message -> message.replaceAll(".*private_instance_id\":\"([^\"]*).*", "$1"))
                            .distinct())
                    .hasSize(1);
        }
    }

    @Test
    void keysMatchInAnyCase() throws Exception {
        String shouted = config(
                nats.port(),
                "\"Routes\":[{\"NAME\":\"loud\",\"Port\":8080,\"URIs\":[\"loud.example.org\"],\"Tags\":{\"Key\":\"Value\"},"
                        + "\"Registration_Interval\":\"1h\"}]");
        try (var listener = new Listener(nats.url());
                var registrar = RunningRegistrar.start(folder, shouted)) {
            listener.awaitAtLeast(1, "register");
            assertThat(listener.messages.getFirst()).contains("loud.example.org", "{\"Key\":\"Value\"}");
            assertThat(registrar).isNotNull();
        }
    }

    @Test
    void registersOverMutualTls() throws Exception {
        var certificates = new TestCertificates(folder);
        certificates.issue("nats", "127.0.0.1");
        certificates.issue("registrar");
        String tls =
                "\"nats_mtls_config\":{\"enabled\":true,\"cert_path\":\"" + certificates.certificateFile("registrar")
                        + "\",\"key_path\":\"" + certificates.keyFile("registrar") + "\",\"ca_path\":\""
                        + certificates.authorityFile() + "\"},\"routes\":[" + route("secret", "1h", "") + "]";
        try (var secured = NatsServerProcess.start(
                        "--tlsverify",
                        "--tlscert=" + certificates.certificateFile("nats"),
                        "--tlskey=" + certificates.keyFile("nats"),
                        "--tlscacert=" + certificates.authorityFile());
                var bus = NatsBus.connect(
                        new NatsSettings(
                                "test",
                                List.of(secured.url()),
                                "",
                                Secret.NONE,
                                Secret.NONE,
                                true,
                                certificates.issue("listener"),
                                certificates.authorities(),
                                5,
                                Duration.ofSeconds(20),
                                Duration.ofMillis(500)),
                        new NatsBus.Listener() {})) {
            var messages = new CopyOnWriteArrayList<String>();
            bus.subscribe("router.*", (subject, replyTo, data) -> messages.add(subject));
            bus.flush(Duration.ofSeconds(30));

            try (var registrar = RunningRegistrar.start(folder, config(secured.port(), tls))) {
                await().atMost(Duration.ofSeconds(30)).until(() -> messages.contains("router.register"));
                assertThat(registrar).isNotNull();
            }

            await().atMost(Duration.ofSeconds(30)).until(() -> messages.contains("router.unregister"));
        }
    }

    @Test
    void registersAgainAtEveryInterval() throws Exception {
        try (var listener = new Listener(nats.url());
                var registrar = RunningRegistrar.start(
                        folder, config(nats.port(), "\"routes\":[" + route("often", "50ms", "") + "]"))) {
            listener.awaitAtLeast(4, "register");
            assertThat(registrar).isNotNull();
        }
    }

    @Test
    void answersARouterThatHasJustStarted() throws Exception {
        try (var listener = new Listener(nats.url());
                var registrar = RunningRegistrar.start(
                        folder, config(nats.port(), "\"routes\":[" + route("rare", "1h", "") + "]"))) {
            listener.awaitAtLeast(1, "register");

            listener.say("router.start");

            listener.awaitAtLeast(2, "register");
            assertThat(registrar).isNotNull();
        }
    }

    @Test
    void anUnhealthyRouteIsUnregisteredOnlySoOften() throws Exception {
        Path healthy = folder.resolve("healthy");
        String check =
                ",\"health_check\":{\"name\":\"c\",\"script_path\":\"test -e " + healthy + "\",\"timeout\":\"4s\"}";
        String routes = "\"unregistration_message_limit\":2,\"routes\":[" + route("sick", "5s", check) + "]";
        try (var listener = new Listener(nats.url());
                var registrar = RunningRegistrar.start(folder, config(nats.port(), routes))) {
            listener.awaitAtLeast(1, "unregister");
            listener.say("router.start");
            listener.awaitAtLeast(2, "unregister");
            listener.say("router.start");

            Files.createFile(healthy);
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                listener.say("router.start");
                return listener.count("register") >= 1;
            });
            assertThat(listener.count("unregister")).isEqualTo(2);

            Files.delete(healthy);
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                listener.say("router.start");
                return listener.count("unregister") == 4;
            });
            assertThat(registrar).isNotNull();
        }
    }

    @Test
    void outlivesNatsAndAnnouncesAgainWhenItIsBack() throws Exception {
        int port = FreePorts.next();
        String config = config(port, "\"routes\":[" + route("patient", "500ms", "") + "]");
        try (var registrar = RunningRegistrar.start(folder, config)) {
            try (var first = NatsServerProcess.startOn(port);
                    var listener = new Listener(first.url())) {
                listener.awaitAtLeast(1, "register");
            }
            try (var second = NatsServerProcess.startOn(port);
                    var listener = new Listener(second.url())) {
                listener.awaitAtLeast(1, "register");
            }
            assertThat(registrar).isNotNull();
        }
    }

    @Test
    void followsDynamicFiles() throws Exception {
        Path dynamic = Files.createDirectories(folder.resolve("jobs/a/config")).resolve("config.yml");
        String globs = "\"dynamic_config_globs\":[\"" + folder + "/jobs/*/config/c*.yml\"]";
        try (var listener = new Listener(nats.url());
                var registrar = RunningRegistrar.start(folder, config(nats.port(), globs))) {
            write(dynamic, """
                    routes:
                    - {name: one, port: 1001, uris: [one.example.org], registration_interval: 1h}
                    - {name: two, port: 1002, uris: [two.example.org], registration_interval: 1h}
                    - {name: three, port: 1003, uris: [three.example.org], registration_interval: 1h}
                    - {name: wrong, port: 1004}
                    """);
            listener.awaitAtLeast(3, "register");

            write(
                    dynamic,
                    "routes: [{name: three, port: 1003, uris: [three.example.org], registration_interval: 1h}]\n");
            listener.awaitAtLeast(2, "unregister");
            assertThat(listener.messages.stream().filter(message -> message.startsWith("unregister")))
                    .allMatch(message -> !message.contains("three"));

            write(dynamic, "routes: [");
            write(
                    dynamic.resolveSibling("c2.yml"),
                    "routes: [{name: four, port: 1, uris: [four], registration_interval: 1h}]\n");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> listener.messages.stream().anyMatch(message -> message.contains("four")));
            assertThat(listener.count("unregister")).isEqualTo(2);

            Files.delete(dynamic);
            listener.awaitAtLeast(3, "unregister");
            assertThat(registrar).isNotNull();
        }
    }

    @Test
    void aChangedDynamicRouteEndsUpRegistered() throws Exception {
        Path dynamic = folder.resolve("routes.yml");
        write(dynamic, "routes: [{name: a, port: 1, uris: [a], tags: {v: old}, registration_interval: 1h}]\n");
        try (var listener = new Listener(nats.url());
                var registrar = RunningRegistrar.start(
                        folder, config(nats.port(), "\"dynamic_config_globs\":[\"" + dynamic + "\"]"))) {
            listener.awaitAtLeast(1, "register");

            write(dynamic, "routes: [{name: a, port: 1, uris: [a], tags: {v: new}, registration_interval: 1h}]\n");

            listener.awaitAtLeast(1, "unregister");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> listener.messages.getLast().startsWith("register")
                            && listener.messages.getLast().contains("new"));
            assertThat(registrar).isNotNull();
        }
    }

    /** In one step, so that no scan sees half a file. */
    private void write(Path file, String text) throws Exception {
        Path draft = folder.resolve("draft");
        Files.writeString(draft, text);
        Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
