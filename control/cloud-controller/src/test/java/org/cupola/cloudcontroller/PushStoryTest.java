package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.TestPostgres;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The requests of {@code cf push} and what follows it, in their order, on each database. */
class PushStoryTest {
    @TempDir
    Path directory;

    /** Makes the database of one run. */
    interface Databases {
        DatabaseConfig in(Path directory);
    }

    static Stream<Arguments> databases() {
        return Stream.of(
                Arguments.of(
                        Named.<Databases>of("SQLite", directory -> DatabaseConfig.sqlite(directory.resolve("cc.db")))),
                Arguments.of(Named.<Databases>of("PostgreSQL", _ -> TestPostgres.freshDatabase())));
    }

    @ParameterizedTest
    @MethodSource("databases")
    void deploysAnAppAsTheCommandLineClientDoes(Databases databases) throws Exception {
        try (Cloud cloud = new Cloud(directory, databases.in(directory))) {
            String org = cloud.org("acme");
            String space = cloud.space(org, "dev");

            cloud.complete(cloud.yaml("/v3/spaces/" + space + "/actions/apply_manifest", """
                    applications:
                    - name: hello
                      default-route: true
                      instances: 2
                      memory: 64M
                      env: {GREETING: hi, NUMBER: 5}
                    """));
            String app = cloud.get("/v3/apps?names=hello&space_guids=" + space)
                    .body()
                    .path("resources")
                    .path(0)
                    .path("guid")
                    .asString();
            String droplet = cloud.droplet(app);
            cloud.assign(app, droplet);
            cloud.post("/v3/apps/" + app + "/actions/restart", "").expect(200);

            DesiredLRP lrp = cloud.bbs.only();
            assertThat(lrp.getProcessGuid()).startsWith(app + "-").hasSize(73);
            assertThat(lrp.getInstances()).isEqualTo(2);
            assertThat(lrp.getMemoryMb()).isEqualTo(64);
            assertThat(lrp.getRoutes().getRoutesOrThrow("cf-router").toStringUtf8())
                    .contains("\"hostnames\":[\"hello.apps.test\"]")
                    .contains("\"port\":8080");
            assertThat(lrp.getRoutes().getRoutesOrThrow("tcp-router").toStringUtf8())
                    .isEqualTo("[]");
            var run = lrp.getAction().getCodependentAction().getActions(0).getRunAction();
            assertThat(run.getPath()).isEqualTo("/tmp/lifecycle/launcher");
            assertThat(run.getArgsList()).containsExactly("app", "./run $PORT", "");
            assertThat(run.getEnvList()).anySatisfy(variable -> {
                assertThat(variable.getName()).isEqualTo("NUMBER");
                assertThat(variable.getValue()).isEqualTo("5");
            });

            JsonNode stats = cloud.get("/v3/apps/" + app + "/processes/web/stats")
                    .expect(200)
                    .body();
            assertThat(stats.path("resources").size()).isEqualTo(2);
            assertThat(stats.path("resources").path(1).path("state").asString()).isEqualTo("RUNNING");
            assertThat(cloud.get("/v3/processes/" + app).body().path("command").asString())
                    .isEqualTo("./run $PORT");
            assertThat(cloud.get("/v3/apps/" + app + "/routes")
                            .body()
                            .path("resources")
                            .path(0)
                            .path("url")
                            .asString())
                    .isEqualTo("hello.apps.test");
            assertThat(cloud.get("/v3/apps/" + app + "/droplets/current")
                            .expect(200)
                            .guid())
                    .isEqualTo(droplet);
            assertThat(cloud.get("/v3/deployments?app_guids=" + app
                                    + "&status_values=ACTIVE&order_by=-created_at&page=1&per_page=1")
                            .expect(200)
                            .body()
                            .path("resources")
                            .size())
                    .isZero();

            cloud.post("/v3/apps/" + app + "/processes/web/actions/scale", "{\"instances\":5}")
                    .expect(202);
            assertThat(cloud.bbs.only().getInstances()).isEqualTo(5);
            assertThat(cloud.bbs.only().getProcessGuid()).isEqualTo(lrp.getProcessGuid());

            cloud.post("/v3/apps/" + app + "/actions/restart", "").expect(200);
            assertThat(cloud.bbs.only().getProcessGuid()).isNotEqualTo(lrp.getProcessGuid());

            cloud.post("/v3/apps/" + app + "/actions/stop", "").expect(200);
            assertThat(cloud.bbs.desired).isEmpty();
            assertThat(cloud.get("/v3/processes/" + app + "/stats")
                            .body()
                            .path("resources")
                            .path(0)
                            .path("state")
                            .asString())
                    .isEqualTo("DOWN");

            cloud.post("/v3/apps/" + app + "/actions/start", "").expect(200);
            assertThat(cloud.bbs.only().getInstances()).isEqualTo(5);
            cloud.complete(cloud.delete("/v3/apps/" + app));
            assertThat(cloud.bbs.desired).isEmpty();
            assertThat(cloud.get("/v3/apps/" + app).expect(404).error()).isEqualTo("App not found");
        }
    }

