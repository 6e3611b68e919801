package org.cupola.bbs;

import static org.jooq.impl.DSL.name;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPKey;
import org.cupola.protocol.bbs.proto.DesiredLRPResource;
import org.cupola.protocol.bbs.proto.DesiredLRPRunInfo;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfo;
import org.cupola.protocol.bbs.proto.DesiredLRPsRequest;
import org.cupola.protocol.bbs.proto.ModificationTag;
import org.cupola.protocol.bbs.proto.VolumeMount;
import org.cupola.protocol.bbs.proto.VolumePlacement;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of desired LRPs: what scheduling and routing need in columns, the rest in the encrypted run info. Runs in the
 * caller's transaction. Lists leave out rows that cannot be decoded; getting one of them is a {@link Refusal}.
 */
final class DesiredLrpStore {
    static final Table<?> DESIRED_LRPS = DSL.table("desired_lrps");
    static final Field<String> PROCESS_GUID = DSL.field("process_guid", SQLDataType.VARCHAR(255));
    static final Field<String> ROUTES = DSL.field("routes", SQLDataType.CLOB);
    static final Field<String> VOLUME_PLACEMENT = DSL.field("volume_placement", SQLDataType.CLOB);
    static final Field<String> RUN_INFO = DSL.field("run_info", SQLDataType.CLOB);
    static final Field<String> METRIC_TAGS = DSL.field("metric_tags", SQLDataType.CLOB);

    private static final Logger log = LoggerFactory.getLogger(DesiredLrpStore.class);
    private static final Field<String> DOMAIN = DSL.field(name("domain"), SQLDataType.VARCHAR(255));
    private static final Field<String> LOG_GUID = DSL.field("log_guid", SQLDataType.VARCHAR(255));
    private static final Field<String> ANNOTATION = DSL.field("annotation", SQLDataType.CLOB);
    private static final Field<Integer> INSTANCES = DSL.field("instances", SQLDataType.INTEGER);
    private static final Field<Integer> MEMORY_MB = DSL.field("memory_mb", SQLDataType.INTEGER);
    private static final Field<Integer> DISK_MB = DSL.field("disk_mb", SQLDataType.INTEGER);
    private static final Field<Integer> MAX_PIDS = DSL.field("max_pids", SQLDataType.INTEGER);
    private static final Field<String> ROOTFS = DSL.field("rootfs", SQLDataType.VARCHAR(1024));
    private static final Field<String> EPOCH = DSL.field("modification_tag_epoch", SQLDataType.VARCHAR(255));
    private static final Field<Integer> TAG_INDEX = DSL.field("modification_tag_index", SQLDataType.INTEGER);
    private static final Field<String> PLACEMENT_TAGS = DSL.field("placement_tags", SQLDataType.CLOB);
    private static final Field<Integer> UPDATE_STRATEGY = DSL.field("update_strategy", SQLDataType.INTEGER);
    private static final int MAX_NAME = 255;
    private static final int MAX_ROOTFS = 1024;

    private final RecordCodec codec;

    DesiredLrpStore(RecordCodec codec) {
        this.codec = codec;
    }

    /** @param lrp with its modification tag */
    void insert(DSLContext dsl, DesiredLRP lrp, long createdAt) {
        boolean fits = lrp.getProcessGuid().length() <= MAX_NAME
                && lrp.getDomain().length() <= MAX_NAME
                && lrp.getLogGuid().length() <= MAX_NAME
                && lrp.getRootFs().length() <= MAX_ROOTFS;
        if (!fits) {
            throw Refusal.badRequest();
        }
        dsl.insertInto(DESIRED_LRPS)
                .set(PROCESS_GUID, lrp.getProcessGuid())
                .set(DOMAIN, lrp.getDomain())
                .set(LOG_GUID, lrp.getLogGuid())
                .set(ANNOTATION, lrp.getAnnotation())
                .set(INSTANCES, lrp.getInstances())
                .set(MEMORY_MB, lrp.getMemoryMb())
                .set(DISK_MB, lrp.getDiskMb())
                .set(MAX_PIDS, lrp.getMaxPids())
                .set(ROOTFS, lrp.getRootFs())
                .set(ROUTES, codec.routes(lrp.getRoutes()))
                .set(VOLUME_PLACEMENT, codec.protobuf(volumePlacement(lrp)))
                .set(EPOCH, lrp.getModificationTag().getEpoch())
                .set(TAG_INDEX, lrp.getModificationTag().getIndex())
                .set(RUN_INFO, codec.protobuf(RunInfos.of(lrp, createdAt)))
                .set(PLACEMENT_TAGS, RecordCodec.placementTags(lrp.getPlacementTagsList()))
                .set(METRIC_TAGS, codec.desiredTags(lrp.getMetricTagsMap()))
                .set(UPDATE_STRATEGY, lrp.getUpdateStrategyValue())
                .execute();
    }

