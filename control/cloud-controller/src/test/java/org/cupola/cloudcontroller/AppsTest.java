package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Apps and their processes: rules, refusals, instances. */
class AppsTest {
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

    private static String running(String name) {
        String app = cloud.app(space, name);
        cloud.assign(app, cloud.droplet(app));
        cloud.post("/v3/apps/" + app + "/actions/start", "").expect(200);
        return app;
    }

    @Test
    void namesAreUniqueInASpace() {
        cloud.app(space, "unique");

        assertThat(cloud.post(
                                "/v3/apps",
                                "{\"name\":\"unique\",\"relationships\":{\"space\":{\"data\":{\"guid\":\"" + space
                                        + "\"}}}}")
                        .expect(422)
                        .error())
                .isEqualTo("App with the name 'unique' already exists.");
    }

    @Test
    void startsOnlyWithADroplet() {
        String app = cloud.app(space, "empty");

        assertThat(cloud.post("/v3/apps/" + app + "/actions/start", "")
                        .expect(422)
                        .error())
                .isEqualTo("Assign a droplet before starting this app.");
        assertThat(cloud.patch(
                                "/v3/apps/" + app + "/relationships/current_droplet",
                                "{\"data\":{\"guid\":\"nothing\"}}")
                        .expect(422)
                        .error())
                .isEqualTo("Unable to assign current droplet. Ensure the droplet exists and belongs to this app.");
        assertThat(cloud.get("/v3/apps/" + app + "/droplets/current")
                        .expect(404)
                        .error())
                .isEqualTo("Droplet not found");
    }

    @Test
    void mergesEnvironmentVariables() {
        String app = cloud.app(space, "environment");
        String path = "/v3/apps/" + app + "/environment_variables";
        cloud.patch(path, "{\"var\":{\"A\":\"1\",\"B\":\"2\"}}").expect(200);

        assertThat(cloud.patch(path, "{\"var\":{\"A\":null,\"C\":\"3\"}}")
                        .expect(200)
                        .body()
                        .path("var")
                        .toString())
                .isEqualTo("{\"B\":\"2\",\"C\":\"3\"}");
        assertThat(cloud.patch(path, "{\"var\":{\"VCAP_X\":\"1\"}}").expect(422).error())
                .contains("cannot start with VCAP_");
        assertThat(cloud.patch(path, "{\"var\":{\"port\":\"1\"}}").expect(422).error())
                .contains("cannot set PORT");
        assertThat(cloud.patch(path, "{\"var\":{\"N\":5}}").expect(422).error())
                .isEqualTo("Non-string value in environment variable for key 'N', value '5'");
    }

    @Test
    void scalesWithinBounds() {
        String app = running("scaled");
        String scale = "/v3/apps/" + app + "/processes/web/actions/scale";

        assertThat(cloud.post(scale, "{\"instances\":-1}").expect(422).error())
                .isEqualTo("Instances must be greater than or equal to 0");
        assertThat(cloud.post(scale, "{\"memory_in_mb\":0}").expect(422).error())
                .isEqualTo("Memory in mb must be greater than 0");
        assertThat(cloud.post(scale, "{\"instances\":1000}").expect(422).error())
                .isEqualTo("memory quota_exceeded");
        assertThat(cloud.get("/v3/processes/" + app).body().path("instances").asInt())
                .isEqualTo(1);
        cloud.post(scale, "{\"instances\":0}").expect(202);
        assertThat(cloud.get("/v3/processes/" + app + "/stats")
                        .body()
                        .path("resources")
                        .size())
                .isZero();
    }

    @Test
    void showsInstancesThatDiegoDoesNotKnowAsDown() {
        String app = running("down");
        cloud.bbs.instancesRun(false);
        try {
            JsonNode down = cloud.get("/v3/processes/" + app + "/stats")
                    .expect(200)
                    .body()
                    .path("resources")
                    .path(0);
            assertThat(down.path("state").asString()).isEqualTo("DOWN");
            assertThat(down.has("usage")).isFalse();
        } finally {
            cloud.bbs.instancesRun(true);
        }
        JsonNode up = cloud.get("/v3/processes/" + app + "/stats")
                .expect(200)
                .body()
                .path("resources")
                .path(0);
        assertThat(up.path("state").asString()).isEqualTo("RUNNING");
        assertThat(up.path("routable").asBoolean()).isTrue();
        assertThat(up.path("host").asString()).isEqualTo("10.0.0.1");
        assertThat(up.path("mem_quota").asLong()).isEqualTo(1024L * 1024 * 1024);
        assertThat(up.path("instance_ports").path(0).path("external").asInt()).isEqualTo(61_000);
        JsonNode embedded = cloud.get("/v3/processes?embed=process_instances&app_guids=" + app)
                .expect(200)
                .body()
                .path("resources")
                .path(0);
        assertThat(embedded.path("process_instances").path(0).path("state").asString())
                .isEqualTo("RUNNING");
        assertThat(embedded.path("command").asString()).isEqualTo("[PRIVATE DATA HIDDEN IN LISTS]");
    }

