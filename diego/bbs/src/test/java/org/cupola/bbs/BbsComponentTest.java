package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.cupola.bbs.Lrps.instance;
import static org.cupola.bbs.Lrps.key;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.BbsEvents;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPUpdate;
import org.cupola.protocol.bbs.proto.DesiredLRPsRequest;
import org.cupola.protocol.bbs.proto.Error;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From the file to the wire and back. */
@Timeout(90)
class BbsComponentTest {
    @TempDir
    private Path directory;

    private TestBbs bbs;
    private BbsClient client;

    @BeforeEach
    void start() throws Exception {
        bbs = TestBbs.onSqlite(directory).start();
        client = bbs.client();
    }

    @AfterEach
    void stop() {
        bbs.close();
    }

    private List<ActualLRP> actual() throws BbsException {
        return client.actual().list(ActualLRPsRequest.getDefaultInstance());
    }

    private ActualLRP only() throws BbsException {
        assertThat(actual()).hasSize(1);
        return actual().getFirst();
    }

    @Test
    void aDesiredProcessIsStoredAsItWasAndItsInstancesAreAuctioned() throws Exception {
        DesiredLRP lrp = Lrps.desired("p", 2);

        client.desired().desire(lrp);

        DesiredLRP stored = client.desired().get("p");
        assertThat(stored.toBuilder().clearModificationTag().clearMetricsGuid().build())
                .isEqualTo(lrp);
        assertThat(stored.getModificationTag().getEpoch()).isNotEmpty();
        assertThat(stored.getMetricsGuid()).isEqualTo("p");
        assertThat(actual()).extracting(ActualLRP::getState).containsExactly("UNCLAIMED", "UNCLAIMED");
        assertThat(bbs.peers().nextLrpAuction()).satisfies(auction -> {
            assertThat(auction.processGuid()).isEqualTo("p");
            assertThat(auction.indices()).containsExactly(0, 1);
            assertThat(auction.memoryMb()).isEqualTo(128);
            assertThat(auction.rootFs()).isEqualTo("preloaded:cflinuxfs4");
        });
    }

    @Test
    void anInstanceGoesItsWayAndTheStreamTellsIt() throws Exception {
        try (BbsEvents events = client.lrpEvents("")) {
            client.withTraceId("trace-1").desired().desire(Lrps.desired("p", 1));
            client.actual().claim(key("p", 0), instance("i", "cell-1"));
            client.actual().start(Lrps.start(key("p", 0), instance("i", "cell-1")));

            assertThat(names(events, 4))
                    .containsExactly(
                            "desired_lrp_created",
                            "actual_lrp_instance_created",
                            "actual_lrp_instance_changed",
                            "actual_lrp_instance_changed");
            ActualLRP running = only();
            assertThat(running.getState()).isEqualTo("RUNNING");
            assertThat(running.getActualLrpNetInfo()).isEqualTo(Lrps.NET_INFO);
            assertThat(running.getRoutable()).isTrue();
            assertThat(running.getModificationTag().getIndex()).isEqualTo(2);

            client.actual().crash(key("p", 0), instance("i", "cell-1"), "exit 1");

            assertThat(names(events, 3))
                    .containsExactly(
                            "actual_lrp_crashed", "actual_lrp_instance_created", "actual_lrp_instance_removed");
            assertThat(only().getState()).isEqualTo("UNCLAIMED");
            assertThat(only().getCrashCount()).isEqualTo(1);
            assertThat(bbs.peers().nextLrpAuction().indices()).containsExactly(0);
            assertThat(bbs.peers().nextLrpAuction().indices()).as("the crash").containsExactly(0);
        }
    }

    private static List<String> names(BbsEvents events, int count) throws Exception {
        var names = new java.util.ArrayList<String>();
        for (int i = 0; i < count; i++) {
            names.add(events.next().map(BbsEvent::name).orElse("end"));
        }
        return names;
    }