    /** Writes the parts an update may change. */
    void update(DSLContext dsl, DesiredLRP before, DesiredLRP after) {
        var update = dsl.update(DESIRED_LRPS)
                .set(INSTANCES, after.getInstances())
                .set(ANNOTATION, after.getAnnotation())
                .set(TAG_INDEX, after.getModificationTag().getIndex());
        if (!before.getRoutes().equals(after.getRoutes())) {
            update = update.set(ROUTES, codec.routes(after.getRoutes()));
        }
        if (!before.getMetricTagsMap().equals(after.getMetricTagsMap())) {
            update = update.set(METRIC_TAGS, codec.desiredTags(after.getMetricTagsMap()));
        }
        boolean sameImage = before.getImageUsername().equals(after.getImageUsername())
                && before.getImagePassword().equals(after.getImagePassword());
        if (!sameImage) {
            update = update.set(RUN_INFO, codec.protobuf(withImage(dsl, after)));
        }
        update.where(PROCESS_GUID.eq(after.getProcessGuid())).execute();
    }

    private DesiredLRPRunInfo withImage(DSLContext dsl, DesiredLRP after) {
        String stored = dsl.select(RUN_INFO)
                .from(DESIRED_LRPS)
                .where(PROCESS_GUID.eq(after.getProcessGuid()))
                .fetchOne(RUN_INFO);
        return codec.protobuf(stored, DesiredLRPRunInfo.parser()).toBuilder()
                .setImageUsername(after.getImageUsername())
                .setImagePassword(after.getImagePassword())
                .build();
    }

    void delete(DSLContext dsl, String processGuid) {
        dsl.deleteFrom(DESIRED_LRPS).where(PROCESS_GUID.eq(processGuid)).execute();
    }

    Optional<DesiredLRP> find(DSLContext dsl, String processGuid) {
        return dsl.select(columns())
                .from(DESIRED_LRPS)
                .where(PROCESS_GUID.eq(processGuid))
                .fetchOptional(this::toDesired);
    }

    /** As {@link #find}, with the row locked where the database locks rows. */
    Optional<DesiredLRP> findForUpdate(DSLContext dsl, String processGuid) {
        var query = dsl.select(columns()).from(DESIRED_LRPS).where(PROCESS_GUID.eq(processGuid));
        var locking = dsl.dialect() == SQLDialect.SQLITE ? query : query.forUpdate();
        return locking.fetchOptional(this::toDesired);
    }

    List<DesiredLRP> list(DSLContext dsl, DesiredLRPsRequest filter) {
        return fetch(dsl, conditions(filter), this::toDesired);
    }

    List<DesiredLRPSchedulingInfo> schedulingInfos(DSLContext dsl, DesiredLRPsRequest filter) {
        var withoutAppGuids = filter.toBuilder().clearAppGuids().build();
        return fetch(dsl, conditions(withoutAppGuids), this::toSchedulingInfo);
    }

    Optional<DesiredLRPSchedulingInfo> schedulingInfo(DSLContext dsl, String processGuid) {
        return dsl.select(columns())
                .from(DESIRED_LRPS)
                .where(PROCESS_GUID.eq(processGuid))
                .fetchOptional(this::toSchedulingInfo);
    }

    List<DesiredLRP> routingInfos(DSLContext dsl, DesiredLRPsRequest filter) {
        var onlyGuids = DesiredLRPsRequest.newBuilder()
                .addAllProcessGuids(filter.getProcessGuidsList())
                .build();
        return fetch(dsl, conditions(onlyGuids), this::toRoutingInfo);
    }

    /** What convergence compares with instances. */
    List<DesiredProcess> processes(DSLContext dsl) {
        return fetch(
                dsl,
                List.of(),
                row -> new DesiredProcess(toSchedulingInfo(row), codec.desiredTags(row.get(METRIC_TAGS))));
    }

    private <T> List<T> fetch(DSLContext dsl, List<Condition> conditions, Function<Record, T> decode) {
        List<T> decoded = new ArrayList<>();
        for (Record row : dsl.select(columns())
                .from(DESIRED_LRPS)
                .where(conditions)
                .orderBy(PROCESS_GUID)
                .fetch()) {
            try {
                decoded.add(decode.apply(row));
            } catch (Refusal e) {
                log.atError().addKeyValue("process_guid", row.get(PROCESS_GUID)).log("undecodable-desired-lrp");
            }
        }
        return List.copyOf(decoded);
    }

