package org.cupola.bbs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRP.Presence;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;
import org.cupola.protocol.bbs.proto.ModificationTag;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.SelectConditionStep;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of actual LRPs. Runs in the caller's transaction. A row whose encrypted parts cannot be read is left out and, where
 * the transaction may write, deleted: nobody could ever act on it, and convergence makes another.
 */
final class ActualLrpStore {
    static final Table<?> ACTUAL_LRPS = DSL.table("actual_lrps");
    static final Field<String> PROCESS_GUID = DSL.field("process_guid", SQLDataType.VARCHAR(255));
    static final Field<Integer> INSTANCE_INDEX = DSL.field("instance_index", SQLDataType.INTEGER);
    static final Field<Integer> PRESENCE = DSL.field("presence", SQLDataType.INTEGER);
    static final Field<String> NET_INFO = DSL.field("net_info", SQLDataType.CLOB);
    static final Field<String> INTERNAL_ROUTES = DSL.field("internal_routes", SQLDataType.CLOB);
    static final Field<String> METRIC_TAGS = DSL.field("metric_tags", SQLDataType.CLOB);

    private static final Logger log = LoggerFactory.getLogger(ActualLrpStore.class);
    private static final Field<String> DOMAIN = DSL.field(DSL.name("domain"), SQLDataType.VARCHAR(255));
    private static final Field<String> STATE = DSL.field("state", SQLDataType.VARCHAR(255));
    private static final Field<String> INSTANCE_GUID = DSL.field("instance_guid", SQLDataType.VARCHAR(255));
    private static final Field<String> CELL_ID = DSL.field("cell_id", SQLDataType.VARCHAR(255));
    private static final Field<String> PLACEMENT_ERROR = DSL.field("placement_error", SQLDataType.VARCHAR(1024));
    private static final Field<Long> SINCE = DSL.field("since", SQLDataType.BIGINT);
    private static final Field<String> EPOCH = DSL.field("modification_tag_epoch", SQLDataType.VARCHAR(255));
    private static final Field<Integer> TAG_INDEX = DSL.field("modification_tag_index", SQLDataType.INTEGER);
    private static final Field<Integer> CRASH_COUNT = DSL.field("crash_count", SQLDataType.INTEGER);
    private static final Field<String> CRASH_REASON = DSL.field("crash_reason", SQLDataType.VARCHAR(1024));
    private static final Field<Boolean> ROUTABLE = DSL.field("routable", SQLDataType.BOOLEAN);
    private static final Field<String> ZONE = DSL.field("availability_zone", SQLDataType.VARCHAR(255));

    private final RecordCodec codec;

    ActualLrpStore(RecordCodec codec) {
        this.codec = codec;
    }

    /** The rows of one index, locked for a change where the database locks rows. */
    IndexRows forUpdate(DSLContext dsl, String processGuid, int index) {
        var query = select(dsl, PROCESS_GUID.eq(processGuid), INSTANCE_INDEX.eq(index));
        var locking = dsl.dialect() == SQLDialect.SQLITE ? query : query.forUpdate();
        return IndexRows.of(decodeOrDelete(dsl, locking.fetch()));
    }

    /** All rows of a process by index, for a change. */
    Map<Integer, IndexRows> ofProcess(DSLContext dsl, String processGuid) {
        Map<Integer, IndexRows> byIndex = new LinkedHashMap<>();
        decodeOrDelete(dsl, select(dsl, PROCESS_GUID.eq(processGuid)).fetch())
                .forEach(row -> byIndex.merge(
                        row.getActualLrpKey().getIndex(), IndexRows.NONE.with(row), (known, other) -> known.with(row)));
        return byIndex;
    }

    private List<ActualLRP> decodeOrDelete(DSLContext dsl, List<? extends Record> records) {
        List<ActualLRP> rows = new ArrayList<>();
        for (Record row : records) {
            Optional<ActualLRP> decoded = decode(row);
            decoded.ifPresent(rows::add);
            if (decoded.isEmpty()) {
                delete(dsl, row.get(PROCESS_GUID), row.get(INSTANCE_INDEX), row.get(PRESENCE));
            }
        }
        return rows;
    }

