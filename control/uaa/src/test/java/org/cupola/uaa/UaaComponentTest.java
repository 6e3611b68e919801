package org.cupola.uaa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.cupola.platform.config.Secret;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.protocol.uaa.TokenClient;
import org.cupola.protocol.uaa.TokenRules;
import org.cupola.protocol.uaa.TokenValidator;
import org.cupola.protocol.uaa.UaaConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UaaComponentTest {
    @TempDir
    private Path directory;

    @Test
    void answersLoginAsJson() {
        var uaa = RunningUaa.on(RunningUaa.Db.SQLITE);

        var reply = uaa.get("/login", "Accept", "application/json");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().path("app").toString()).isEqualTo("{\"version\":\"77.18.0\"}");
        assertThat(reply.json().path("links").toString())
                .isEqualTo("{\"uaa\":\"https://uaa.sys.example.com\",\"login\":\"https://login.sys.example.com\","
                        + "\"passwd\":\"/forgot_password\",\"register\":\"/create_account\"}");
        assertThat(reply.json().path("prompts").toString())
                .isEqualTo("{\"username\":[\"text\",\"Email\"],\"password\":[\"password\",\"Password\"]}");
        assertThat(reply.text("zone_name")).isEqualTo("uaa");
        assertThat(reply.text("entityID")).isEqualTo("login.sys.example.com");
        assertThat(uaa.get("/info").json().path("app")).isEqualTo(reply.json().path("app"));
        assertThat(uaa.get("/healthz").body()).isEqualTo("ok");
        assertThat(uaa.get("/nowhere").status()).isEqualTo(404);
    }

    @Test
    void answersToItsOwnNamesOnly() throws Exception {
        var uaa = RunningUaa.on(RunningUaa.Db.SQLITE);

        assertThat(statusFor(uaa, "uaa.sys.example.com")).isEqualTo(200);
        assertThat(statusFor(uaa, "login.sys.example.com:8443")).isEqualTo(200);
        assertThat(statusFor(uaa, "uaa.service.cf.internal:8443")).isEqualTo(200);
        assertThat(statusFor(uaa, "evil.example.com")).isEqualTo(404);
    }

    private static int statusFor(RunningUaa uaa, String host) throws Exception {
        try (var socket = new java.net.Socket("127.0.0.1", uaa.component.plainPort())) {
            socket.getOutputStream()
                    .write(("GET /info HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            var reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            return Integer.parseInt(reader.readLine().split(" ")[1]);
        }
    }

    @Test
    void publishesItsKeysWithATag() {
        var uaa = RunningUaa.on(RunningUaa.Db.SQLITE);

        var keys = uaa.get("/token_keys");

        assertThat(keys.json().path("keys").size()).isEqualTo(1);
        var key = keys.json().path("keys").path(0);
        assertThat(key.path("kty").asString()).isEqualTo("RSA");
        assertThat(key.path("alg").asString()).isEqualTo("RS256");
        assertThat(key.path("use").asString()).isEqualTo("sig");
        assertThat(key.path("kid").asString()).isEqualTo("key-1");
        assertThat(key.path("e").asString()).isEqualTo("AQAB");
        assertThat(key.path("value").asString()).startsWith("-----BEGIN PUBLIC KEY-----\n");
        assertThat(uaa.get("/token_key").json()).isEqualTo(key);
        assertThat(uaa.get("/token_keys", "If-None-Match", keys.header("etag")).status())
                .isEqualTo(304);
    }

    @Test
    void theDiscoveryDocumentNamesTheIssuerOfItsTokens() {
        var uaa = RunningUaa.on(RunningUaa.Db.SQLITE);

        var document = uaa.get("/.well-known/openid-configuration");

        assertThat(document.text("issuer")).isEqualTo("https://uaa.sys.example.com/oauth/token");
        assertThat(document.text("token_endpoint"))
                .isEqualTo(uaa.uri("/oauth/token").toString());
        assertThat(uaa.get("/oauth/token/.well-known/openid-configuration").json())
                .isEqualTo(document.json());
    }

    /** The checks that the routing tier and the Cloud Controller make. */
    @Test
    void theValidatorsOfOtherComponentsAcceptItsTokens() throws Exception {
        var uaa = RunningUaa.on(RunningUaa.Db.SQLITE);
        try (var clients = HttpClients.create(null, List.of())) {
            var connection = new UaaConnection(uaa.uri(""), clients, Duration.ofSeconds(10));
            var rules =
                    TokenRules.lenient().onlyRsa().issuedBy(connection.issuer()).forAudience("routing.routes");
            var validator = new TokenValidator(connection, rules, uaa.clock);

            String token =
                    new TokenClient(connection, "tcp_emitter", new Secret("tcp-emitter-secret"), uaa.clock).token();

            assertThat(validator.validateHeader("bearer " + token)).isNotNull();
        }
    }

    @Test
    void keepsEverythingOverARestartAndItsOwnKeyToo() {
        var database = DatabaseConfig.sqlite(directory.resolve("uaa.db"));
        String refresh;
        try (var uaa = new RunningUaa(RunningUaa.config(database, "", Map.of()))) {
            uaa.createUser("kept", "secret");
            refresh = uaa.login("kept", "secret").text("refresh_token");
        }

        try (var uaa = new RunningUaa(RunningUaa.config(database, "", Map.of()))) {
            assertThat(uaa.login("kept", "secret").status()).isEqualTo(200);
            assertThat(uaa.token("cf", "", "grant_type=refresh_token&refresh_token=" + refresh)
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void instancesThatShareADatabaseMayStartAtOnce() throws Exception {
        var database = RunningUaa.database(RunningUaa.Db.POSTGRES);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<RunningUaa>> starting = Stream.generate(
                            () -> threads.submit(() -> new RunningUaa(RunningUaa.config(database, "", Map.of()))))
                    .limit(3)
                    .toList();
            List<RunningUaa> instances = new ArrayList<>();
            for (var each : starting) {
                instances.add(each.get());
            }

            String refresh = instances.get(0).login("admin", "admin-password").text("refresh_token");
            for (RunningUaa instance : instances) {
                assertThat(instance.token("cf", "", "grant_type=refresh_token&refresh_token=" + refresh)
                                .text("scope"))
                        .contains("network.admin");
                instance.close();
            }
        }
    }

    /** Run by {@link #losesNothingWhenItIsKilled}. */
    static final class Victim {
        public static void main(String[] arguments) {
            var database = DatabaseConfig.sqlite(Path.of(arguments[0]));
            var uaa = new RunningUaa(RunningUaa.config(database, "", Map.of()));
            String id = uaa.createUser("survivor", "secret");
            uaa.addToGroup("network.admin", id);
            System.out.println("refresh " + uaa.login("survivor", "secret").text("refresh_token"));
            System.out.flush();
        }
    }

    @Test
    void losesNothingWhenItIsKilled() throws Exception {
        Path file = directory.resolve("uaa.db");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String refresh = null;
        try (var reader = process.inputReader()) {
            String line = reader.readLine();
            while (line != null && !line.startsWith("refresh ")) {
                line = reader.readLine();
            }
            assertThat(line).isNotNull();
            refresh = line.substring("refresh ".length());
        } finally {
            process.destroyForcibly().waitFor();
        }

        try (var uaa = new RunningUaa(RunningUaa.config(DatabaseConfig.sqlite(file), "", Map.of()))) {
            assertThat(uaa.login("survivor", "secret").text("scope")).contains("network.admin");
            assertThat(uaa.token("cf", "", "grant_type=refresh_token&refresh_token=" + refresh)
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void rotatesItsKeysWithoutEndingASession() {
        var database = DatabaseConfig.sqlite(directory.resolve("uaa.db"));
        String old = RunningUaa.smallKey();
        String refresh;
        try (var uaa = new RunningUaa(RunningUaa.config(database, "old", Map.of("old", old)))) {
            refresh = uaa.login("admin", "admin-password").text("refresh_token");
            assertThat(RunningUaa.header(refresh).path("kid").asString()).isEqualTo("old");
        }

        Map<String, String> both = Map.of("old", old, "fresh", RunningUaa.smallKey());
        try (var uaa = new RunningUaa(RunningUaa.config(database, "fresh", both))) {
            assertThat(uaa.get("/token_keys").json().path("keys").findValuesAsString("kid"))
                    .containsExactlyInAnyOrder("old", "fresh");
            assertThat(uaa.get("/token_key").text("kid")).isEqualTo("fresh");
            var reply = uaa.token("cf", "", "grant_type=refresh_token&refresh_token=" + refresh);
            assertThat(RunningUaa.header(reply.text("access_token")).path("kid").asString())
                    .isEqualTo("fresh");
        }
    }

    @Test
    void servesByTlsBesideThePlainPort() throws Exception {
        var authority = CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
        var identity = authority.issue("uaa", List.of("localhost", "127.0.0.1"), Duration.ofDays(1));
        Files.writeString(directory.resolve("uaa.crt"), Pem.write(identity.certificate()));
        Files.writeString(directory.resolve("uaa.key"), Pem.write(identity.key()));
        Path file = directory.resolve("uaa.yml");
        Files.writeString(file, """
                server:
                  http: {port: 0}
                  port: 0
                  address: 127.0.0.1
                  ssl:
                    certificate: %1$s/uaa.crt
                    certificate-private-key: %1$s/uaa.key
                """.formatted(directory));
        try (var component = new UaaComponent(UaaConfig.read(file), Clock.systemUTC());
                var clients = HttpClients.create(null, List.of(authority.certificate()))) {
            component.start();

            var reply = clients.client(URI.create("https://127.0.0.1:" + component.tlsPort()), Duration.ofSeconds(5))
                    .build()
                    .blocking()
                    .get("/healthz");

            assertThat(reply.contentUtf8()).isEqualTo("ok");
            assertThat(component.plainPort()).isPositive();
        }
    }

    @Test
    void aTakenPortIsOneClearMessage() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var shape = RunningUaa.config(DatabaseConfig.sqlite(directory.resolve("uaa.db")));
            var config = new UaaConfig(
                    new UaaConfig.Server(new InetSocketAddress("127.0.0.1", taken.getLocalPort()), null, null, 4),
                    shape.urls(),
                    shape.database(),
                    shape.tokens(),
                    shape.lockout(),
                    shape.passwords(),
                    shape.login(),
                    shape.seed(),
                    true,
                    false);
            var component = new UaaComponent(config, Clock.systemUTC());

            assertThatThrownBy(component::start)
                    .hasMessageStartingWith("cannot listen on 127.0.0.1:" + taken.getLocalPort());
            component.close();
        }
    }
}
