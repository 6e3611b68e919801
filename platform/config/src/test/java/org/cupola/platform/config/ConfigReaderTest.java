package org.cupola.platform.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigReaderTest {
    @Test
    void readsEveryKindOfValue() throws Exception {
        var reader = ConfigReader.ofYaml("router.yml", """
                port: 8081
                interval: 20s
                trust: true
                zone: z1
                nats:
                  - host: 10.0.0.1
                    port: 4222
                cidrs: [10.0.0.0/8]
                tags: {job: gorouter}
                """);

        assertThat(reader.integer("port", 1, 0, 65535)).isEqualTo(8081);
        assertThat(reader.duration("interval", Duration.ZERO)).isEqualTo(Duration.ofSeconds(20));
        assertThat(reader.bool("trust", false)).isTrue();
        assertThat(reader.string("zone", "")).isEqualTo("z1");
        assertThat(reader.objects("nats").getFirst().string("host", "")).isEqualTo("10.0.0.1");
        assertThat(reader.strings("cidrs")).containsExactly("10.0.0.0/8");
        assertThat(reader.stringMap("tags")).containsEntry("job", "gorouter");
        assertThat(reader.string("absent", "default")).isEqualTo("default");
    }

    @Test
    void reportsAllProblemsTogetherEachWithItsPath() throws Exception {
        var reader = ConfigReader.ofYaml("router.yml", """
                port: 70000
                nats:
                  - host: [a]
                  - 7
                interval: soon
                """);
        reader.integer("port", 1, 0, 65535);
        reader.objects("nats").forEach(nats -> nats.string("host"));
        reader.duration("interval", Duration.ZERO);
        reader.required("name");

        assertThatThrownBy(reader::finish)
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .containsExactlyInAnyOrder(
                                        "port: 70000 (expected: a whole number from 0 to 65535)",
                                        "nats[0].host: ARRAY (expected: text)",
                                        "nats[1]: 7 (expected: a mapping)",
                                        "interval: soon (expected: a duration such as 300ms, 20s or 1m30s)",
                                        "name: missing (expected: a value)"));
    }

    @Test
    void aUrlMustNameAHost() throws Exception {
        var reader = ConfigReader.ofYaml("auctioneer.yml", """
                bbs: https://bbs.internal:8889
                path: /only/a/path
                garbled: "https://a b"
                """);

        assertThat(reader.requiredUrl("bbs", "https://host:1")).hasHost("bbs.internal");
        reader.requiredUrl("path", "https://host:1");
        reader.requiredUrl("garbled", "https://host:1");
        reader.requiredUrl("absent", "https://host:1");

        assertThatThrownBy(reader::finish)
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "path: /only/a/path (expected: a URL such as https://host:1)",
                                        "garbled: https://a b (expected: a URL such as https://host:1)",
                                        "absent: missing (expected: a value)"));
    }

    @Test
    void namesTheKeysThatNobodyAskedFor() throws Exception {
        var reader = ConfigReader.ofJson("bbs.json", "{\"a\":1,\"b\":{\"c\":2,\"d\":3}}");
        reader.object("b").integer("c", 0, 0, 9);

        reader.finish();

        assertThat(reader.unknownKeys()).containsExactlyInAnyOrder("a", "b.d");
    }

    @Test
    void aSectionMayBeReadInSeveralPlaces() throws Exception {
        ConfigReader reader = ConfigReader.ofYaml("uaa.yml", "login: {url: u, text: t, typo: x}");

        assertThat(reader.object("login").string("url")).contains("u");
        assertThat(reader.object("login").string("text")).contains("t");

        assertThat(reader.unknownKeys()).containsExactly("login.typo");
    }

    @Test
    void saysWhereTheSyntaxIsBroken() {
        assertThatThrownBy(() -> ConfigReader.ofJson("bbs.json", "{\n\"a\" 1}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("bbs.json: not valid JSON: line 2, column ");
        assertThatThrownBy(() -> ConfigReader.ofYaml("r.yml", "- a"))
                .hasMessage("r.yml: ARRAY (expected: a YAML mapping)");
        assertThatThrownBy(() -> ConfigReader.yaml(Path.of("/nowhere/r.yml")))
                .hasMessage("/nowhere/r.yml: no such file");
    }

    @Test
    void anEmptyYamlFileIsAnEmptyMapping() throws Exception {
        assertThat(ConfigReader.ofYaml("r.yml", "").keys()).isEmpty();
    }

    @Test
    void readsAddressesOfListeners() throws Exception {
        var config = ConfigReader.ofYaml("x", "a: 127.0.0.1:80\nb: ':81'\nc: '[::1]:82'\nd: nowhere\ne: host:70000");

        assertThat(config.address("a")).contains(new InetSocketAddress("127.0.0.1", 80));
        assertThat(config.address("b")).contains(new InetSocketAddress("0.0.0.0", 81));
        assertThat(config.address("c")).contains(new InetSocketAddress("::1", 82));
        assertThat(config.address("absent")).isEmpty();
        config.address("d");
        config.address("e");
        assertThatThrownBy(config::finish)
                .hasMessageContaining("d: nowhere (expected: host:port)")
                .hasMessageContaining("e: host:70000 (expected: host:port)");
    }

    @Test
    void keysOfJsonMatchInAnyCaseTheExactOneFirst() throws Exception {
        ConfigReader json = ConfigReader.ofJson(
                "f",
                "{\"Host\":\"a\",\"PORT\":1,\"port\":2,\"TLS\":{\"Enabled\":true},\"tags\":{\"A\":\"1\",\"a\":\"2\"}}");

        assertThat(json.string("host")).contains("a");
        assertThat(json.integer("port", 0, 0, 10)).isEqualTo(2);
        assertThat(json.object("tls").bool("enabled", false)).isTrue();
        assertThat(json.stringMap("tags")).containsEntry("A", "1").containsEntry("a", "2");
        assertThat(json.unknownKeys()).containsExactly("PORT");
        assertThat(ConfigReader.ofYaml("f", "Host: a").string("host")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "22",
                "007",
                "0x1F",
                "1.50",
                "1e3",
                "1_000",
                "-0",
                ".5",
                "yes",
                "2020-01-01",
                "12345678901234567890"
            })
    void takesAYamlScalarLiterallyWhereTextIsWanted(String scalar) throws Exception {
        ConfigReader reader = ConfigReader.ofYaml("x.yml", "a: " + scalar + "\nb: [" + scalar + "]");

        assertThat(reader.string("a", "")).isEqualTo(scalar);
        assertThat(reader.strings("b")).containsExactly(scalar);
    }

    @Test
    void numbersOfYamlMayBeWrittenInAnyWay() throws Exception {
        ConfigReader reader = ConfigReader.ofYaml("x.yml", "{a: 0.10, b: [1, 2.50, 1e3], c: ~, d: [1, x]}");

        assertThat(reader.decimal("a", 0, 0, 1)).isEqualTo(0.1);
        assertThat(reader.decimals("b", List.of())).containsExactly(1.0, 2.5, 1000.0);
        assertThat(reader.has("c")).isFalse();
        assertThat(reader.decimals("d", List.of(7.0))).containsExactly(7.0);
        assertThatThrownBy(reader::finish).hasMessage("x.yml: d[1]: x (expected: a number)");
    }

    @Test
    void yamlHasManyWordsForYesAndNo() throws Exception {
        ConfigReader reader = ConfigReader.ofYaml("x.yml", "{a: yes, b: Off, c: y, d: TRUE, e: N, f: true, g: nope}");

        assertThat(reader.bool("a", false)).isTrue();
        assertThat(reader.bool("b", true)).isFalse();
        assertThat(reader.bool("c", false)).isTrue();
        assertThat(reader.bool("d", false)).isTrue();
        assertThat(reader.bool("e", true)).isFalse();
        assertThat(reader.bool("f", false)).isTrue();
        reader.bool("g", true);
        assertThatThrownBy(reader::finish).hasMessage("x.yml: g: nope (expected: true or false)");
        assertThat(ConfigReader.ofJson("x.json", "{\"a\":\"yes\"}").bool("a", false))
                .as("not so in JSON")
                .isFalse();
    }
}
