package org.cupola.routingapi;

import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.cupola.platform.sql.Database;
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
 * The schema of the original, version by version, with its own version table: a database made by any of its versions is
 * brought to the newest, and an original of that version can go on with a database of ours.
 *
 * <p>MySQL cannot undo changes of a schema, so each step looks at what there is and may run twice. Blocking; confined to
 * the thread that starts the component.
 */
final class Schema {
    /** What the original at version 11 writes; there is no version 1. */
    static final int NEWEST = 11;

    private static final Logger log = LoggerFactory.getLogger(Schema.class);
    private static final String KEY = "routing-api-migration";
    private static final Table<?> MIGRATION_DATA = DSL.table(DSL.name("migration_data"));
    private static final Field<String> MIGRATION_KEY = RouteRows.text("migration_key");
    private static final Field<Integer> CURRENT_VERSION = RouteRows.number("current_version");
    private static final Field<Integer> TARGET_VERSION = RouteRows.number("target_version");
    private static final String TCP_INDEX = "idx_tcp_route";
    private static final List<String> TCP_INDEX_COLUMNS = List.of(
            "router_group_guid",
            "host_port",
            "host_ip",
            "external_port",
            "sni_hostname",
            "host_tls_port",
            "terminate_frontend_tls",
            "enable_backend_m_tls");

    private final Database database;
    private final SQLDialect dialect;

    Schema(Database database) {
        this.database = database;
        this.dialect = database.dialect();
    }

    /** @throws IllegalStateException when the data contradict the new schema */
    void migrate() {
        database.exclusively(KEY, this::migrateAlone);
    }

    private void migrateAlone() {
        database.writeVoid(db -> db.createTableIfNotExists(MIGRATION_DATA)
                .column(MIGRATION_KEY.getName(), SQLDataType.VARCHAR(191).nullable(false))
                .column(CURRENT_VERSION.getName(), SQLDataType.INTEGER)
                .column(TARGET_VERSION.getName(), SQLDataType.INTEGER)
                .constraint(DSL.primaryKey(MIGRATION_KEY.getName()))
                .execute());
        int current = database.write(this::currentVersion);
        if (current >= NEWEST) {
            return;
        }
        database.writeVoid(db -> db.update(MIGRATION_DATA)
                .set(TARGET_VERSION, NEWEST)
                .where(MIGRATION_KEY.eq(KEY))
                .execute());
        for (Map.Entry<Integer, Consumer<DSLContext>> step : steps()) {
            if (step.getKey() > current) {
                database.writeVoid(db -> {
                    step.getValue().accept(db);
                    db.update(MIGRATION_DATA)
                            .set(CURRENT_VERSION, step.getKey())
                            .where(MIGRATION_KEY.eq(KEY))
                            .execute();
                });
                log.atInfo().addKeyValue("version", step.getKey()).log("finished-migration");
            }
        }
    }

    private int currentVersion(DSLContext db) {
        Integer found = db.select(CURRENT_VERSION)
                .from(MIGRATION_DATA)
                .where(MIGRATION_KEY.eq(KEY))
                .fetchOne(CURRENT_VERSION);
        if (found != null) {
            return found;
        }
        db.insertInto(MIGRATION_DATA)
                .columns(MIGRATION_KEY, CURRENT_VERSION, TARGET_VERSION)
                .values(KEY, -1, 0)
                .execute();
        return -1;
    }

    private List<Map.Entry<Integer, Consumer<DSLContext>>> steps() {
        return List.of(
                Map.entry(0, this::createTables),
                Map.entry(2, this::uniqueGroupNames),
                Map.entry(3, db -> addColumn(db, "isolation_segment", text())),
                // The original rebuilds the index of tcp_routes at each of the following; once, at the end, is enough.
                Map.entry(4, db -> dropIndex(db, "tcp_routes", TCP_INDEX)),
                Map.entry(5, db -> addColumn(db, "sni_hostname", text())),
                Map.entry(6, db -> {
                    addColumn(db, "host_tls_port", "integer");
                    addColumn(db, "instance_id", text());
                }),
                Map.entry(7, db -> nullable(db, "instance_id")),
                Map.entry(8, db -> {
                    db.execute("update tcp_routes set host_tls_port = 0 where host_tls_port is null");
                    setDefault(db, "host_tls_port", "0");
                }),
                Map.entry(9, db -> {
                    addColumn(db, "terminate_frontend_tls", "boolean default false");
                    addColumn(db, "alp_ns", text());
                }),
                Map.entry(10, db -> addColumn(db, "sni_rewrite_hostname", text())),
                Map.entry(11, db -> {
                    addColumn(db, "enable_backend_m_tls", "boolean default false");
                    indexTcpRoutes(db);
                }));
    }

    private void createTables(DSLContext db) {
        String common = "guid " + key() + " not null primary key, created_at " + time() + ", updated_at " + time();
        db.execute("create table if not exists router_groups (" + common + ", name " + key() + ", type " + text()
                + ", reservable_ports " + text() + ")");
        db.execute("create table if not exists routes (" + common + ", expires_at " + time() + ", route " + text()
                + " not null, port integer not null, ip " + text() + " not null, ttl bigint, log_guid " + text()
                + ", route_service_url " + text() + " not null, modification_guid " + text()
                + ", modification_index bigint)");
        db.execute("create table if not exists tcp_routes (" + common + ", expires_at " + time()
                + ", router_group_guid " + text() + ", host_port integer not null, host_ip " + text()
                + " not null, external_port integer not null, modification_guid " + text()
                + ", modification_index bigint, ttl bigint)");
    }