    @Test
    void aStreamForOneCellLeavesOutOtherCells() throws Exception {
        client.desired().desire(Lrps.desired("p", 2));
        try (BbsEvents events = client.lrpEvents("cell-2")) {
            client.actual().claim(key("p", 0), instance("i", "cell-1"));
            client.actual().claim(key("p", 1), instance("j", "cell-2"));

            assertThat(events.next())
                    .hasValueSatisfying(event -> assertThat(event)
                            .isInstanceOfSatisfying(
                                    BbsEvent.InstanceChanged.class,
                                    changed -> assertThat(changed.message()
                                                    .getActualLrpInstanceKey()
                                                    .getInstanceGuid())
                                            .isEqualTo("j")));
        }
    }

    @Test
    void refusalsCarryTypeAndWords() throws Exception {
        client.desired().desire(Lrps.desired("p", 1));

        assertRefused(
                () -> client.desired().desire(Lrps.desired("p", 1)),
                Error.Type.ResourceExists,
                "the requested resource already exists");
        assertRefused(
                () -> client.desired().get("q"),
                Error.Type.ResourceNotFound,
                "the requested resource could not be found");
        assertRefused(
                () -> client.actual().crash(key("p", 0), instance("i", "c"), ""),
                Error.Type.ActualLRPCannotBeCrashed,
                "cannot crash actual LRP");
        assertRefused(
                () -> client.desired()
                        .desire(Lrps.desired("bad guid", 1).toBuilder()
                                .clearAction()
                                .setRootFs("")
                                .build()),
                Error.Type.InvalidRequest,
                "Invalid field: rootfs, Invalid field: rootfs, Invalid field: process_guid, invalid action type");
        assertRefused(
                () -> client.actual().listByProcessGuids(List.of()),
                Error.Type.InvalidRequest,
                "process_guids must not be empty");
    }