    List<ActualLRP> list(DSLContext dsl, ActualLRPsRequest filter) {
        List<Condition> conditions = new ArrayList<>();
        if (!filter.getDomain().isEmpty()) {
            conditions.add(DOMAIN.eq(filter.getDomain()));
        }
        if (!filter.getCellId().isEmpty()) {
            conditions.add(CELL_ID.eq(filter.getCellId()));
        }
        if (!filter.getProcessGuid().isEmpty()) {
            conditions.add(PROCESS_GUID.eq(filter.getProcessGuid()));
        }
        if (filter.hasIndex()) {
            conditions.add(INSTANCE_INDEX.eq(filter.getIndex()));
        }
        return list(dsl, conditions);
    }

    List<ActualLRP> ofProcesses(DSLContext dsl, Collection<String> processGuids) {
        return list(dsl, List.of(PROCESS_GUID.in(processGuids)));
    }

    List<ActualLRP> all(DSLContext dsl) {
        return list(dsl, List.of());
    }

    private List<ActualLRP> list(DSLContext dsl, List<Condition> conditions) {
        return select(dsl, conditions.toArray(Condition[]::new))
                .orderBy(PROCESS_GUID, INSTANCE_INDEX, PRESENCE)
                .fetch()
                .stream()
                .flatMap(row -> decode(row).stream())
                .toList();
    }

    /** How many ordinary rows of the process run. */
    int runningInstances(DSLContext dsl, String processGuid) {
        return dsl.fetchCount(
                ACTUAL_LRPS,
                PROCESS_GUID
                        .eq(processGuid)
                        .and(PRESENCE.eq(Presence.ORDINARY_VALUE))
                        .and(STATE.eq(Instances.RUNNING)));
    }

    /** Makes the rows of an index what the change says. */
    void write(DSLContext dsl, Change change) {
        for (Presence presence : List.of(Presence.ORDINARY, Presence.EVACUATING, Presence.SUSPECT)) {
            ActualLRP before = change.before().row(presence);
            ActualLRP after = change.after().row(presence);
            if (before != null && after == null) {
                var key = before.getActualLrpKey();
                delete(dsl, key.getProcessGuid(), key.getIndex(), presence.getNumber());
            } else if (before == null && after != null) {
                insert(dsl, after);
            } else if (before != null && after != null && !before.equals(after)) {
                update(dsl, after);
            }
        }
    }

    void insert(DSLContext dsl, ActualLRP row) {
        dsl.insertInto(ACTUAL_LRPS)
                .set(PROCESS_GUID, row.getActualLrpKey().getProcessGuid())
                .set(INSTANCE_INDEX, row.getActualLrpKey().getIndex())
                .set(PRESENCE, row.getPresenceValue())
                .set(columns(row))
                .execute();
    }

    private void update(DSLContext dsl, ActualLRP row) {
        dsl.update(ACTUAL_LRPS)
                .set(columns(row))
                .where(
                        PROCESS_GUID.eq(row.getActualLrpKey().getProcessGuid()),
                        INSTANCE_INDEX.eq(row.getActualLrpKey().getIndex()),
                        PRESENCE.eq(row.getPresenceValue()))
                .execute();
    }

    private static void delete(DSLContext dsl, String processGuid, int index, int presence) {
        dsl.deleteFrom(ACTUAL_LRPS)
                .where(PROCESS_GUID.eq(processGuid), INSTANCE_INDEX.eq(index), PRESENCE.eq(presence))
                .execute();
    }

