package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
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

/** Starts on empty databases and after failures; see {@link OriginalDatabaseTest} for what the original left. */
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
