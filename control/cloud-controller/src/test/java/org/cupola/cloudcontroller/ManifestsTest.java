package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Manifests: what they do, what they would do, how they are refused. */
class ManifestsTest {
    @TempDir
    static Path directory;

    private static Cloud cloud;
    private static String space;

    @BeforeAll
    static void start() throws Exception {
        cloud = new Cloud(directory);
        space = cloud.space(cloud.org("acme"), "dev");
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    private static Cloud.Answer apply(String yaml) {
        return cloud.yaml("/v3/spaces/" + space + "/actions/apply_manifest", yaml);
    }

    private static JsonNode diff(String yaml) {
        return cloud.yaml("/v3/spaces/" + space + "/manifest_diff", yaml)
                .expect(201)
                .body()
                .path("diff");
    }

    private static String app(String name) {
        return cloud.get("/v3/apps?names=" + name)
                .body()
                .path("resources")
                .path(0)
                .path("guid")
                .asString();
    }

    @Test
    void makesAnAppAsDescribed() {
        cloud.complete(apply("""
                applications:
                - name: full
                  stack: cflinuxfs4
                  buildpacks: [binary_buildpack]
                  env: {A: 1, B: true, C: text}
                  features: {ssh: false}
                  metadata: {labels: {team: red}}
                  routes:
                  - route: full.apps.test/path
                  - route: https://second.apps.test
                    protocol: http2
                  processes:
                  - type: web
                    instances: 2
                    memory: 96M
                    disk_quota: 512MB
                    command: ./serve
                    health-check-type: http
                    health-check-http-endpoint: /ok
                    timeout: 10
                  - type: worker
                    memory: 1G
                """));

        String app = app("full");
        JsonNode web =
                cloud.get("/v3/apps/" + app + "/processes/web").expect(200).body();
        assertThat(web.path("instances").asInt()).isEqualTo(2);
        assertThat(web.path("memory_in_mb").asInt()).isEqualTo(96);
        assertThat(web.path("disk_in_mb").asInt()).isEqualTo(512);
        assertThat(web.path("command").asString()).isEqualTo("./serve");
        assertThat(web.path("health_check").toString())
                .isEqualTo(
                        "{\"type\":\"http\",\"data\":{\"timeout\":10,\"invocation_timeout\":null,\"interval\":null,\"endpoint\":\"/ok\"}}");
        JsonNode worker =
                cloud.get("/v3/apps/" + app + "/processes/worker").expect(200).body();
        assertThat(worker.path("instances").asInt()).isZero();
        assertThat(worker.path("memory_in_mb").asInt()).isEqualTo(1024);
        assertThat(cloud.get("/v3/apps/" + app + "/environment_variables")
                        .body()
                        .path("var")
                        .toString())
                .isEqualTo("{\"A\":\"1\",\"B\":\"true\",\"C\":\"text\"}");
        assertThat(cloud.get("/v3/apps/" + app + "/routes")
                        .body()
                        .path("resources")
                        .valueStream()
                        .map(route -> route.path("url").asString()))
                .containsExactlyInAnyOrder("full.apps.test/path", "second.apps.test");
        assertThat(cloud.get("/v3/apps/" + app + "/ssh_enabled")
                        .body()
                        .path("reason")
                        .asString())
                .isEqualTo("ssh is disabled for app");
        assertThat(cloud.get("/v3/apps?label_selector=team%3Dred")
                        .body()
                        .path("resources")
                        .size())
                .isEqualTo(1);
    }

    @Test
    void inventsRoutesOnlyForAppsWithoutOne() {
        String manifest = "applications: [{name: invented, %s: true}]";
        cloud.complete(apply(manifest.formatted("random-route")));
        cloud.complete(apply(manifest.formatted("default-route")));

        JsonNode routes =
                cloud.get("/v3/apps/" + app("invented") + "/routes").body().path("resources");
        assertThat(routes.size()).isEqualTo(1);
        assertThat(routes.path(0).path("url").asString()).matches("invented-[a-z]+-[a-z]+-[a-z]{2}\\.apps\\.test");

        cloud.complete(apply(manifest.formatted("no-route")));
        assertThat(cloud.get("/v3/apps/" + app("invented") + "/routes")
                        .body()
                        .path("resources")
                        .size())
                .isZero();
    }

    @Test
    void reportsWhatGoesWrongWithTheAppsName() {
        JsonNode job = cloud.await(apply("applications: [{name: lost, routes: [{route: lost.nowhere.example}]}]"))
                .body();

        assertThat(job.path("state").asString()).isEqualTo("FAILED");
        assertThat(job.path("errors").path(0).path("code").asInt()).isEqualTo(10008);
        assertThat(job.path("errors").path(0).path("detail").asString())
                .isEqualTo(
                        "For application 'lost': For route 'lost.nowhere.example': No domains exist for route lost.nowhere.example");
        assertThat(cloud.await(apply("applications: [{name: served, services: [db]}]"))
                        .body()
                        .path("errors")
                        .path(0)
                        .path("detail")
                        .asString())
                .isEqualTo("For application 'served': Service instance 'db' not found");
    }

    @Test
    void refusesBrokenManifestsWithoutApplyingAnything() {
        assertThat(apply("applications: [").expect(400).code()).isEqualTo(1001);
        assertThat(apply("apps: []").expect(422).error())
                .isEqualTo("Cannot parse manifest with no 'applications' field.");
        assertThat(apply("version: 2\napplications: []").expect(422).error())
                .isEqualTo("Unsupported manifest schema version. Currently supported versions: [1].");
        assertThat(apply("applications:\n- &base\n  name: x\n- *base")
                        .expect(400)
                        .error())
                .isEqualTo("Bad request: Manifest does not support Anchors and Aliases");
        assertThat(apply("applications: [{name: bad, memory: 64, instances: -1}]")
                        .expect(422)
                        .body()
                        .path("errors"))
                .extracting(error -> error.path("detail").asString())
                .containsExactly(
                        "For application 'bad': Process \"web\": Memory must use a supported unit: B, K, KB, M, MB, G, GB, T, or TB",
                        "For application 'bad': Process \"web\": Instances must be greater than or equal to 0");
        assertThat(apply("applications: [{instances: 1}]").expect(422).error())
                .isEqualTo("For application at index 0: Name must not be empty");
        assertThat(app("bad")).isEmpty();
        assertThat(cloud.post("/v3/spaces/" + space + "/actions/apply_manifest", "{}")
                        .expect(400)
                        .error())
                .contains("Content-Type must be yaml");
    }

    @Test
    void tellsWhatWouldChange() {
        cloud.complete(apply("applications: [{name: compared, memory: 64M, instances: 1, env: {A: a}}]"));

        JsonNode diff = diff("""
                applications:
                - name: compared
                  memory: 65536K
                  instances: 3
                  env: {A: b, N: new}
                  routes: [{route: compared.apps.test}]
                - name: fresh
                  memory: 1G
                  command: run
                """);

        assertThat(diff)
                .extracting(JsonNode::toString)
                .containsExactly(
                        "{\"op\":\"replace\",\"path\":\"/applications/0/instances\",\"was\":1,\"value\":3}",
                        "{\"op\":\"replace\",\"path\":\"/applications/0/env/A\",\"was\":\"a\",\"value\":\"b\"}",
                        "{\"op\":\"add\",\"path\":\"/applications/0/env/N\",\"value\":\"new\"}",
                        "{\"op\":\"add\",\"path\":\"/applications/0/routes\",\"value\":[{\"route\":\"compared.apps.test\"}]}",
                        "{\"op\":\"add\",\"path\":\"/applications/1/name\",\"value\":\"fresh\"}",
                        "{\"op\":\"add\",\"path\":\"/applications/1/command\",\"value\":\"run\"}");
    }

    @Test
    void writesWhatItWouldReadWithoutADifference() {
        cloud.complete(apply("applications: [{name: written, memory: 64M, default-route: true, env: {A: a}}]"));

        byte[] yaml = cloud.exchange(
                        "GET", "/v3/apps/" + app("written") + "/manifest", "application/json", BodyPublishers.noBody())
                .body();

        assertThat(diff(new String(yaml, StandardCharsets.UTF_8)).size()).isZero();
        assertThat(new String(yaml, StandardCharsets.UTF_8)).contains("written.apps.test");
    }

    @Test
    void refusesContradictions() {
        assertThatThrownBy(
                        () -> ManifestFile.parse("applications: [{name: x, random-route: true, default-route: true}]"))
                .hasMessageContaining("Random-route and default-route may not be used together");
        assertThatThrownBy(() -> ManifestFile.parse("applications: [{name: x, buildpack: a, buildpacks: [b]}]"))
                .hasMessageContaining("Buildpack and Buildpacks fields cannot be used together.");
        assertThatThrownBy(() -> ManifestFile.parse("applications: [{name: x, env: {VCAP_A: 1}}]"))
                .hasMessageContaining("cannot start with VCAP_");
    }
}