    private Map<Field<?>, Object> columns(ActualLRP row) {
        Map<Field<?>, Object> columns = new LinkedHashMap<>();
        columns.put(DOMAIN, row.getActualLrpKey().getDomain());
        columns.put(STATE, row.getState());
        columns.put(INSTANCE_GUID, row.getActualLrpInstanceKey().getInstanceGuid());
        columns.put(CELL_ID, row.getActualLrpInstanceKey().getCellId());
        columns.put(PLACEMENT_ERROR, row.getPlacementError());
        columns.put(SINCE, row.getSince());
        columns.put(NET_INFO, codec.protobuf(row.getActualLrpNetInfo()));
        columns.put(EPOCH, row.getModificationTag().getEpoch());
        columns.put(TAG_INDEX, row.getModificationTag().getIndex());
        columns.put(CRASH_COUNT, row.getCrashCount());
        columns.put(CRASH_REASON, row.getCrashReason());
        columns.put(INTERNAL_ROUTES, codec.internalRoutes(row.getActualLrpInternalRoutesList()));
        columns.put(METRIC_TAGS, codec.instanceTags(row.getMetricTagsMap()));
        columns.put(ROUTABLE, row.getRoutable());
        columns.put(ZONE, row.getAvailabilityZone());
        return columns;
    }

    private static SelectConditionStep<?> select(DSLContext dsl, Condition... conditions) {
        return dsl.select(
                        PROCESS_GUID,
                        INSTANCE_INDEX,
                        PRESENCE,
                        DOMAIN,
                        STATE,
                        INSTANCE_GUID,
                        CELL_ID,
                        PLACEMENT_ERROR,
                        SINCE,
                        NET_INFO,
                        EPOCH,
                        TAG_INDEX,
                        CRASH_COUNT,
                        CRASH_REASON,
                        INTERNAL_ROUTES,
                        METRIC_TAGS,
                        ROUTABLE,
                        ZONE)
                .from(ACTUAL_LRPS)
                .where(conditions);
    }

    private Optional<ActualLRP> decode(Record row) {
        try {
            String netInfo = row.get(NET_INFO);
            return Optional.of(ActualLRP.newBuilder()
                    .setActualLrpKey(Instances.key(row.get(PROCESS_GUID), row.get(INSTANCE_INDEX), row.get(DOMAIN)))
                    .setActualLrpInstanceKey(ActualLRPInstanceKey.newBuilder()
                            .setInstanceGuid(row.get(INSTANCE_GUID))
                            .setCellId(row.get(CELL_ID)))
                    .setActualLrpNetInfo(
                            netInfo.isEmpty()
                                    ? ActualLRPNetInfo.getDefaultInstance()
                                    : codec.protobuf(netInfo, ActualLRPNetInfo.parser()))
                    .setPresenceValue(row.get(PRESENCE))
                    .setState(row.get(STATE))
                    .setPlacementError(row.get(PLACEMENT_ERROR))
                    .setSince(orZero(row.get(SINCE)))
                    .setModificationTag(ModificationTag.newBuilder()
                            .setEpoch(row.get(EPOCH))
                            .setIndex((int) orZero(asLong(row.get(TAG_INDEX)))))
                    .setCrashCount(row.get(CRASH_COUNT))
                    .setCrashReason(row.get(CRASH_REASON))
                    .addAllActualLrpInternalRoutes(codec.internalRoutes(row.get(INTERNAL_ROUTES)))
                    .putAllMetricTags(codec.instanceTags(row.get(METRIC_TAGS)))
                    .setRoutable(Boolean.TRUE.equals(row.get(ROUTABLE)))
                    .setAvailabilityZone(row.get(ZONE))
                    .build());
        } catch (Refusal e) {
            log.atError()
                    .addKeyValue("process_guid", row.get(PROCESS_GUID))
                    .addKeyValue("index", row.get(INSTANCE_INDEX))
                    .log("undecodable-actual-lrp");
            return Optional.empty();
        }
    }

    private static @Nullable Long asLong(@Nullable Integer number) {
        return number == null ? null : Long.valueOf(number);
    }

    private static long orZero(@Nullable Long number) {
        return number == null ? 0 : number;
    }
}
