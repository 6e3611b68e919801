package org.cupola.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.Secret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NatsConfigTest {
    @TempDir
    Path folder;

    private static NatsConfig parse(String text) throws ConfigException {
        return NatsConfig.parse("nats.conf", text);
    }

    private static Map<String, Object> entries(String text) throws ConfigException {
        return ConfSyntax.parse("nats.conf", text, name -> name.equals("FROM_ENV") ? "7" : null)
                .entries();
    }

    @Test
    void hasTheDefaultsOfNatsServer() throws Exception {
        NatsConfig config = parse("");

        assertThat(config).isEqualTo(NatsConfig.defaults());
        assertThat(config.listen()).isEqualTo(new InetSocketAddress("0.0.0.0", 4222));
        assertThat(config.limits()).isEqualTo(new NatsConfig.Limits(4096, 1048576, 67108864, 65536, 0, 0, 10_000));
        assertThat(config.timing())
                .isEqualTo(new NatsConfig.Timing(
                        Duration.ofMinutes(2),
                        2,
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(10)));
        assertThat(config.authorization().timeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.monitoring()).isNull();
        assertThat(config.tls()).isNull();
    }

    @Test
    void readsWhatCloudFoundryRenders() throws Exception {
        NatsConfig config = parse("""
                # NATS for Cloud Foundry
                net: "10.0.1.5"
                port: 4222
                prof_port: 0
                http: "0.0.0.0:8221"
                debug: false
                trace: false
                logtime: true
                no_sys_acc: true
                write_deadline: "2s"
                authorization {
                  user: "nats"
                  password: "nats-pass"
                  timeout: 15
                }
                cluster {
                  host: "10.0.1.5"
                  port: 4223
                  no_advertise: false
                  authorization { user: "nats" password: "nats-pass" timeout: 15 }
                  routes = [
                    nats-route://nats:nats-pass@10.0.1.5:4223
                    nats-route://nats:nats-pass@10.0.1.6:4223
                  ]
                }
                """);

        assertThat(config.listen()).isEqualTo(new InetSocketAddress("10.0.1.5", 4222));
        assertThat(config.timing().writeDeadline()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.authorization().users())
                .containsExactly(new NatsConfig.User("nats", new Secret("nats-pass"), false, UserPermissions.ALL));
        assertThat(config.authorization().timeout()).isEqualTo(Duration.ofSeconds(15));
        assertThat(config.monitoring())
                .isEqualTo(new NatsConfig.Monitoring(new InetSocketAddress("0.0.0.0", 8221), "", false));
        assertThat(config.toString()).doesNotContain("nats-pass");
    }

    @ParameterizedTest
    @CsvSource({"1k,1000", "1kb,1024", "1KiB,1024", "2M,2000000", "2MB,2097152", "1G,1000000000", "3,3"})
    void readsSizes(String text, long expected) throws Exception {
        assertThat(parse("max_pending: " + text).limits().maxPendingBytes()).isEqualTo(expected);
    }

    @Test
    void takesTheWinningName() throws Exception {
        assertThat(parse("listen: 127.0.0.1:5222\nport: 1").listen())
                .isEqualTo(new InetSocketAddress("127.0.0.1", 5222));
        assertThat(parse("listen: 5222").listen()).isEqualTo(new InetSocketAddress("0.0.0.0", 5222));
        assertThat(parse("listen: \"[::1]:5222\"").listen()).isEqualTo(new InetSocketAddress("::1", 5222));
        assertThat(parse("Port: -1").listen().getPort()).isZero();
        assertThat(parse("http_port: 8222\nhost: 127.0.0.1").monitoring())
                .isEqualTo(new NatsConfig.Monitoring(new InetSocketAddress("127.0.0.1", 8222), "", false));
        assertThat(parse("max_conn: 3\nmax_subs: 4").limits().maxConnections()).isEqualTo(3);
    }

    @Test
    void understandsTheSyntax() throws Exception {
        assertThat(entries("""
                a = 1; b: two, c "three # not a comment" // a comment
                'd' : { e on  # another
                  f: [ 1, "x", y
                       2.5, {g: no} ] }
                h: (
                  a block
                  of text
                )
                i: -3
                big: 99999999999999999999
                url: nats://a:b@c:4222
                hash: $2a$11$abc
                esc: "tab\\tquote\\" \\x41"
                """))
                .containsEntry("a", 1L)
                .containsEntry("b", "two")
                .containsEntry("c", "three # not a comment")
                .containsEntry("d", Map.of("e", true, "f", List.of(1L, "x", "y", 2.5, Map.of("g", false))))
                .containsEntry("h", "a block\n  of text")
                .containsEntry("i", -3L)
                .containsEntry("big", "99999999999999999999")
                .containsEntry("url", "nats://a:b@c:4222")
                .containsEntry("hash", "$2a$11$abc")
                .containsEntry("esc", "tab\tquote\" A");
        assertThat(entries("{\"port\": 4333, \"authorization\": {\"token\": \"x\"}}"))
                .containsEntry("port", 4333L)
                .containsEntry("authorization", Map.of("token", "x"));
    }

    @Test
    void resolvesVariables() throws Exception {
        assertThat(entries("P: 1\nx { P: 2\n y: $P\n }\nz: $P\nw: $FROM_ENV"))
                .containsEntry("x", Map.of("P", 2L, "y", 2L))
                .containsEntry("z", 1L)
                .containsEntry("w", 7L);
        assertThat(parse("MY_PORT: 4321\nport: $MY_PORT").listen().getPort()).isEqualTo(4321);
    }

    @Test
    void includesFiles() throws Exception {
        Files.createDirectory(folder.resolve("sub"));
        Files.writeString(folder.resolve("nats.conf"), "port: 4444\ninclude ./sub/auth.conf\n");
        Files.writeString(folder.resolve("sub/auth.conf"), "authorization { token: \"t\" }");

        NatsConfig config = NatsConfig.read(folder.resolve("nats.conf"), Map.of("port", 5555));

        assertThat(config.listen().getPort()).isEqualTo(5555);
        assertThat(config.authorization().token()).isEqualTo(new Secret("t"));
    }

    @Test
    void refusesAFileThatIncludesItself() throws Exception {
        Path file = Files.writeString(folder.resolve("nats.conf"), "include nats.conf");

        assertThatThrownBy(() -> NatsConfig.read(file)).isInstanceOf(ConfigException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "port: 70000 | port: 70000 (expected: a whole number from -1 to 65535)",
                "bogus: 1 | bogus: unknown (expected: a setting of the NATS core protocol)",
                "authorization { bogus: 1 } | authorization.bogus: unknown",
                "jetstream: on | jetstream: not supported by this server",
                "accounts { A: {} } | accounts: not supported by this server",
                "ping_interval: soon | ping_interval: soon (expected: a duration",
                "port: $NOT_SET_ANYWHERE | line 1: $NOT_SET_ANYWHERE: not set",
                "authorization { token: a, user: b, password: c } | authorization.token: beside users",
                "authorization { users: [ {password: x} ] } | authorization.users[0].user: missing",
                "authorization { users: [ {nkey: UABC} ] } | authorization.users[0].nkey: UABC",
                "no_auth_user: x | no_auth_user: x (expected: one of the users)",
                "tls { cert_file: x } | tls.key_file: missing",
                "tls { cert_file: '/nowhere', key_file: '/nowhere' } | tls.cert_file: /nowhere: cannot be read",
                "tls { curve_preferences: [Q] } | tls.curve_preferences: Q",
                "a { | line 1: end of file (expected: '}')",
                "a: [1 | line 1: end of file (expected: ']')",
                "a: \"x | line 1: end of file (expected: \")",
                "a: | line 1: a: nothing (expected: a value)",
                "] | line 1: ']' (expected: a key)",
                "https: 8443 | https: 8443 (expected: a tls section)"
            })
    void saysWhatIsWrong(String text, String expected) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("nats.conf: " + expected);
    }

    @Test
    void reportsAllProblemsTogether() {
        assertThatThrownBy(() -> parse("port: x\nmax_payload: 0\nwrong: 1\n"))
                .isInstanceOfSatisfying(
                        ConfigException.class, e -> assertThat(e.problems()).hasSize(3));
    }

    @Test
    void survivesDeepNesting() {
        assertThatThrownBy(() -> parse("a: ".repeat(1) + "{a:".repeat(10_000))).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> parse("a: " + "[".repeat(10_000))).isInstanceOf(ConfigException.class);
    }
}