    @ParameterizedTest
    @MethodSource("databases")
    void keepsEverythingOverARestartAndTellsAnEmptyBbsAgain(Databases databases) throws Exception {
        try (Cloud cloud = new Cloud(directory, databases.in(directory))) {
            String space = cloud.space(cloud.org("acme"), "dev");
            String app = cloud.app(space, "hello");
            String route = cloud.route(space, cloud.domain("apps.test"), "\"host\":\"hello\"")
                    .expect(201)
                    .guid();
            cloud.map(route, app).expect(200);
            cloud.assign(app, cloud.droplet(app));
            cloud.post("/v3/apps/" + app + "/actions/start", "").expect(200);
            String lrp = cloud.bbs.only().getProcessGuid();

            cloud.bbs.desired.clear();
            cloud.restart();

            Awaitility.await().until(() -> cloud.bbs.desired.containsKey(lrp));
            assertThat(cloud.bbs
                            .only()
                            .getRoutes()
                            .getRoutesOrThrow("cf-router")
                            .toStringUtf8())
                    .contains("hello.apps.test");
            Awaitility.await().until(() -> cloud.bbs.freshDomains.contains("cf-apps:120"));
            assertThat(cloud.get("/v3/apps/" + app).body().path("state").asString())
                    .isEqualTo("STARTED");
            assertThat(cloud.get("/v3/routes/" + route)
                            .body()
                            .path("destinations")
                            .size())
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("databases")
    void usesFilesOfAnEarlierUploadForTheNextOne(Databases databases) throws Exception {
        try (Cloud cloud = new Cloud(directory, databases.in(directory))) {
            String app = cloud.app(cloud.space(cloud.org("acme"), "dev"), "hello");
            String large = "x".repeat(500);
            String created = "{\"type\":\"bits\",\"relationships\":{\"app\":{\"data\":{\"guid\":\"" + app + "\"}}}}";
            String first = cloud.post("/v3/packages", created).guid();
            cloud.upload(
                            "/v3/packages/" + first + "/upload",
                            "bits",
                            "package.zip",
                            Cloud.zip(Map.of("data.txt", large)),
                            Map.of())
                    .expect(200);
            Awaitility.await()
                    .until(() -> cloud.get("/v3/packages/" + first)
                            .body()
                            .path("state")
                            .asString()
                            .equals("READY"));
            java.security.MessageDigest digest = java.security.MessageDigest.getInstance("SHA-1");
            String sha1 = java.util.HexFormat.of()
                    .formatHex(digest.digest(large.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            String resources = "[{\"checksum\":{\"value\":\"" + sha1
                    + "\"},\"size_in_bytes\":500,\"path\":\"lib/data.txt\",\"mode\":\"644\"}]";

            assertThat(cloud.post("/v3/resource_matches", "{\"resources\":" + resources + "}")
                            .expect(201)
                            .body()
                            .path("resources")
                            .size())
                    .isEqualTo(1);
            String second = cloud.post("/v3/packages", created).guid();
            cloud.upload(
                            "/v3/packages/" + second + "/upload",
                            "bits",
                            "package.zip",
                            Cloud.zip(Map.of("Procfile", "web: cat lib/data.txt")),
                            Map.of("resources", resources))
                    .expect(200);
            Awaitility.await()
                    .until(() -> cloud.get("/v3/packages/" + second)
                            .body()
                            .path("state")
                            .asString()
                            .equals("READY"));

            byte[] zip = cloud.exchange(
                            "GET",
                            "/v3/packages/" + second + "/download",
                            "application/json",
                            java.net.http.HttpRequest.BodyPublishers.noBody())
                    .body();
            Path file = directory.resolve("downloaded.zip");
            java.nio.file.Files.write(file, zip);
            try (java.util.zip.ZipFile downloaded = new java.util.zip.ZipFile(file.toFile())) {
                assertThat(downloaded.getEntry("lib/data.txt").getSize()).isEqualTo(500);
                assertThat(downloaded.getEntry("Procfile")).isNotNull();
            }
            assertThat(ZipModes.read(file).get("lib/data.txt") & 0777).isEqualTo(0644);
        }
    }
}
