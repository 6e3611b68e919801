package org.cupola.bbs;

import java.util.List;
import org.cupola.platform.json.Json;
import org.cupola.platform.sql.Database;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import tools.jackson.core.JacksonException;

/**
 * The original's tables in their newest version, so that its database can be taken over, and given back.
 *
 * <p>The version stands in {@code configurations} as the original writes it. An empty database gets the newest tables; one of
 * 2022 or later gets the columns it lacks; an older one, and one from the future, is refused.
 */
final class BbsSchema {
    static final Table<?> CONFIGURATIONS = DSL.table("configurations");
    static final Field<String> CONFIGURATION_ID = DSL.field("id", SQLDataType.VARCHAR(255));
    static final Field<String> CONFIGURATION_VALUE = DSL.field(DSL.name("value"), SQLDataType.VARCHAR(255));

    private static final String VERSION_ID = "version";
    private static final long OLDEST = 1643660541;

    /** A step of the original's history: its number, and the statements that make it. */
    private record Step(long version, List<String> statements) {}

    private static final List<Step> STEPS = List.of(
            new Step(
                    1674146125,
                    List.of(
                            "{mysql} alter table desired_lrps modify annotation longtext,"
                                    + " modify routes longtext not null, modify volume_placement longtext not null,"
                                    + " modify run_info longtext not null",
                            "{mysql} alter table actual_lrps modify net_info longtext not null",
                            "{mysql} alter table tasks modify result longtext, modify task_definition longtext not null")),
            new Step(1676360874, List.of("alter table actual_lrps add column metric_tags {text}")),
            new Step(1686692176, List.of("alter table actual_lrps add column routable boolean default false")),
            new Step(
                    1698182853,
                    List.of("alter table actual_lrps add column availability_zone varchar(255) not null default ''")),
            new Step(1722634733, List.of("alter table desired_lrps add column metric_tags {text}")),
            new Step(
                    1764949919,
                    List.of("create table if not exists bbs_health_check"
                            + " (id {serial} primary key, time bigint not null)")),
            new Step(
                    1772581987, List.of("alter table desired_lrps add column update_strategy int not null default 0")));

    static final long NEWEST = STEPS.getLast().version;

    private static final List<String> TABLES = List.of(
            "create table domains (domain varchar(255) primary key, expire_time bigint default 0)",
            "create index domains_expire_time_idx on domains (expire_time)",
            "create table desired_lrps (process_guid varchar(255) primary key, domain varchar(255) not null,"
                    + " log_guid varchar(255) not null, annotation {longtext}, instances int not null,"
                    + " memory_mb int not null, disk_mb int not null, max_pids integer default 0,"
                    + " rootfs varchar(1024) not null, routes {longtext} not null, volume_placement {longtext} not null,"
                    + " modification_tag_epoch varchar(255) not null, modification_tag_index int,"
                    + " run_info {longtext} not null, placement_tags text, metric_tags {text},"
                    + " update_strategy int not null default 0)",
            "create index desired_lrps_domain_idx on desired_lrps (domain)",
            "create table actual_lrps (process_guid varchar(255), instance_index int, presence int not null default 0,"
                    + " evacuating boolean default false, domain varchar(255) not null, state varchar(255) not null,"
                    + " instance_guid varchar(255) not null default '', cell_id varchar(255) not null default '',"
                    + " placement_error varchar(1024) not null default '', since bigint default 0,"
                    + " net_info {longtext} not null, modification_tag_epoch varchar(255) not null,"
                    + " modification_tag_index int, crash_count int not null default 0,"
                    + " crash_reason varchar(1024) not null default '', expire_time bigint default 0,"
                    + " internal_routes {text}, metric_tags {text}, routable boolean default false,"
                    + " availability_zone varchar(255) not null default '',"
                    + " primary key (process_guid, instance_index, presence))",
            "create index actual_lrps_domain_idx on actual_lrps (domain)",
            "create index actual_lrps_cell_id_idx on actual_lrps (cell_id)",
            "create index actual_lrps_since_idx on actual_lrps (since)",
            "create index actual_lrps_state_idx on actual_lrps (state)",
            "create index actual_lrps_expire_time_idx on actual_lrps (expire_time)",
            "create table tasks (guid varchar(255) primary key, domain varchar(255) not null,"
                    + " updated_at bigint default 0, created_at bigint default 0, first_completed_at bigint default 0,"
                    + " state int, cell_id varchar(255) not null default '', result {longtext},"
                    + " failed boolean default false, failure_reason varchar(1024) not null default '',"
                    + " task_definition {longtext} not null, rejection_count integer not null default 0,"
                    + " rejection_reason varchar(1024) not null default '')",
            "create index tasks_domain_idx on tasks (domain)",
            "create index tasks_state_idx on tasks (state)",
            "create index tasks_cell_id_idx on tasks (cell_id)",
            "create index tasks_updated_at_idx on tasks (updated_at)",
            "create index tasks_created_at_idx on tasks (created_at)",
            "create index tasks_first_completed_at_idx on tasks (first_completed_at)",
            "create table if not exists bbs_health_check (id {serial} primary key, time bigint not null)");

