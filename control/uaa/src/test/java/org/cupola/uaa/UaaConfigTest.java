package org.cupola.uaa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UaaConfigTest {
    @TempDir
    private Path directory;

    @Test
    void anEmptyFileIsAUsableServer() throws Exception {
        UaaConfig config = read("");

        assertThat(config.server().plain().getPort()).isEqualTo(8080);
        assertThat(config.server().plain().getAddress().isLoopbackAddress()).isTrue();
        assertThat(config.server().tls()).isNull();
        assertThat(config.database().url()).isEqualTo("jdbc:sqlite:" + directory.resolve("uaa.db"));
        assertThat(config.tokens().accessValidity()).isEqualTo(Duration.ofSeconds(43_200));
        assertThat(config.tokens().refreshValidity()).isEqualTo(Duration.ofDays(30));
        assertThat(config.tokens().refreshOpaque()).isTrue();
        assertThat(config.lockout()).isEqualTo(new LockoutPolicy(5, Duration.ofSeconds(1200), Duration.ofSeconds(300)));
        assertThat(config.passwords()).isEqualTo(PasswordPolicy.NONE);
        assertThat(config.seed().defaultGroups()).contains("openid", "uaa.user", "cloud_controller.write");
        assertThat(config.urls().tokenIssuer()).isEqualTo("http://localhost:8080/oauth/token");
    }

    @Test
    void readsUsersAndClientsOfADeployment() throws Exception {
        UaaConfig config = read("""
                scim:
                  users:
                    - marissa|koala|marissa@test.org|Marissa|Bloggs|uaa.user, scim.read|uaa
                    - joe@example.com|pw
                oauth:
                  user:
                    authorities: [openid, uaa.user]
                  clients:
                    app:
                      authorized-grant-types: authorization_code
                      redirect-uri: http://a,http://b
                      autoapprove: [openid]
                      secret: [one, two]
                      override: false
                """);

        assertThat(config.seed().defaultGroups()).containsExactly("openid", "uaa.user");
        Seed.SeedUser marissa = config.seed().users().get(0);
        assertThat(marissa.groups()).containsExactly("uaa.user", "scim.read");
        assertThat(marissa.toString()).doesNotContain("koala");
        Seed.SeedUser joe = config.seed().users().get(1);
        assertThat(joe.email()).isEqualTo("joe@example.com");
        assertThat(joe.givenName()).isEqualTo("joe");
        assertThat(joe.familyName()).isEqualTo("example.com");
        Seed.SeedClient app = config.seed().clients().getFirst();
        assertThat(app.client().grantTypes()).containsExactly("authorization_code", "refresh_token");
        assertThat(app.client().redirectUris()).containsExactly("http://a", "http://b");
        assertThat(app.secrets()).hasSize(2);
        assertThat(app.override()).isFalse();
    }

    @Test
    void reportsAllProblemsTogether() {
        assertThatThrownBy(() -> read("""
                        server:
                          http: {port: 99999}
                        uaa: {url: "not a url"}
                        database: {url: "jdbc:oracle:x"}
                        jwt:
                          token:
                            refresh: {format: paper}
                            policy:
                              activeKeyId: two
                              keys:
                                one: {signingKey: "-----BEGIN RSA PRIVATE KEY-----"}
                                three: {signingKey: shared-secret}
                        scim:
                          users: ["|no-name"]
                        oauth:
                          clients:
                            empty: {secret: x}
                        """))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .hasSize(8)
                                .anyMatch(line -> line.startsWith("server.http.port: 99999 (expected: "))
                                .anyMatch(line -> line.startsWith("uaa.url: not a url (expected: a URL"))
                                .anyMatch(line -> line.startsWith("database.url: jdbc:oracle:x"))
                                .anyMatch(line -> line.startsWith("jwt.token.refresh.format: paper (expected: one of"))
                                .anyMatch(line ->
                                        line.startsWith("jwt.token.policy.activeKeyId: two (expected: one of three)"))
                                .anyMatch(line -> line.startsWith("jwt.token.policy.keys.one.signingKey: "))
                                .anyMatch(line -> line.startsWith("scim.users[0]: no name"))
                                .anyMatch(line ->
                                        line.startsWith("oauth.clients.empty.authorized-grant-types: missing")));
    }

    @Test
    void theServerSectionMayStandBesideIt() throws Exception {
        Files.writeString(directory.resolve("application.yml"), "server: {http: {port: 8181}}");

        assertThat(read("").server().plain().getPort()).isEqualTo(8181);
    }

    @Test
    void passwordsAreHeldAgainstThePolicy() {
        var policy = new PasswordPolicy(8, 12, 1, 1, 1, 1);

        assertThat(policy.violations("Passw0rd!")).isEmpty();
        assertThat(policy.violations("a")).hasSize(4);
        assertThat(policy.violations("Aa1!Aa1!Aa1!Aa1!"))
                .isEqualTo(List.of("Password must be no more than 12 characters in length."));
    }

    private UaaConfig read(String yaml) throws Exception {
        Path file = directory.resolve("uaa.yml");
        Files.writeString(file, yaml);
        return UaaConfig.read(file);
    }
}
