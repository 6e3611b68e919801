package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.config.Secret;
import org.cupola.platform.sql.Database;
import org.cupola.platform.testing.TestDatabase;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;
import org.cupola.protocol.bbs.proto.CheckDefinition;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfo;
import org.cupola.protocol.bbs.proto.DesiredLRPsRequest;
import org.cupola.protocol.bbs.proto.Error;
import org.cupola.protocol.bbs.proto.LogRateLimit;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.ModificationTag;
import org.cupola.protocol.bbs.proto.Network;
import org.cupola.protocol.bbs.proto.ProtoRoutes;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TasksRequest;
import org.cupola.protocol.bbs.proto.VolumeMount;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same on SQLite, a real PostgreSQL and a real MariaDB. */
class StoresTest {
    @TempDir
    private Path directory;

    private final RecordCodec codec =
            new RecordCodec(new Encryptor("key-1", Map.of("key-1", new Secret("a passphrase"))));

    private Database open(TestDatabase kind) {
        return Database.open(kind.fresh(directory));
    }

    private Stores stores(Database database) {
        new BbsSchema(database).migrate(codec);
        return Stores.of(database, codec, InstantSource.system());
    }

    private static DesiredLRP full() {
        return Lrps.desired("p", 2).toBuilder()
                .setAnnotation("ü".repeat(1000))
                .setMaxPids(7)
                .setMonitor(Lrps.RUN)
                .setSetup(Lrps.RUN)
                .addPlacementTags("blue")
                .addVolumeMounts(VolumeMount.newBuilder().setDriver("nfs").setMode("rw"))
                .setNetwork(Network.newBuilder().putProperties("a", "b"))
                .setCheckDefinition(CheckDefinition.newBuilder().setLogSource("x"))
                .setLogRateLimit(LogRateLimit.newBuilder().setBytesPerSecond(-1))
                .setUpdateStrategy(DesiredLRP.UpdateStrategy.RECREATE)
                .setMetricsGuid("p")
                .putMetricTags(
                        "index",
                        MetricTagValue.newBuilder()
                                .setDynamic(MetricTagValue.DynamicValue.INDEX)
                                .build())
                .setModificationTag(ModificationTag.newBuilder().setEpoch("e").setIndex(0))
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void aDesiredLrpComesBackWhole(TestDatabase kind) {
        try (Database database = open(kind)) {
            Stores stores = stores(database);
            DesiredLRP lrp = full();

            database.writeVoid(dsl -> stores.desired().insert(dsl, lrp, 1));

            assertThat(database.<Optional<DesiredLRP>>read(
                            dsl -> stores.desired().find(dsl, "p")))
                    .contains(lrp);
            assertThat(database.<Optional<DesiredLRPSchedulingInfo>>read(
                            dsl -> stores.desired().schedulingInfo(dsl, "p")))
                    .hasValueSatisfying(info -> {
                        assertThat(info.getVolumePlacement().getDriverNamesList())
                                .containsExactly("nfs");
                        assertThat(info.getPlacementTagsList()).containsExactly("blue");
                        assertThat(info.getRoutes()).isEqualTo(lrp.getRoutes());
                    });
            assertThat(database.<List<DesiredLRP>>read(
                            dsl -> stores.desired().routingInfos(dsl, DesiredLRPsRequest.getDefaultInstance())))
                    .containsExactly(DesiredLRP.newBuilder()
                            .setProcessGuid("p")
                            .setDomain("cf-apps")
                            .setLogGuid("log-p")
                            .setInstances(2)
                            .setRoutes(lrp.getRoutes())
                            .setModificationTag(lrp.getModificationTag())
                            .putAllMetricTags(lrp.getMetricTagsMap())
                            .build());
        }
    }

    @ParameterizedTest
    @EnumSource
    void updatesOnlyWhatMayChange(TestDatabase kind) {
        try (Database database = open(kind)) {
            Stores stores = stores(database);
            DesiredLRP before = full();
            database.writeVoid(dsl -> stores.desired().insert(dsl, before, 1));
            DesiredLRP after = before.toBuilder()
                    .setInstances(5)
                    .setAnnotation("")
                    .setRoutes(ProtoRoutes.newBuilder().putRoutes("r", ByteString.copyFromUtf8("{\"a\":1}")))
                    .setImageUsername("u")
                    .setImagePassword("s")
                    .setModificationTag(
                            ModificationTag.newBuilder().setEpoch("e").setIndex(1))
                    .build();

            database.writeVoid(dsl -> stores.desired().update(dsl, before, after));

            assertThat(database.<Optional<DesiredLRP>>read(
                            dsl -> stores.desired().find(dsl, "p")))
                    .contains(after);
        }
    }

    @ParameterizedTest
    @EnumSource
    void filtersDesiredLrps(TestDatabase kind) {
        try (Database database = open(kind)) {
            Stores stores = stores(database);
            for (String guid : List.of("app_1-v1", "app_1-v2", "appx1-v1")) {
                database.writeVoid(dsl -> stores.desired().insert(dsl, Lrps.desired(guid, 1), 1));
            }

            assertThat(guids(
                            stores,
                            DesiredLRPsRequest.newBuilder().addAppGuids("app_1").build()))
                    .containsExactly("app_1-v1", "app_1-v2");
            assertThat(guids(
                            stores,
                            DesiredLRPsRequest.newBuilder()
                                    .addProcessGuids("appx1-v1")
                                    .build()))
                    .containsExactly("appx1-v1");
            assertThat(guids(
                            stores,
                            DesiredLRPsRequest.newBuilder().setDomain("other").build()))
                    .isEmpty();
        }
    }

    private static List<String> guids(Stores stores, DesiredLRPsRequest filter) {
        return stores.database().read(dsl -> stores.desired().list(dsl, filter)).stream()
                .map(DesiredLRP::getProcessGuid)
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void anInstanceComesBackWholeThroughAllItsRows(TestDatabase kind) {
        try (Database database = open(kind)) {
            Stores stores = stores(database);
            var created = InstanceTransitions.create(IndexRows.NONE, Rows.KEY, Rows.LATER);
            var started = InstanceTransitions.start(created.after(), Lrps.start(Rows.KEY, Rows.OWN), Rows.LATER);
            var lost = ConvergenceTransitions.loseCell(
                    started.after(), new LrpConvergence.Step.LoseCell(Rows.KEY, Rows.OWN), Rows.LATER);

            for (Change change : List.of(created, started, lost)) {
                database.writeVoid(dsl -> stores.actual().write(dsl, change));
                assertThat(database.<IndexRows>write(dsl -> stores.actual().forUpdate(dsl, "p", 0)))
                        .isEqualTo(change.after());
            }

            assertThat(database.<List<ActualLRP>>read(dsl -> stores.actual()
                            .list(
                                    dsl,
                                    ActualLRPsRequest.newBuilder()
                                            .setCellId("cell-1")
                                            .build())))
                    .hasSize(1);
            assertThat(database.<List<ActualLRP>>read(dsl -> stores.actual()
                            .list(
                                    dsl,
                                    ActualLRPsRequest.newBuilder().setIndex(1).build())))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRowThatCannotBeReadIsLeftOutAndReplaced(TestDatabase kind) {
        try (Database database = open(kind)) {
            Stores stores = stores(database);
            database.writeVoid(dsl -> stores.actual().insert(dsl, Rows.running(Rows.OWN)));
            database.writeVoid(dsl -> dsl.execute("update actual_lrps set net_info = 'nonsense'"));
            database.writeVoid(dsl -> stores.desired().insert(dsl, Lrps.desired("p", 1), 1));
            database.writeVoid(dsl -> dsl.execute("update desired_lrps set run_info = 'nonsense'"));

            assertThat(database.<List<ActualLRP>>read(dsl -> stores.actual().all(dsl)))
                    .isEmpty();
            assertThat(guids(stores, DesiredLRPsRequest.getDefaultInstance())).isEmpty();
            assertThatThrownBy(() -> database.read(dsl -> stores.desired().find(dsl, "p")))
                    .hasMessage("could not deserialize record");
            database.writeVoid(dsl -> stores.actual()
                    .write(
                            dsl,
                            InstanceTransitions.create(stores.actual().forUpdate(dsl, "p", 0), Rows.KEY, Rows.LATER)));
            assertThat(database.<List<ActualLRP>>read(dsl -> stores.actual().all(dsl)))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTaskComesBackWhole(TestDatabase kind) {
        try (Database database = open(kind)) {
            Stores stores = stores(database);
            Task task = Task.newBuilder()
                    .setTaskGuid("t")
                    .setDomain("d")
                    .setTaskDefinition(Lrps.task())
                    .setState(Task.State.Pending)
                    .setCreatedAt(5)
                    .setUpdatedAt(5)
                    .build();
            database.writeVoid(dsl -> stores.tasks().insert(dsl, task));
            Task running = TaskTransitions.started(task, "cell-1", 6);

            database.writeVoid(dsl -> stores.tasks().update(dsl, running));

            assertThat(database.<Optional<Task>>read(dsl -> stores.tasks().find(dsl, "t")))
                    .contains(running);
            assertThat(database.<List<Task>>read(dsl -> stores.tasks()
                            .list(
                                    dsl,
                                    TasksRequest.newBuilder()
                                            .setCellId("cell-1")
                                            .build())))
                    .containsExactly(running);
            database.writeVoid(dsl -> dsl.execute("update tasks set task_definition = 'nonsense'"));
            assertThat(database.read(dsl -> stores.tasks().inventory(dsl)).undecodable())
                    .containsExactly("t");
        }
    }

    @ParameterizedTest
    @EnumSource
    void domainsExpire(TestDatabase kind) {
        long second = 1_000_000_000L;
        try (Database database = open(kind)) {
            Stores stores = stores(database);
            database.writeVoid(dsl -> stores.domains().upsert(dsl, "short", 10, 0));
            database.writeVoid(dsl -> stores.domains().upsert(dsl, "ever", 0, 0));
            database.writeVoid(dsl -> stores.domains().upsert(dsl, "short", 20, 0));

            assertThat(database.<List<String>>read(dsl -> stores.domains().fresh(dsl, 19 * second)))
                    .containsExactly("ever", "short");
            assertThat(database.<List<String>>read(dsl -> stores.domains().fresh(dsl, 20 * second)))
                    .containsExactly("ever");
            database.writeVoid(dsl -> stores.domains().deleteExpired(dsl, 20 * second));
            assertThat(database.<List<String>>read(dsl -> stores.domains().fresh(dsl, 0)))
                    .containsExactly("ever");
        }
    }

    @ParameterizedTest
    @EnumSource
    void errorsOfTheDatabaseAreThoseOfTheApi(TestDatabase kind) {
        try (Database database = open(kind)) {
            Stores stores = stores(database);
            database.writeVoid(dsl -> stores.actual().insert(dsl, Rows.unclaimed()));

            assertThat(failure(() -> database.writeVoid(dsl -> stores.actual().insert(dsl, Rows.unclaimed()))))
                    .isEqualTo(Error.Type.ResourceExists);
            assertThat(failure(() -> database.writeVoid(dsl ->
                            stores.desired().insert(dsl, Lrps.desired("x".repeat(256), 1), 1))))
                    .isEqualTo(Error.Type.InvalidRequest);
            database.writeVoid(dsl -> dsl.execute("drop table tasks"));
            assertThat(failure(() -> database.read(dsl -> stores.tasks().list(dsl, TasksRequest.getDefaultInstance()))))
                    .isEqualTo(Error.Type.Unrecoverable);
        }
    }

    private static Error.Type failure(Runnable call) {
        try {
            call.run();
            throw new AssertionError("did not fail");
        } catch (RuntimeException e) {
            return Failures.of(e).type();
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesOverADatabaseOf2022(TestDatabase kind) {
        try (Database database = open(kind)) {
            Stores stores = stores(database);
            DesiredLRP lrp = Lrps.desired("p", 1);
            database.writeVoid(dsl -> stores.desired().insert(dsl, lrp, 1));
            makeOld(database, lrp);

            new BbsSchema(database).migrate(codec);

            DesiredLRP read =
                    database.read(dsl -> stores.desired().find(dsl, "p")).orElseThrow();
            assertThat(read.getMetricTagsMap()).isEqualTo(lrp.getMetricTagsMap());
            assertThat(read.getUpdateStrategy()).isEqualTo(DesiredLRP.UpdateStrategy.ROLLING);
            database.writeVoid(dsl -> stores.actual().insert(dsl, Rows.running(Rows.OWN)));
            assertThat(database.<List<ActualLRP>>read(dsl -> stores.actual().all(dsl)))
                    .hasSize(1);
            assertThat(database.<String>read(dsl -> BbsSchema.configuration(dsl, "version")))
                    .isEqualTo("{\"CurrentVersion\":1772581987}");
        }
    }

    /** Takes away what came after version 1643660541. */
    private void makeOld(Database database, DesiredLRP lrp) {
        var runInfo = RunInfos.of(lrp, 1).toBuilder()
                .putAllMetricTags(lrp.getMetricTagsMap())
                .build();
        database.writeVoid(dsl -> {
            dsl.execute("alter table actual_lrps drop column metric_tags");
            dsl.execute("alter table actual_lrps drop column routable");
            dsl.execute("alter table actual_lrps drop column availability_zone");
            dsl.execute("alter table desired_lrps drop column metric_tags");
            dsl.execute("alter table desired_lrps drop column update_strategy");
            dsl.execute("drop table bbs_health_check");
            dsl.update(DesiredLrpStore.DESIRED_LRPS)
                    .set(DesiredLrpStore.RUN_INFO, codec.protobuf(runInfo))
                    .execute();
            BbsSchema.writeConfiguration(dsl, "version", "{\"CurrentVersion\":1643660541}");
        });
    }

    @ParameterizedTest
    @EnumSource
    void refusesADatabaseThatIsTooNewOrTooOld(TestDatabase kind) {
        try (Database database = open(kind)) {
            stores(database);
            database.writeVoid(dsl -> BbsSchema.writeConfiguration(dsl, "version", "{\"CurrentVersion\":9999999999}"));
            assertThatThrownBy(() -> new BbsSchema(database).migrate(codec))
                    .hasMessage("the BBS database has version 9999999999 (expected: at most 1772581987)");
            database.writeVoid(dsl -> BbsSchema.writeConfiguration(dsl, "version", "{\"CurrentVersion\":1529530809}"));
            assertThatThrownBy(() -> new BbsSchema(database).migrate(codec))
                    .hasMessageStartingWith("the BBS database has version 1529530809 (expected: 1643660541 or later");
        }
    }
}
