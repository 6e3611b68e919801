package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.cupola.launcher.demo.CloudFoundryApi;
import org.cupola.launcher.demo.Deployment;
import org.cupola.launcher.demo.SampleApps;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.testing.NatsServerProcess;
import org.cupola.platform.testing.TestPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every component as a process of its own, from the files in {@code examples}, with nats-server and PostgreSQL. */
class SeparateProcessesTest {
    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final List<Integer> PORTS = List.of(
            4222, 8222, 8891, 8889, 8890, 9016, 1800, 1801, 17011, 8081, 8180, 8082, 3000, 3001, 15897, 8182, 8443,
            9023, 4443, 8080, 8090, 8091, 8053);

    @TempDir
    private Path run;

    private final Map<String, String> replacements = new LinkedHashMap<>();
    private final Map<String, ForkedCupola> processes = new LinkedHashMap<>();
    private final List<AutoCloseable> others = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        ForkedCupola rep = processes.get("rep");
        if (rep != null) {
            rep.terminate(); // a killed one would leave its app instances behind
        }
        processes.values().forEach(ForkedCupola::close);
        for (AutoCloseable other : others) {
            other.close();
        }
    }

    @Test
    void aPlatformOfSeparateProcessesRoutesAppsAndOutlivesKilledRouters() throws Exception {
        prepare();
        startAll();
        URI api = URI.create("http://localhost:" + port(8090));
        URI uaa = URI.create("http://localhost:" + port(8091));
        await().atMost(Duration.ofSeconds(180)).ignoreExceptions().until(() -> {
            try (var cf = CloudFoundryApi.login(api, uaa, "admin", "change-me-admin")) {
                return cf.find("/v3/domains?names=tcp.cupola.localhost").isPresent();
            }
        });

        try (var cf = CloudFoundryApi.login(api, uaa, "admin", "change-me-admin")) {
            var deployment = new Deployment(cf, Clock.systemUTC());
            String space = deployment.space("separate", "tests");
            String hello = deployment.app(space, "hello", SampleApps.http());
            deployment.scale(hello, 2, 128);
            deployment.httpRoute(space, hello, "hello", "cupola.localhost");
            deployment.start(hello, 2);
            String echo = deployment.app(space, "echo", SampleApps.tcp());
            deployment.healthCheckByPort(echo);
            String url = deployment.tcpRoute(space, echo, "tcp.cupola.localhost");
            deployment.start(echo, 1);
            int tcpPort = Integer.parseInt(url.substring(url.indexOf(':') + 1));

            await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> hello().status() == 200);
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> echo(tcpPort).equals("ping"));

            processes.get("gorouter").kill();
            processes.get("tcp-router").kill();
            start("gorouter", "gorouter", "-c", "gorouter.yml");
            start("tcp-router", "tcp-router", "-config", "tcp-router.yml");

            await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> hello().status() == 200);
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> echo(tcpPort).equals("ping"));
        }
        assertThat(processes).hasSize(13);
    }

    private HttpLoad.Answer hello() throws IOException {
        return HttpLoad.get("127.0.0.1", port(8080), "hello.cupola.localhost", "/");
    }

    private static String echo(int port) throws IOException {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write("ping".getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private int port(int ofExample) {
        return Integer.parseInt(replacements.get("\\b" + ofExample + "\\b"));
    }

    /** Copies the examples with ports that are free here, and makes databases and certificates. */
    private void prepare() throws Exception {
        PORTS.forEach(port -> replacements.put("\\b" + port + "\\b", Integer.toString(FreePorts.next())));
        DatabaseConfig server = TestPostgres.freshDatabase();
        replacements.put("\\b5432\\b", server.url().replaceAll(".*:(\\d+)/.*", "$1"));
        replacements.put("61000-61099", "61600-61609");
        replacements.put("127\\.0\\.0\\.2", "127.0.0.6");
        replacements.put("\"PATH\": \"", "\"PATH\": \"" + System.getProperty("java.home") + "/bin:");
        try (var connection = DriverManager.getConnection(server.url(), "postgres", "postgres");
                var statement = connection.createStatement()) {
            for (String sql :
                    Files.readString(EXAMPLES.resolve("databases.sql")).split(";")) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        }
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            for (Path file : files.filter(file -> file.toString().matches(".*\\.(yml|json|conf)"))
                    .toList()) {
                String text = Files.readString(file);
                for (var replacement : replacements.entrySet()) {
                    text = Pattern.compile(replacement.getKey()).matcher(text).replaceAll(replacement.getValue());
                }
                Files.writeString(run.resolve(file.getFileName()), text);
            }
        }
        Files.createDirectories(run.resolve("data"));
        Files.createDirectories(run.resolve("logs"));
        ForkedCupola certs = ForkedCupola.startIn(
                run,
                "certs",
                "--out",
                "certs",
                "locket",
                "bbs",
                "auctioneer",
                "rep",
                "route-emitter",
                "gorouter",
                "routing-api",
                "tcp-router",
                "route-registrar",
                "uaa",
                "blobstore",
                "cloud-controller");
        assertThat(certs.exitCode()).as(certs.output()).isZero();
    }

    private void startAll() {
        others.add(NatsServerProcess.startOn(
                port(4222), "-c", run.resolve("nats.conf").toString()));
        start("locket", "locket", "-config", "locket.json");
        start("uaa", "uaa", "--config", "uaa.yml");
        start("blobstore", "blobstore", "-c", "blobstore.yml");
        awaitPorts(8891, 8443);
        start("bbs", "bbs", "-config", "bbs.json");
        start("routing-api", "routing-api", "-config", "routing-api.yml", "-ip", "127.0.0.1");
        start("gorouter", "gorouter", "-c", "gorouter.yml");
        start("cloud-controller", "cloud-controller", "-c", "cloud_controller.yml");
        awaitPorts(8889, 3001, 8081);
        start("auctioneer", "auctioneer", "-config", "auctioneer.json");
        start("rep", "rep", "-config", "rep.json");
        start("tcp-router", "tcp-router", "-config", "tcp-router.yml");
        start("route-emitter", "route-emitter", "-config", "route-emitter.json");
        start("route-registrar", "route-registrar", "-configPath", "route-registrar.json");
        start("load-balancer", "load-balancer", "-c", "load-balancer.yml");
    }

    private void start(String name, String... arguments) {
        processes.put(name, ForkedCupola.startIn(run, arguments));
    }

    private void awaitPorts(int... ofExample) {
        for (int example : ofExample) {
            await(processes.toString()).atMost(Duration.ofSeconds(90)).until(() -> {
                try (var socket = new Socket("127.0.0.1", port(example))) {
                    return socket.isConnected();
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }
}
