package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.cupola.platform.sql.Database;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.TestMariaDb;
import org.cupola.platform.testing.TestPostgres;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases that the original made, at its versions of 2024 and before. */
class SchemaTest {
    @TempDir
    Path folder;

    private static int version(Database database) {
        return database.read(
                db -> db.fetchOne("select current_version from migration_data").get(0, Integer.class));
    }

    private static List<StoredRoute<TcpRouteMapping>> load(Database database) {
        return database.read(db -> new TcpRouteRows(database.dialect()).load(db));
    }

    @Test
    void bringsAPostgresDatabaseOfVersion7ToTheNewest() {
        migratesFrom7(TestPostgres.freshDatabase(), "text", "timestamp with time zone", "bigint");
    }

    @Test
    void bringsAMariaDbDatabaseOfVersion7ToTheNewest() {
        migratesFrom7(TestMariaDb.freshDatabase(), "varchar(255)", "datetime", "int unsigned");
    }

    private static void migratesFrom7(DatabaseConfig config, String text, String time, String tagIndex) {
        String common = "guid " + text + " not null, created_at " + time + " null, updated_at " + time + " null";
        try (Database database = Database.open(config)) {
            database.writeVoid(db -> {
                db.execute("create table router_groups (" + common + ", name " + text + ", type " + text
                        + ", reservable_ports " + text + ", primary key (guid))");
                db.execute("create unique index idx_rg_name on router_groups (name)");
                db.execute("create table routes (" + common + ", expires_at " + time + " null, route " + text
                        + " not null, port integer not null, ip " + text + " not null, ttl integer, log_guid " + text
                        + ", route_service_url " + text + " not null, modification_guid " + text
                        + ", modification_index " + tagIndex + ", primary key (guid))");
                db.execute("create table tcp_routes (" + common + ", expires_at " + time + " null, router_group_guid "
                        + text + ", host_port integer not null, host_tls_port integer, host_ip " + text
                        + " not null, sni_hostname " + text + ", instance_id " + text
                        + ", external_port integer not null, modification_guid " + text + ", modification_index "
                        + tagIndex + ", ttl integer, isolation_segment " + text + ", primary key (guid))");
                db.execute("create unique index idx_tcp_route on tcp_routes (external_port, host_port)");
                db.execute("create table migration_data (migration_key " + text
                        + " not null, current_version integer, target_version integer, primary key (migration_key))");
                db.execute("insert into migration_data values ('routing-api-migration', 7, 7)");
                db.execute("insert into tcp_routes (guid, expires_at, router_group_guid, host_port, host_ip,"
                        + " external_port, modification_guid, modification_index, ttl, isolation_segment) values"
                        + " ('row', '2030-01-02 03:04:05', 'group', 80, '10.0.0.1', 5222, 'tag', 3, 60, '')");
            });

            new Schema(database).migrate();
            new Schema(database).migrate();

            assertThat(version(database)).isEqualTo(Schema.NEWEST);
            StoredRoute<TcpRouteMapping> row = load(database).getFirst();
            assertThat(row.rowGuid()).isEqualTo("row");
            assertThat(row.route().backendTlsPort()).isZero();
            assertThat(row.route().modificationTag().index()).isEqualTo(3);
            assertThat(row.route().terminateFrontendTls()).isFalse();
            assertThat(row.expiresAt()).isEqualTo(Instant.parse("2030-01-02T03:04:05Z"));
            // The new index looks at more columns than the old one.
            database.writeVoid(
                    db -> db.execute("insert into tcp_routes (guid, host_port, host_ip, external_port) values"
                            + " ('other', 80, '10.0.0.2', 5222)"));
        }
    }

    @Test
    void startsAnewOnSqlite() {
        try (Database database = Database.open(DatabaseConfig.sqlite(folder.resolve("db")))) {
            new Schema(database).migrate();
            new Schema(database).migrate();

            assertThat(version(database)).isEqualTo(Schema.NEWEST);
            assertThat(load(database)).isEmpty();
        }
    }

    @Test
    void severalInstancesMayStartOnOneEmptyPostgres() throws Exception {
        startTogether(TestPostgres.freshDatabase());
    }

    @Test
    void severalInstancesMayStartOnOneEmptyMariaDb() throws Exception {
        startTogether(TestMariaDb.freshDatabase());
    }

    private static void startTogether(DatabaseConfig config) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> instances = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                instances.add(threads.submit(() -> {
                    try (Database database = Database.open(config)) {
                        new Schema(database).migrate();
                        return version(database);
                    }
                }));
            }
            for (Future<Integer> instance : instances) {
                assertThat(instance.get()).isEqualTo(Schema.NEWEST);
            }
        }
    }

    @Test
    void goesOnWhereAnEarlierRunStopped() {
        try (Database database = Database.open(TestPostgres.freshDatabase())) {
            new Schema(database).migrate();
            database.writeVoid(db -> {
                db.execute("update migration_data set current_version = 8, target_version = 11");
                db.execute("drop index idx_tcp_route");
                String twice = "insert into tcp_routes (guid, expires_at, router_group_guid, host_port, host_tls_port,"
                        + " host_ip, sni_hostname, external_port, terminate_frontend_tls, enable_backend_m_tls) values"
                        + " ('%s', now() + interval '%d minutes', 'g', 1, 0, 'ip', 'sni', 2, false, false)";
                db.execute(twice.formatted("sooner", 1));
                db.execute(twice.formatted("later", 2));
            });

            new Schema(database).migrate();

            assertThat(version(database)).isEqualTo(11);
            assertThat(load(database)).extracting(StoredRoute::rowGuid).containsExactly("later");
        }
    }

    @Test
    void namesRouterGroupsThatStandInTheWay() {
        try (Database database = Database.open(TestPostgres.freshDatabase())) {
            new Schema(database).migrate();
            database.writeVoid(db -> {
                db.execute("update migration_data set current_version = 0");
                db.execute("drop index idx_rg_name");
                db.execute("insert into router_groups (guid, name) values ('1', 'same'), ('2', 'same')");
            });

            assertThatThrownBy(() -> new Schema(database).migrate())
                    .hasStackTraceContaining("router groups with the same name: same");
        }
    }
}
