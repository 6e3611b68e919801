package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.cupola.platform.sql.Database;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.TestMariaDb;
import org.cupola.platform.testing.TestPostgres;
import org.cupola.protocol.routing.HttpRoute;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.cupola.routingapi.RouteChange.Kind;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Databases that the original made, of every version it ever had: opened, brought to the newest and served. */
class OriginalDatabaseTest {
    @TempDir
    Path folder;

    /** What the two releases leave that were run to learn what their databases look like. */
    static List<OriginalDatabase> released() {
        return List.of(
                new OriginalDatabase(7, OriginalDatabase.Era.UNTIL_2024),
                new OriginalDatabase(11, OriginalDatabase.Era.SINCE_2025));
    }

    @ParameterizedTest
    @MethodSource("released")
    void servesItFromPostgres(OriginalDatabase original) throws Exception {
        serves(original, TestPostgres.freshDatabase());
    }

    @ParameterizedTest
    @MethodSource("released")
    void servesItFromMariaDb(OriginalDatabase original) throws Exception {
        serves(original, TestMariaDb.freshDatabase());
    }

    @ParameterizedTest
    @MethodSource("org.cupola.routingapi.OriginalDatabase#all")
    void migratesAnyVersionOnPostgres(OriginalDatabase original) {
        migrates(original, TestPostgres.freshDatabase());
    }

    @ParameterizedTest
    @MethodSource("org.cupola.routingapi.OriginalDatabase#all")
    void migratesAnyVersionOnMariaDb(OriginalDatabase original) {
        migrates(original, TestMariaDb.freshDatabase());
    }

    private static void migrates(OriginalDatabase original, DatabaseConfig config) {
        try (Database database = Database.open(config)) {
            original.create(database);

            new Schema(database).migrate();
            new Schema(database).migrate();

            assertThat(version(database)).isEqualTo(Schema.NEWEST);
            var rows = new TcpRouteRows(database.dialect());
            List<StoredRoute<TcpRouteMapping>> stored = database.read(rows::load);
            assertThat(stored).hasSize(original.version() >= 7 ? 2 : 1);
            assertThat(stored)
                    .filteredOn(row -> row.rowGuid().equals("t"))
                    .singleElement()
                    .satisfies(row -> {
                        assertThat(row.expiresAt()).isEqualTo(Instant.parse("2040-01-02T03:04:05Z"));
                        assertThat(row.route())
                                .isEqualTo(TcpRouteMapping.builder(OriginalDatabase.GROUP, 5222, "10.0.0.1", 80)
                                        .modificationTag(new ModificationTag("tag", 3))
                                        .ttl(60)
                                        .build());
                    });
            assertThat(database.<Integer>read(
                            db -> new HttpRouteRows(database.dialect()).load(db).size()))
                    .isOne();
            StoredRoute<TcpRouteMapping> row = stored.getFirst();
            var full = new StoredRoute<>(
                    "new",
                    row.route().toBuilder()
                            .terminateFrontendTls(true)
                            .alpns("h2")
                            .sniRewriteHostname("b")
                            .instanceId("i")
                            .isolationSegment("s")
                            .enableBackendMtls(true)
                            .build(),
                    row.expiresAt());
            database.writeVoid(db -> rows.write(db, List.of(new RouteChange<>(Kind.CREATED, full)), Instant.now()));
            assertThat(database.<List<StoredRoute<TcpRouteMapping>>>read(rows::load))
                    .contains(full);
        }
    }

    private static int version(Database database) {
        return database.read(
                db -> db.fetchOne("select current_version from migration_data").get(0, Integer.class));
    }

    private void serves(OriginalDatabase original, DatabaseConfig config) throws Exception {
        try (Database database = Database.open(config)) {
            original.create(database);
        }

        try (var api = RunningApi.start(folder, RunningApi.sql(config))) {
            assertThat(api.client().routerGroups().getFirst().guid()).isEqualTo(OriginalDatabase.GROUP);
            assertThat(api.client().routes()).extracting(HttpRoute::route).contains("a.example.org");
            TcpRouteMapping plain = find(api.client().tcpRoutes(), 5222);
            assertThat(plain.modificationTag().guid()).isEqualTo("tag");
            assertThat(plain.modificationTag().index()).isEqualTo(3);
            assertThat(plain.backendTlsPort()).isZero();
            assertThat(plain.ttl()).isEqualTo(60);
            if (original.version() >= 7) {
                TcpRouteMapping sni = find(api.client().tcpRoutes(), 5223);
                assertThat(sni.backendSniHostname()).isEqualTo("sni.example.org");
                assertThat(sni.backendTlsPort()).isEqualTo(443);
                assertThat(sni.instanceId()).isEqualTo("instance");
                assertThat(sni.isolationSegment()).isEqualTo("segment");
            }

            api.client()
                    .upsertTcpRoutes(List.of(
                            TcpRouteMapping.of(OriginalDatabase.GROUP, 5222, "10.0.0.1", 80),
                            TcpRouteMapping.builder(OriginalDatabase.GROUP, 5222, "10.0.0.1", 80)
                                    .enableBackendMtls(true)
                                    .build()));

            List<TcpRouteMapping> routes = api.client().tcpRoutes();
            assertThat(routes).hasSize(original.version() >= 7 ? 3 : 2);
            assertThat(routes).extracting(TcpRouteMapping::modificationTag).anySatisfy(tag -> {
                assertThat(tag.guid()).isEqualTo("tag");
                assertThat(tag.index()).isEqualTo(4);
            });
        }
    }

    private static TcpRouteMapping find(List<TcpRouteMapping> routes, int port) {
        return routes.stream().filter(route -> route.port() == port).findFirst().orElseThrow();
    }
}
