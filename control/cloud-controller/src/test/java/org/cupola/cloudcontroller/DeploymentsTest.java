package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListSet;
import org.awaitility.Awaitility;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rolling deployments: never fewer instances than wanted, one process after them, and a way back. */
class DeploymentsTest {
    @TempDir
    static Path directory;

    private static Cloud cloud;
    private static String space;
    private static int count;
    private String app;
    private String first;

    @BeforeAll
    static void start() throws Exception {
        cloud = new Cloud(directory);
        space = cloud.space(cloud.org("acme"), "dev");
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    @BeforeEach
    void deploy() {
        cloud.bbs.instancesRun(true);
        app = cloud.app(space, "app-" + count++);
        first = cloud.droplet(app);
        cloud.assign(app, first);
        cloud.post("/v3/apps/" + app + "/processes/web/actions/scale", "{\"instances\":3,\"memory_in_mb\":64}")
                .expect(202);
        cloud.post("/v3/apps/" + app + "/actions/start", "").expect(200);
    }

    private Cloud.Answer roll(String options) {
        return cloud.post(
                "/v3/deployments",
                "{\"relationships\":{\"app\":{\"data\":{\"guid\":\"" + app + "\"}}}" + options + "}");
    }

    private static String reason(String deployment) {
        return cloud.get("/v3/deployments/" + deployment)
                .expect(200)
                .body()
                .path("status")
                .path("reason")
                .asString();
    }

    private int desired() {
        return cloud.bbs.desired.values().stream()
                .filter(lrp -> lrp.getLogGuid().equals(app))
                .mapToInt(DesiredLRP::getInstances)
                .sum();
    }

    @Test
    void replacesTheWebProcessInstanceByInstance() {
        var totals = new ConcurrentSkipListSet<Integer>();
        String deployment = roll("").expect(201).guid();

        Awaitility.await().until(() -> {
            totals.add(desired());
            return reason(deployment).equals("DEPLOYED");
        });

        assertThat(totals).allMatch(total -> total >= 3 && total <= 4);
        var processes = cloud.get("/v3/apps/" + app + "/processes").body().path("resources");
        assertThat(processes.size()).isEqualTo(1);
        assertThat(processes.path(0).path("guid").asString()).isNotEqualTo(app);
        assertThat(processes.path(0).path("instances").asInt()).isEqualTo(3);
        assertThat(desired()).isEqualTo(3);
        assertThat(cloud.get("/v3/apps/" + app + "/processes/web/stats")
                        .body()
                        .path("resources")
                        .size())
                .isEqualTo(3);
    }

    @Test
    void waitsForInstancesThatDoNotRun() {
        cloud.bbs.instancesRun(false);
        String second = cloud.droplet(app);
        String deployment =
                roll(",\"droplet\":{\"guid\":\"" + second + "\"}").expect(201).guid();

        assertThat(reason(deployment)).isEqualTo("DEPLOYING");
        assertThat(cloud.post("/v3/apps/" + app + "/processes/web/actions/scale", "{\"instances\":9}")
                        .expect(422)
                        .code())
                .isEqualTo(390016);
        assertThat(cloud.post("/v3/apps/" + app + "/actions/stop", "")
                        .expect(422)
                        .code())
                .isEqualTo(390024);
        assertThat(dropletsOfInstances()).containsEntry(app, first).containsValue(second);

        cloud.post("/v3/deployments/" + deployment + "/actions/cancel", "").expect(200);
        Awaitility.await().until(() -> reason(deployment).equals("CANCELED"));
        assertThat(desired()).isEqualTo(3);
        assertThat(dropletsOfInstances()).isEqualTo(Map.of(app, first));
        assertThat(cloud.get("/v3/apps/" + app + "/droplets/current").guid()).isEqualTo(first);
        assertThat(cloud.post("/v3/deployments/" + deployment + "/actions/cancel", "")
                        .expect(422)
                        .error())
                .isEqualTo("Cannot cancel a deployment with status: FINALIZED and reason: CANCELED");
    }

    /** Which droplet each process's instances are to download, by process. */
    private Map<String, String> dropletsOfInstances() {
        var bySha = new HashMap<String, String>();
        cloud.get("/v3/apps/" + app + "/droplets")
                .body()
                .path("resources")
                .forEach(droplet -> bySha.put(
                        cloud.get("/v3/droplets/" + droplet.path("guid").asString())
                                .body()
                                .path("checksum")
                                .path("value")
                                .asString(),
                        droplet.path("guid").asString()));
        var droplets = new HashMap<String, String>();
        cloud.bbs.desired.values().stream()
                .filter(lrp -> lrp.getLogGuid().equals(app))
                .forEach(lrp -> droplets.put(
                        lrp.getProcessGuid().substring(0, 36),
                        bySha.get(lrp.getSetup()
                                .getSerialAction()
                                .getActions(0)
                                .getDownloadAction()
                                .getChecksumValue())));
        return droplets;
    }

    @Test
    void aNewDeploymentTakesTheOldOnesPlace() {
        cloud.bbs.instancesRun(false);
        String one = roll("").expect(201).guid();
        String two = roll(",\"options\":{\"max_in_flight\":2,\"web_instances\":null}")
                .expect(201)
                .guid();
        cloud.bbs.instancesRun(true);

        Awaitility.await().until(() -> reason(two).equals("DEPLOYED"));
        assertThat(reason(one)).isEqualTo("SUPERSEDED");
        assertThat(desired()).isEqualTo(3);
        assertThat(cloud.get("/v3/apps/" + app + "/processes")
                        .body()
                        .path("resources")
                        .size())
                .isEqualTo(1);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThat(roll(",\"strategy\":\"canary\"").expect(422).error())
                .contains("'canary' is not a supported deployment strategy");
        assertThat(roll(",\"options\":{\"max_in_flight\":0}").expect(422).error())
                .contains("Max in flight");
        assertThat(roll(",\"droplet\":{\"guid\":\"a\"},\"revision\":{\"guid\":\"b\"}")
                        .expect(422)
                        .error())
                .contains("Cannot set both fields 'droplet' and 'revision'");
    }

    @Test
    void simplyStartsAStoppedApp() {
        cloud.post("/v3/apps/" + app + "/actions/stop", "").expect(200);

        Cloud.Answer deployment = roll("").expect(201);

        assertThat(deployment.body().path("status").path("value").asString()).isEqualTo("FINALIZED");
        assertThat(cloud.get("/v3/apps/" + app).body().path("state").asString()).isEqualTo("STARTED");
        assertThat(desired()).isEqualTo(3);
    }
}