    private static List<Field<?>> columns() {
        return List.of(
                PROCESS_GUID,
                DOMAIN,
                LOG_GUID,
                ANNOTATION,
                INSTANCES,
                MEMORY_MB,
                DISK_MB,
                MAX_PIDS,
                ROOTFS,
                ROUTES,
                VOLUME_PLACEMENT,
                EPOCH,
                TAG_INDEX,
                RUN_INFO,
                PLACEMENT_TAGS,
                METRIC_TAGS,
                UPDATE_STRATEGY);
    }

    private static List<Condition> conditions(DesiredLRPsRequest filter) {
        List<Condition> conditions = new ArrayList<>();
        if (!filter.getDomain().isEmpty()) {
            conditions.add(DOMAIN.eq(filter.getDomain()));
        }
        if (filter.getProcessGuidsCount() > 0) {
            conditions.add(PROCESS_GUID.in(filter.getProcessGuidsList()));
        }
        if (filter.getAppGuidsCount() > 0) {
            conditions.add(DSL.or(filter.getAppGuidsList().stream()
                    .map(PROCESS_GUID::startsWith)
                    .toList()));
        }
        return conditions;
    }

    private DesiredLRP toDesired(Record row) {
        var runInfo = codec.protobuf(row.get(RUN_INFO), DesiredLRPRunInfo.parser());
        var lrp = RunInfos.fill(routing(row), runInfo)
                .setAnnotation(orEmpty(row.get(ANNOTATION)))
                .setRootFs(row.get(ROOTFS))
                .setMemoryMb(row.get(MEMORY_MB))
                .setDiskMb(row.get(DISK_MB))
                .setMaxPids(orZero(row.get(MAX_PIDS)))
                .addAllPlacementTags(RecordCodec.placementTags(row.get(PLACEMENT_TAGS)))
                .setUpdateStrategyValue(row.get(UPDATE_STRATEGY));
        lrp.clearPorts().addAllPorts(new LinkedHashSet<>(runInfo.getPortsList()));
        return RunInfos.withMatchingMetricsGuid(lrp).build();
    }

    private DesiredLRP toRoutingInfo(Record row) {
        return routing(row).build();
    }

    private DesiredLRP.Builder routing(Record row) {
        return DesiredLRP.newBuilder()
                .setProcessGuid(row.get(PROCESS_GUID))
                .setDomain(row.get(DOMAIN))
                .setLogGuid(row.get(LOG_GUID))
                .setInstances(row.get(INSTANCES))
                .setRoutes(codec.routes(row.get(ROUTES)))
                .setModificationTag(tag(row))
                .putAllMetricTags(codec.desiredTags(row.get(METRIC_TAGS)));
    }

    private DesiredLRPSchedulingInfo toSchedulingInfo(Record row) {
        return DesiredLRPSchedulingInfo.newBuilder()
                .setDesiredLrpKey(DesiredLRPKey.newBuilder()
                        .setProcessGuid(row.get(PROCESS_GUID))
                        .setDomain(row.get(DOMAIN))
                        .setLogGuid(row.get(LOG_GUID)))
                .setAnnotation(orEmpty(row.get(ANNOTATION)))
                .setInstances(row.get(INSTANCES))
                .setDesiredLrpResource(DesiredLRPResource.newBuilder()
                        .setMemoryMb(row.get(MEMORY_MB))
                        .setDiskMb(row.get(DISK_MB))
                        .setRootFs(row.get(ROOTFS))
                        .setMaxPids(orZero(row.get(MAX_PIDS))))
                .setRoutes(codec.routes(row.get(ROUTES)))
                .setModificationTag(tag(row))
                .setVolumePlacement(codec.protobuf(row.get(VOLUME_PLACEMENT), VolumePlacement.parser()))
                .addAllPlacementTags(RecordCodec.placementTags(row.get(PLACEMENT_TAGS)))
                .build();
    }

    private static ModificationTag tag(Record row) {
        return ModificationTag.newBuilder()
                .setEpoch(row.get(EPOCH))
                .setIndex(orZero(row.get(TAG_INDEX)))
                .build();
    }

    static VolumePlacement volumePlacement(DesiredLRP lrp) {
        return VolumePlacement.newBuilder()
                .addAllDriverNames(lrp.getVolumeMountsList().stream()
                        .map(VolumeMount::getDriver)
                        .toList())
                .build();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static int orZero(@Nullable Integer number) {
        return number == null ? 0 : number;
    }

    /** A process as convergence sees it. */
    record DesiredProcess(
            DesiredLRPSchedulingInfo info, Map<String, org.cupola.protocol.bbs.proto.MetricTagValue> metricTags) {
        String guid() {
            return info.getDesiredLrpKey().getProcessGuid();
        }

        String domain() {
            return info.getDesiredLrpKey().getDomain();
        }
    }
}