    @Test
    void saysWhenTheBbsCannotBeAsked() {
        String app = running("unknown");
        cloud.bbs.fail(true);
        try {
            assertThat(cloud.get("/v3/processes/" + app + "/stats").expect(503).code())
                    .isEqualTo(220002);
        } finally {
            cloud.bbs.fail(false);
        }
    }

    @Test
    void restartsOneInstance() {
        String app = running("retired");

        cloud.delete("/v3/apps/" + app + "/processes/web/instances/0").expect(204);
        assertThat(cloud.delete("/v3/apps/" + app + "/processes/web/instances/7")
                        .expect(404)
                        .error())
                .isEqualTo("Instance not found");
        assertThat(cloud.bbs.retired).anyMatch(retired -> retired.startsWith(app) && retired.endsWith("/0"));
    }

    @Test
    void aNewHealthCheckReplacesTheInstances() {
        String app = running("healthy");
        String before = lrp(app);

        cloud.patch(
                        "/v3/processes/" + app,
                        "{\"health_check\":{\"type\":\"http\",\"data\":{\"endpoint\":\"/health\"}}}")
                .expect(200);

        assertThat(lrp(app)).isNotEqualTo(before);
        var check = cloud.bbs
                .desired
                .get(lrp(app))
                .getCheckDefinition()
                .getChecks(0)
                .getHttpCheck();
        assertThat(check.getPath()).isEqualTo("/health");
        assertThat(check.getPort()).isEqualTo(8080);
        assertThat(cloud.patch(
                                "/v3/processes/" + app,
                                "{\"health_check\":{\"type\":\"port\",\"data\":{\"timeout\":181}}}")
                        .expect(422)
                        .error())
                .contains("Maximum exceeded: max 180s");
    }

    private static String lrp(String app) {
        return cloud.bbs.desired.keySet().stream()
                .filter(guid -> guid.startsWith(app))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void takesAPackageOnce() {
        String app = cloud.app(space, "packaged");
        String created = "{\"type\":\"bits\",\"relationships\":{\"app\":{\"data\":{\"guid\":\"" + app + "\"}}}}";
        String guid = cloud.post("/v3/packages", created).expect(201).guid();
        assertThat(cloud.post("/v3/builds", "{\"package\":{\"guid\":\"" + guid + "\"}}")
                        .expect(400)
                        .error())
                .isEqualTo("Bad request: Cannot stage package whose state is not ready.");
        byte[] zip = Cloud.zip(Map.of("index.html", "hello"));

        cloud.upload("/v3/packages/" + guid + "/upload", "bits", "package.zip", zip, Map.of())
                .expect(200);

        assertThat(cloud.upload("/v3/packages/" + guid + "/upload", "bits", "package.zip", zip, Map.of())
                        .expect(400)
                        .code())
                .isEqualTo(150004);
        String build = cloud.post("/v3/builds", "{\"package\":{\"guid\":\"" + guid + "\"}}")
                .expect(201)
                .guid();
        Awaitility.await()
                .until(() -> cloud.get("/v3/builds/" + build)
                        .body()
                        .path("state")
                        .asString()
                        .equals("FAILED"));
        assertThat(cloud.get("/v3/builds/" + build).body().path("error").asString())
                .isEqualTo("NoAppDetectedError - An app was not successfully detected by any available buildpack");
    }

    @Test
    void failsAPackageThatIsNoZip() {
        String app = cloud.app(space, "broken");
        String guid = cloud.post(
                        "/v3/packages",
                        "{\"type\":\"bits\",\"relationships\":{\"app\":{\"data\":{\"guid\":\"" + app + "\"}}}}")
                .guid();

        cloud.upload("/v3/packages/" + guid + "/upload", "bits", "package.zip", new byte[] {1, 2, 3}, Map.of())
                .expect(200);

        Awaitility.await()
                .until(() -> cloud.get("/v3/packages/" + guid)
                        .body()
                        .path("state")
                        .asString()
                        .equals("FAILED"));
        assertThat(cloud.get("/v3/packages/" + guid)
                        .body()
                        .path("data")
                        .path("error")
                        .asString())
                .contains("zip");
    }

    @Test
    void keepsOnlyTheNewestDropletsBesideTheCurrentOne() {
        String app = cloud.app(space, "old");
        String current = cloud.droplet(app);
        cloud.assign(app, current);
        for (int i = 0; i < 6; i++) {
            cloud.droplet(app);
        }

        assertThat(cloud.get("/v3/apps/" + app + "/droplets?states=STAGED")
                        .body()
                        .path("resources")
                        .size())
                .isEqualTo(6);
        assertThat(cloud.get("/v3/apps/" + app + "/droplets?states=EXPIRED")
                        .body()
                        .path("resources")
                        .size())
                .isEqualTo(1);
        assertThat(cloud.get("/v3/droplets/" + current).body().path("state").asString())
                .isEqualTo("STAGED");
    }

    @Test
    void recordsWhatWasDone() {
        String app = running("audited");

        assertThat(cloud.get("/v3/audit_events?target_guids=" + app)
                        .body()
                        .path("resources")
                        .valueStream()
                        .map(event -> event.path("type").asString()))
                .contains("audit.app.create", "audit.app.build.staged", "audit.app.droplet.mapped", "audit.app.start");
    }
}