    private void uniqueGroupNames(DSLContext db) {
        List<String> twice = db.select(RouteRows.text("name"))
                .from("router_groups")
                .groupBy(RouteRows.text("name"))
                .having(DSL.count().gt(1))
                .fetch(RouteRows.text("name"));
        if (!twice.isEmpty()) {
            throw new IllegalStateException("router groups with the same name: " + String.join(", ", twice)
                    + " (expected: each name once; rename or delete the others)");
        }
        createIndex(db, "router_groups", "idx_rg_name", List.of("name"));
    }

    private void indexTcpRoutes(DSLContext db) {
        dropIndex(db, "tcp_routes", TCP_INDEX);
        deleteDuplicates(db);
        createIndex(db, "tcp_routes", TCP_INDEX, TCP_INDEX_COLUMNS);
    }

    /** Versions 8 and 9 had no index, so there may be rows that it would refuse; the one that lives longest stays. */
    private static void deleteDuplicates(DSLContext db) {
        Map<List<@Nullable Object>, String> seen = new HashMap<>();
        List<String> surplus = new ArrayList<>();
        List<Field<?>> fields = new ArrayList<>();
        TCP_INDEX_COLUMNS.forEach(column -> fields.add(DSL.field(DSL.name(column))));
        fields.add(RouteRows.GUID);
        for (Record row : db.select(fields)
                .from("tcp_routes")
                .orderBy(DSL.field("expires_at").desc())) {
            List<@Nullable Object> identity = new ArrayList<>(row.intoList()).subList(0, TCP_INDEX_COLUMNS.size());
            if (!identity.contains(null) && seen.putIfAbsent(identity, row.get(RouteRows.GUID)) != null) {
                surplus.add(row.get(RouteRows.GUID));
            }
        }
        surplus.forEach(guid -> db.execute("delete from tcp_routes where guid = ?", guid));
    }

    private void addColumn(DSLContext db, String column, String type) {
        if (!hasColumn(db, column)) {
            db.execute("alter table tcp_routes add column " + column + " " + type);
        }
    }

    private void nullable(DSLContext db, String column) {
        switch (dialect.family()) {
            case POSTGRES -> db.execute("alter table tcp_routes alter column " + column + " drop not null");
            case SQLITE -> {} // ours from the beginning, and nullable
            default -> db.execute("alter table tcp_routes modify column " + column + " " + text() + " null");
        }
    }

    private void setDefault(DSLContext db, String column, String value) {
        if (dialect.family() != SQLDialect.SQLITE) { // which cannot, and we always write the column
            db.execute("alter table tcp_routes alter column " + column + " set default " + value);
        }
    }

    private void createIndex(DSLContext db, String table, String index, List<String> columns) {
        if (hasIndex(db, table, index)) {
            return;
        }
        List<String> parts = new ArrayList<>();
        for (String column : columns) {
            parts.add(isMysql() && isText(db, table, column) ? column + "(191)" : column);
        }
        db.execute("create unique index " + index + " on " + table + " (" + String.join(", ", parts) + ")");
    }

    private void dropIndex(DSLContext db, String table, String index) {
        if (hasIndex(db, table, index)) {
            db.execute("drop index " + index + (isMysql() ? " on " + table : ""));
        }
    }

    private boolean hasColumn(DSLContext db, String column) {
        return metadata(db, data -> data.columns("tcp_routes", column));
    }

    private boolean isText(DSLContext db, String table, String column) {
        return metadata(db, data -> data.textColumns(table, column));
    }

    private boolean hasIndex(DSLContext db, String table, String index) {
        return metadata(db, data -> data.indexes(table, index));
    }

    private interface Question {
        boolean ask(Metadata metadata) throws SQLException;
    }

    private static boolean metadata(DSLContext db, Question question) {
        return db.connectionResult(connection ->
                question.ask(new Metadata(connection.getMetaData(), connection.getCatalog(), connection.getSchema())));
    }

    private record Metadata(
            DatabaseMetaData data,
            @Nullable String catalog,
            @Nullable String schema) {
        boolean columns(String table, String column) throws SQLException {
            try (ResultSet found = data.getColumns(catalog, schema, table, column)) {
                return found.next();
            }
        }

        boolean textColumns(String table, String column) throws SQLException {
            try (ResultSet found = data.getColumns(catalog, schema, table, column)) {
                String type = found.next() ? found.getString("TYPE_NAME").toLowerCase(Locale.ROOT) : "";
                return type.contains("char") || type.contains("text");
            }
        }

        boolean indexes(String table, String index) throws SQLException {
            try (ResultSet found = data.getIndexInfo(catalog, schema, table, false, true)) {
                while (found.next()) {
                    if (index.equalsIgnoreCase(found.getString("INDEX_NAME"))) {
                        return true;
                    }
                }
                return false;
            }
        }
    }

    private boolean isMysql() {
        return dialect.family() != SQLDialect.POSTGRES && dialect.family() != SQLDialect.SQLITE;
    }

    private String key() {
        return isMysql() ? "varchar(191)" : "text";
    }

    private String text() {
        return isMysql() ? "varchar(255)" : "text";
    }

    private String time() {
        return switch (dialect.family()) {
            case POSTGRES -> "timestamp with time zone";
            case SQLITE -> "text";
            default -> "datetime(3)";
        };
    }
}
