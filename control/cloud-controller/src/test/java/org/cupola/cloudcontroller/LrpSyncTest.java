package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The BBS is brought in step again after whatever happened to it. */
class LrpSyncTest {
    @TempDir
    Path directory;

    private Cloud cloud;
    private String app;

    @BeforeEach
    void start() throws Exception {
        cloud = new Cloud(directory);
        app = cloud.app(cloud.space(cloud.org("acme"), "dev"), "hello");
        cloud.assign(app, cloud.droplet(app));
    }

    @AfterEach
    void stop() {
        cloud.close();
    }

    @Test
    void repairsWhatWasLostAddedOrChangedBehindItsBack() {
        cloud.post("/v3/apps/" + app + "/actions/start", "").expect(200);
        String guid = cloud.bbs.only().getProcessGuid();
        DesiredLRP wanted = cloud.bbs.only();
        String orphan = "00000000-0000-0000-0000-000000000000-11111111-1111-1111-1111-111111111111";
        cloud.bbs.desired.put(guid, wanted.toBuilder().setInstances(7).build());
        cloud.bbs.desired.put(orphan, wanted.toBuilder().setProcessGuid(orphan).build());

        Awaitility.await()
                .until(() -> !cloud.bbs.desired.containsKey(orphan)
                        && cloud.bbs.desired.get(guid).getInstances() == 1);

        cloud.bbs.desired.clear();
        Awaitility.await().until(() -> cloud.bbs.desired.containsKey(guid));
    }

    @Test
    void takesRequestsWhileTheBbsIsAwayAndTellsItLater() {
        cloud.bbs.fail(true);
        cloud.bbs.freshDomains.clear();

        cloud.post("/v3/apps/" + app + "/actions/start", "").expect(200);

        assertThat(cloud.bbs.desired).isEmpty();
        assertThat(cloud.bbs.freshDomains).isEmpty();
        cloud.bbs.fail(false);
        Awaitility.await().until(() -> cloud.bbs.desired.size() == 1);
        Awaitility.await().until(() -> cloud.bbs.freshDomains.contains("cf-apps:120"));
    }
}