    private final Database database;

    BbsSchema(Database database) {
        this.database = database;
    }

    /** @throws IllegalStateException when the database is too old or too new */
    void migrate(RecordCodec codec) {
        database.exclusively("bbs-migrations", () -> migrateAlone(codec));
    }

    private void migrateAlone(RecordCodec codec) {
        database.writeVoid(dsl -> dsl.execute(
                "create table if not exists configurations (id varchar(255) primary key, value varchar(255))"));
        long present = database.read(this::version);
        if (present > NEWEST) {
            throw new IllegalStateException(
                    "the BBS database has version " + present + " (expected: at most " + NEWEST + ")");
        }
        if (present == 0) {
            database.writeVoid(dsl -> {
                TABLES.forEach(statement -> execute(dsl, statement));
                writeVersion(dsl, NEWEST);
            });
            return;
        }
        if (present < OLDEST) {
            throw new IllegalStateException("the BBS database has version " + present + " (expected: " + OLDEST
                    + " or later; upgrade it with a diego-release of 2024 first)");
        }
        for (Step step : STEPS) {
            if (step.version > present) {
                database.writeVoid(dsl -> {
                    step.statements.forEach(statement -> execute(dsl, statement));
                    if (step.version == 1722634733) {
                        SplitMetricTags.run(dsl, codec);
                    }
                    writeVersion(dsl, step.version);
                });
            }
        }
    }

    private static void execute(DSLContext dsl, String statement) {
        boolean mysql = dsl.dialect() == SQLDialect.MARIADB;
        String sql = statement;
        if (sql.startsWith("{mysql} ")) {
            if (!mysql) {
                return;
            }
            sql = sql.substring("{mysql} ".length());
        }
        String serial = switch (dsl.dialect()) {
            case MARIADB -> "int auto_increment";
            case POSTGRES -> "serial";
            default -> "integer";
        };
        dsl.execute(sql.replace("{longtext}", mysql ? "longtext" : "text")
                .replace("{text}", mysql ? "mediumtext" : "text")
                .replace("{serial}", serial));
    }

    private long version(DSLContext dsl) {
        String value = configuration(dsl, VERSION_ID);
        if (value.isEmpty()) {
            return 0;
        }
        try {
            return Json.tree(value).path("CurrentVersion").asLong(0);
        } catch (JacksonException e) {
            throw new IllegalStateException("the BBS database's version cannot be read: " + value, e);
        }
    }

    private static void writeVersion(DSLContext dsl, long version) {
        writeConfiguration(dsl, VERSION_ID, "{\"CurrentVersion\":" + version + "}");
    }

    /** Empty when absent. */
    static String configuration(DSLContext dsl, String id) {
        Record row = dsl.select(CONFIGURATION_VALUE)
                .from(CONFIGURATIONS)
                .where(CONFIGURATION_ID.eq(id))
                .fetchOne();
        String value = row == null ? null : row.get(CONFIGURATION_VALUE);
        return value == null ? "" : value;
    }

    static void writeConfiguration(DSLContext dsl, String id, String value) {
        int updated = dsl.update(CONFIGURATIONS)
                .set(CONFIGURATION_VALUE, value)
                .where(CONFIGURATION_ID.eq(id))
                .execute();
        if (updated == 0) {
            dsl.insertInto(CONFIGURATIONS)
                    .columns(CONFIGURATION_ID, CONFIGURATION_VALUE)
                    .values(id, value)
                    .execute();
        }
    }
}