    private static void assertRefused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Error.Type type, String message) {
        assertThatThrownBy(call).isInstanceOfSatisfying(BbsException.class, e -> {
            assertThat(e.type()).isEqualTo(type);
            assertThat(e).hasMessage(message);
        });
    }

    @Test
    void answersWhatIsNotProtobufWithItsErrorAndUnknownPathsWithout() throws Exception {
        var web = bbs.clients()
                .client(URI.create("https://127.0.0.1:" + bbs.component().port()), Duration.ofSeconds(5))
                .build()
                .blocking();

        var malformed = web.post("/v1/desired_lrp/remove", new byte[] {(byte) 0xff});
        assertThat(malformed.status().code()).isEqualTo(200);
        assertThat(malformed.headers().get("content-type")).isEqualTo("application/x-protobuf");
        assertThat(malformed.contentUtf8()).endsWith("the request received is invalid");
        assertThat(web.post("/v1/ping", "anything").content().array()).containsExactly(8, 1);
        assertThat(web.get("/v1/ping").status().code()).isEqualTo(405);
        assertThat(web.post("/v2/ping", "").status().code()).isEqualTo(404);
    }

    @Test
    void scalesUpAndDown() throws Exception {
        bbs.cellComes("cell-1");
        client.desired().desire(Lrps.desired("p", 1));
        bbs.peers().nextLrpAuction();

        client.desired()
                .update("p", DesiredLRPUpdate.newBuilder().setInstances(3).build());
        assertThat(bbs.peers().nextLrpAuction().indices()).containsExactly(1, 2);
        client.actual().start(Lrps.start(key("p", 2), instance("i-2", "cell-1")));
        client.desired()
                .update("p", DesiredLRPUpdate.newBuilder().setInstances(1).build());

        assertThat(bbs.peers().nextCellCall()).isEqualTo("POST /v1/lrps/p/instances/i-2/stop ");
        client.actual().remove(key("p", 2), instance("i-2", "cell-1"));
        assertThat(only().getActualLrpKey().getIndex()).isZero();
        assertThat(client.desired().get("p").getModificationTag().getIndex()).isEqualTo(2);
    }

    @Test
    void removingAProcessEndsItsInstances() throws Exception {
        bbs.cellComes("cell-1");
        client.desired().desire(Lrps.desired("p", 2));
        client.actual().start(Lrps.start(key("p", 0), instance("i-0", "cell-1")));

        client.desired().remove("p");

        assertThat(bbs.peers().nextCellCall()).isEqualTo("POST /v1/lrps/p/instances/i-0/stop ");
        assertThat(client.desired().list(DesiredLRPsRequest.getDefaultInstance()))
                .isEmpty();
        await().untilAsserted(() -> assertThat(only().getState()).isEqualTo("RUNNING"));
    }

    @Test
    void whatWasAcknowledgedIsThereAfterARestart() throws Exception {
        client.desired().desire(Lrps.desired("p", 1));
        client.actual().start(Lrps.start(key("p", 0), instance("i", "cell-1")));
        client.upsertDomain("cf-apps", Duration.ofMinutes(2));
        client.tasks().desire("t", "cf-tasks", Lrps.task());
        List<ActualLRP> before = actual();

        bbs.restart();
        client = bbs.client();

        assertThat(actual()).isEqualTo(before);
        assertThat(client.domains()).containsExactly("cf-apps");
        assertThat(client.tasks().get("t").getTaskDefinition()).isEqualTo(Lrps.task());
    }

    @Test
    void aLostCellIsNoticedSoonAndItsInstancesAreReplaced() throws Exception {
        bbs.cellComes("cell-1");
        client.desired().desire(Lrps.desired("p", 1));
        client.actual().start(Lrps.start(key("p", 0), instance("i", "cell-1")));
        bbs.peers().nextLrpAuction();
        client.desired().desire(Lrps.desired("q", 1));
        client.actual().fail(key("q", 0), "no room");
        bbs.peers().nextLrpAuction();
        bbs.cellComes("cell-2");
        assertThat(bbs.peers().nextLrpAuction().processGuid())
                .as("a cell has come")
                .isEqualTo("q");
        client.desired().remove("q");

        try (BbsEvents events = client.lrpEvents("")) {
            bbs.locket().resources().remove("cell-1");

            assertThat(names(events, 2)).containsExactly("actual_lrp_instance_changed", "actual_lrp_instance_created");
            assertThat(bbs.peers().nextLrpAuction().indices()).containsExactly(0);
            assertThat(actual())
                    .extracting(ActualLRP::getPresence)
                    .containsExactly(ActualLRP.Presence.ORDINARY, ActualLRP.Presence.SUSPECT);

            client.actual().start(Lrps.start(key("p", 0), instance("j", "cell-2")));

            assertThat(names(events, 2)).containsExactly("actual_lrp_instance_changed", "actual_lrp_instance_removed");
            assertThat(only().getActualLrpInstanceKey().getInstanceGuid()).isEqualTo("j");
        }
    }

    @Test
    void anInstanceThatVanishesWhileItIsWantedIsMadeAgainAtOnce() throws Exception {
        bbs.cellComes("cell-1");
        client.desired().desire(Lrps.desired("p", 1));
        bbs.peers().nextLrpAuction();
        client.actual().start(Lrps.start(key("p", 0), instance("i", "cell-1")));

        client.actual().remove(key("p", 0), instance("i", "cell-1"));

        assertThat(bbs.peers().nextLrpAuction().indices()).containsExactly(0);
        assertThat(only().getState()).isEqualTo("UNCLAIMED");
    }

    @Test
    void newInternalRoutesReachTheCell() throws Exception {
        bbs.cellComes("cell-1");
        client.desired().desire(Lrps.desired("p", 1));
        client.actual().start(Lrps.start(key("p", 0), instance("i", "cell-1")));
        var routes = client.desired().get("p").getRoutes().toBuilder()
                .putRoutes(
                        "internal-router",
                        com.google.protobuf.ByteString.copyFromUtf8("[{\"hostname\":\"a.apps.internal\"}]"))
                .build();

        client.desired()
                .update("p", DesiredLRPUpdate.newBuilder().setRoutes(routes).build());

        assertThat(bbs.peers().nextCellCall()).isEqualTo("""
                PUT /v2/lrps/p/instances/i {"instance_guid":"i","process_guid":"p","index":0,"domain":"cf-apps",\
                "internal_routes":[{"hostname":"a.apps.internal"}]}""");
    }

    @Test
    void standsByUntilTheLockIsFreeAndFailsWhenItIsLost() throws Exception {
        bbs.configure(config -> config.put("uuid", "bbs-2"));
        try (var standby = bbs.another()) {
            var started = java.util.concurrent.CompletableFuture.runAsync(
                    () -> {
                        try {
                            standby.start();
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    Thread::startVirtualThread);
            await().until(() -> standby.healthPort() > 0);
            try (var plain = HttpClients.create(null, List.of())) {
                assertThat(plain.client(URI.create("http://127.0.0.1:" + standby.healthPort()), Duration.ofSeconds(5))
                                .build()
                                .blocking()
                                .get("/any/path")
                                .status()
                                .code())
                        .isEqualTo(200);
            }
            assertThat(standby.port()).isZero();

            bbs.component().close();
            started.get();

            assertThat(standby.port()).isPositive();
            bbs.locket().resources().put("bbs", LocketClient.lockResource("bbs", "somebody else"));
            assertThatThrownBy(() -> standby.failure().toCompletableFuture().get())
                    .cause()
                    .hasMessageStartingWith("lost lock (bbs: ");
        }
    }

    @Test
    void closingEndsAStandby() throws Exception {
        bbs.configure(config -> config.put("uuid", "bbs-2"));
        var standby = bbs.another();
        var started = java.util.concurrent.CompletableFuture.supplyAsync(
                () -> {
                    try {
                        standby.start();
                        return Optional.empty();
                    } catch (Exception e) {
                        return Optional.of(e);
                    }
                },
                Thread::startVirtualThread);
        await().until(() -> standby.healthPort() > 0);

        standby.close();

        assertThat(started.get()).isPresent();
    }

    @Test
    void anOldKeyStaysReadableAndIsReplaced() throws Exception {
        client.desired().desire(Lrps.desired("p", 1));
        bbs.configure(config -> {
            config.put("active_key_label", "key-2");
            ((tools.jackson.databind.node.ObjectNode) config.get("encryption_keys")).put("key-2", "another");
        });
        bbs.restart();
        assertThat(bbs.client().desired().get("p").getProcessGuid()).isEqualTo("p");
        await().until(() -> storedLabel().equals("key-2"));
        bbs.configure(
                config -> ((tools.jackson.databind.node.ObjectNode) config.get("encryption_keys")).remove("key-1"));

        bbs.restart();

        assertThat(bbs.client().desired().get("p").getRoutes())
                .isEqualTo(Lrps.desired("p", 1).getRoutes());
        assertThat(bbs.client().actual().list(ActualLRPsRequest.getDefaultInstance()))
                .hasSize(1);
    }

    private String storedLabel() {
        try (var database = org.cupola.platform.sql.Database.open(
                org.cupola.platform.sql.DatabaseConfig.sqlite(directory.resolve("bbs.db")))) {
            return database.read(dsl -> BbsSchema.configuration(dsl, "encryption_key_label"));
        }
    }

    @Test
    void refusesADatabaseWhoseKeyIsGone() throws Exception {
        client.desired().desire(Lrps.desired("p", 1));
        await().until(() -> storedLabel().equals("key-1"));
        bbs.configure(config -> {
            config.put("active_key_label", "key-2");
            config.putObject("encryption_keys").put("key-2", "another");
        });

        assertThatThrownBy(bbs::restart)
                .hasMessage("encryption_keys: the database was written with key key-1 (expected: that key among them)");
    }

    @Test
    void clientsWithoutACertificateAreRefused() {
        try (var strangers = TestBbs.strangers()) {
            var client = new BbsClient(
                    strangers, URI.create("https://127.0.0.1:" + bbs.component().port()), Duration.ofSeconds(5));

            assertThatThrownBy(client::domains)
                    .isInstanceOfSatisfying(
                            BbsException.class, e -> assertThat(e.answered()).isFalse());
        }
    }

    @Test
    void reportsAllProblemsOfAFileTogether() throws Exception {
        bbs.configure(config -> config.put("uuid", "")
                .put("listen_address", "nowhere")
                .put("active_key_label", "key-9")
                .put("convergence_workers", 0));

        assertThatThrownBy(bbs::another)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("listen_address: nowhere (expected: host:port)")
                .hasMessageContaining("uuid: missing (expected: a value)")
                .hasMessageContaining("active_key_label: key-9 (expected: a label of encryption_keys)")
                .hasMessageContaining("convergence_workers: 0 (expected: a whole number from 1 to 1000000)");
    }
}
