package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.cupola.launcher.demo.CloudFoundryApi;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.testing.RealParts;
import org.cupola.platform.testing.TestPostgres;

/**
 * Every component as a process of its own: those of {@code examples/processes}, from the files in {@code examples}, with a
 * real nats-server and PostgreSQL. Only ports differ from what a user of {@code examples/start.sh} gets. As there, a process
 * that ends by itself is started again: the originals, too, leave it to a supervisor to come back after a lost lock.
 */
final class SeparateProcesses implements RunningPlatform {
    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final Executor AFTER_A_SECOND = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);
    /** All that the files name. */
    private static final List<Integer> PORTS = List.of(
            4222, 8222, 8891, 8889, 8890, 9016, 1800, 1801, 17011, 8081, 8180, 8082, 3000, 3001, 15897, 8182, 8443,
            9023, 4443, 8080, 8090, 8091, 8092, 3457, 3458, 8053);

    private static final String TCP_PORTS = "61600-61619";
    private static final String[] CERTIFICATES = {
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
        "cloud-controller",
        "loggregator"
    };

    /** @param port that accepts connections once it serves; 0 for none */
    private record Part(String name, int port, List<String> command) {}

    private final Path run;
    private final Map<String, String> replacements = new LinkedHashMap<>();
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private final Map<String, ForkedCupola> processes = new ConcurrentHashMap<>();
    private final Set<String> supervised = ConcurrentHashMap.newKeySet();

    private SeparateProcesses(Path run) {
        this.run = run;
    }

    static SeparateProcesses start(Path run) throws Exception {
        var platform = new SeparateProcesses(run);
        try {
            platform.prepare();
            platform.startAll();
            platform.awaitApi();
            return platform;
        } catch (Exception | AssertionError e) {
            platform.close();
            throw e;
        }
    }

    @Override
    public Reach reach() {
        return new Reach(
                URI.create("http://localhost:" + port(8090)),
                URI.create("http://localhost:" + port(8091)),
                port(8080),
                "cupola.localhost",
                "sys.cupola.localhost",
                "tcp.cupola.localhost",
                "admin",
                "change-me-admin");
    }

    @Override
    public void stop(String component) {
        supervised.remove(component);
        process(component).terminate();
    }

    @Override
    public void crash(String component) {
        supervised.remove(component);
        process(component).kill();
    }

    @Override
    public void start(String component) {
        launch(parts.get(component));
        awaitServing(parts.get(component));
    }

    @Override
    public void close() {
        synchronized (supervised) {
            supervised.clear();
        }
        ForkedCupola rep = processes.get("rep");
        if (rep != null) {
            rep.terminate(); // a killed one would leave its app instances behind
        }
        processes.values().forEach(ForkedCupola::close);
    }

    private ForkedCupola process(String component) {
        ForkedCupola process = processes.get(component);
        assertThat(process).as(component).isNotNull();
        return process;
    }

    private int port(int ofExample) {
        return Integer.parseInt(replacements.get("\\b" + ofExample + "\\b"));
    }

    /** Copies the examples with ports that are free here, and makes databases and certificates. */
    private void prepare() throws Exception {
        PORTS.forEach(port -> replacements.put("\\b" + port + "\\b", Integer.toString(FreePorts.next())));
        DatabaseConfig server = TestPostgres.freshDatabase();
        replacements.put("\\b5432\\b", server.url().replaceAll(".*:(\\d+)/.*", "$1"));
        replacements.put("61000-61099", TCP_PORTS);
        replacements.put("127\\.0\\.0\\.2", "127.0.0.6");
        replacements.put("\"PATH\": \"", "\"PATH\": \"" + System.getProperty("java.home") + "/bin:");
        makeDatabases(server);
        Files.createDirectories(run.resolve("data"));
        Files.createDirectories(run.resolve("logs"));
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            for (Path file : files.filter(file -> file.toString().matches(".*\\.(yml|json|conf)|.*/processes"))
                    .toList()) {
                Files.writeString(run.resolve(file.getFileName()), withOwnPorts(Files.readString(file)));
            }
        }
        ForkedCupola certificates = ForkedCupola.startIn(run, CERTIFICATES);
        assertThat(certificates.exitCode()).as(certificates.output()).isZero();
    }

    /** Those of an earlier platform on the same server go first. */
    private static void makeDatabases(DatabaseConfig server) throws Exception {
        List<String> statements = Stream.of(
                        Files.readString(EXAMPLES.resolve("databases.sql")).split(";"))
                .map(String::strip)
                .filter(sql -> !sql.isEmpty())
                .toList();
        try (var connection = DriverManager.getConnection(
                        server.url(), server.user(), server.password().value());
                var statement = connection.createStatement()) {
            for (String sql : statements.reversed()) {
                statement.execute(sql.replaceFirst("create (database|role) (\\w+).*", "drop $1 if exists $2"));
            }
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private String withOwnPorts(String text) {
        String own = text;
        for (var replacement : replacements.entrySet()) {
            own = Pattern.compile(replacement.getKey()).matcher(own).replaceAll(replacement.getValue());
        }
        return own;
    }

    private void startAll() throws IOException {
        List<Part> starting = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("processes"))) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.equals("wait")) {
                starting.forEach(this::awaitServing);
                starting.clear();
                continue;
            }
            List<String> words = List.of(line.split("\\s+"));
            int port = words.get(1).equals("-") ? 0 : Integer.parseInt(words.get(1));
            var part = new Part(words.getFirst(), port, words.subList(2, words.size()));
            parts.put(part.name(), part);
            launch(part);
            starting.add(part);
        }
        assertThat(starting).as("started, but not waited for").isEmpty();
    }

    private void launch(Part part) {
        List<String> arguments = part.command().subList(1, part.command().size());
        String program = part.command().getFirst();
        ForkedCupola process = program.equals("cupola")
                ? ForkedCupola.startIn(run, arguments.toArray(String[]::new))
                : ForkedCupola.startProgram(run, RealParts.require(program), arguments);
        processes.put(part.name(), process);
        supervised.add(part.name());
        process.onExit().thenRunAsync(() -> relaunch(part, process), AFTER_A_SECOND);
    }

    private void relaunch(Part part, ForkedCupola ended) {
        synchronized (supervised) {
            if (supervised.contains(part.name()) && processes.get(part.name()) == ended) {
                launch(part);
            }
        }
    }

    private void awaitServing(Part part) {
        await(part.name()).atMost(PATIENCE).until(() -> part.port() == 0 || accepts(part.port()));
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** The Cloud Controller learns of the router group of its TCP domain some time after its own start. */
    private void awaitApi() {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            try (CloudFoundryApi api = login()) {
                return api.find("/v3/domains?names=" + reach().tcpDomain()).isPresent();
            }
        });
    }
}
