package org.cupola.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.cupola.protocol.bbs.CellPresences;
import org.cupola.protocol.bbs.CellWork;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.EvacuateClaimedActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.cupola.protocol.bbs.proto.RemoveActualLRPRequest;
import org.junit.jupiter.api.Test;

/** How a cell says that it is there, that it goes, and that it is back. */
class RepPresenceTest extends RepFixture {
    @Test
    void isPresentWithWhatItHas() throws Exception {
        var resource = locket.resources().get("cell-1");
        var presence = CellPresences.decode(resource.getValue()).orElseThrow();

        assertThat(presence.getRepUrl()).isEqualTo("https://127.0.0.1:" + rep.port());
        assertThat(presence.getRepAddress()).isEqualTo("http://127.0.0.1:" + rep.adminPort());
        assertThat(presence.getZone()).isEqualTo("z1");
        assertThat(presence.getCapacity().getMemoryMb()).isEqualTo(1000);
        assertThat(presence.getCapacity().getContainers()).isEqualTo(249);
        assertThat(presence.getRootfsProviders(0).getName()).isEqualTo("preloaded");
        assertThat(presence.getRootfsProviders(0).getPropertiesList()).containsExactly("cflinuxfs4");

        var state = client.state();
        assertThat(state.cellId()).isEqualTo("cell-1");
        assertThat(state.availableResources()).isEqualTo(state.totalResources());
        assertThat(state.rootFsProviders().get("preloaded").has("cflinuxfs4")).isTrue();
        assertThat(state.evacuating()).isFalse();
    }

    @Test
    void aStopTellsTheBbsAndTakesThePresenceBack() throws Exception {
        desire("process-1", "exec sleep 60", false);
        client.perform(new CellWork(List.of(lrp("process-1", 0, 64)), List.of(), null), "");
        awaitStart();

        rep.close();

        assertThat(bbs.told(RemoveActualLRPRequest.class)).hasSize(1);
        assertThat(locket.resources()).isEmpty();
        assertThat(folder.resolve("cell/containers")).isEmptyDirectory();
    }

    @Test
    void aCellThatComesBackTakesItsPresenceOverAndHasItsInstancesReplaced() throws Exception {
        String owner = locket.resources().get("cell-1").getOwner();
        rep.close();
        locket.resources()
                .put("cell-1", org.cupola.protocol.bbs.LocketClient.presenceResource("cell-1", owner, "stale"));
        bbs.rows.add(ActualLRP.newBuilder()
                .setActualLrpKey(
                        ActualLRPKey.newBuilder().setProcessGuid("process-1").setDomain("cf-apps"))
                .setActualLrpInstanceKey(ActualLRPInstanceKey.newBuilder()
                        .setInstanceGuid("lost")
                        .setCellId("cell-1"))
                .build());

        rep = startRep();

        assertThat(locket.resources().get("cell-1").getOwner()).isEqualTo(owner);
        assertThat(locket.resources().get("cell-1").getValue()).contains("rep_url");
        await().until(() -> !bbs.told(EvacuateClaimedActualLRPRequest.class).isEmpty());
        assertThat(bbs.told(EvacuateClaimedActualLRPRequest.class)
                        .getFirst()
                        .getActualLrpInstanceKey()
                        .getInstanceGuid())
                .isEqualTo("lost");
    }

    @Test
    void evacuatesWhenAskedByItsHost() throws Exception {
        desire("process-1", "exec sleep 60", false);
        client.perform(new CellWork(List.of(lrp("process-1", 0, 64)), List.of(), null), "");
        awaitStart();
        BlockingWebClient admin = clients.client(
                        URI.create("https://127.0.0.1:" + rep.adminPort()), Duration.ofSeconds(5))
                .build()
                .blocking();
        assertThat(admin.get("/ping").status().code()).isEqualTo(200);

        AggregatedHttpResponse answer = admin.post("/evacuate", "");
        admin.post("/evacuate", "");

        assertThat(answer.status().code()).isEqualTo(202);
        assertThat(answer.contentUtf8()).isEqualTo("{\"ping_path\":\"/ping\"}");
        assertThat(client.state().evacuating()).isTrue();
        assertThat(client.perform(new CellWork(List.of(lrp("process-1", 1, 64)), List.of(), null), "")
                        .lrps())
                .hasSize(1);
        await().until(() -> bbs.told(EvacuateRunningActualLRPRequest.class).size() > 1);
        assertThat(rep.evacuated().toCompletableFuture()).isNotDone();

        bbs.keepContainer = false;

        rep.evacuated().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(client.state().lrps()).isEmpty();
    }

    @Test
    void refusesACertificateThatDoesNotNameLoopback() throws Exception {
        certificates.issue("elsewhere", "cell.service.cf.internal");
        rep.close();
        rep = new RepComponent(
                RepConfig.read(configFile(Map.of(
                        "cert_file", certificates.certificateFile("elsewhere").toString(),
                        "key_file", certificates.keyFile("elsewhere").toString()))),
                Clock.systemUTC());

        assertThatThrownBy(rep::start)
                .hasMessage("certificate: no IP address 127.0.0.1 among its names"
                        + " (expected: a subject alternative name IP:127.0.0.1)");
        rep.close();
    }
}
