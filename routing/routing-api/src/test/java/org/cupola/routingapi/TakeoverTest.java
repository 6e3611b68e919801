package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.sql.Database;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.TestPostgres;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances on one database. */
class TakeoverTest {
    @TempDir
    Path folder;

    private RoutingApiComponent instance(String uuid, DatabaseConfig database) throws Exception {
        Path mine = RunningApi.newFolder(folder);
        RoutingApiComponent made =
                RunningApi.component(mine, RunningApi.sql(database), true, InstantSource.system(), RunningApi.FAST);
        // The file of the fixture names one owner; each instance here is another.
        Path file = mine.resolve("routing-api.yml");
        Files.writeString(file, Files.readString(file).replaceAll("uuid: .*", "uuid: " + uuid));
        assertThat(made.name()).isEqualTo("routing-api");
        return new RoutingApiComponent(
                RoutingApiConfig.read(file, "127.0.0.1", true), InstantSource.system(), RunningApi.FAST);
    }

    private static CompletableFuture<Void> starting(Component component) {
        var started = new CompletableFuture<Void>();
        Thread.ofVirtual().start(() -> {
            try {
                component.start();
                started.complete(null);
            } catch (Exception e) {
                started.completeExceptionally(e);
            }
        });
        return started;
    }

    @Test
    void aStandbyWaitsAndTakesOverWithAllRoutes() throws Exception {
        DatabaseConfig database = TestPostgres.freshDatabase();
        RoutingApiComponent first = instance("first", database);
        RoutingApiComponent second = instance("second", database);
        try {
            first.start();
            var client = new PlainClient(first.httpPort());
            String group = client.createGroup();
            client.upsert(group, 1, 100);
            CompletableFuture<Void> waiting = starting(second);
            await().pollDelay(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !waiting.isDone());

            first.close();

            await().atMost(Duration.ofSeconds(60)).until(waiting::isDone);
            waiting.get();
            var successor = new PlainClient(second.httpPort());
            assertThat(successor.routes()).hasSize(100);
            successor.upsert(group, 101, 110);
            assertThat(successor.routes()).hasSize(110);
        } finally {
            first.close();
            second.close();
        }
    }

    @Test
    void oneThatLostTheLockCannotWriteAnyMore() throws Exception {
        DatabaseConfig config = TestPostgres.freshDatabase();
        RoutingApiComponent first = instance("first", config);
        try (Database database = Database.open(config)) {
            first.start();
            var client = new PlainClient(first.httpPort());
            String group = client.createGroup();

            database.writeVoid(db -> db.execute("update cupola_locks set owner = 'second'"));

            assertThat(client.tryUpsert(group, 1)).isEqualTo(503);
            assertThat(database.<Integer>read(db -> db.fetchCount(DSL.table("tcp_routes"))))
                    .isZero();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> first.failure().toCompletableFuture().isCompletedExceptionally());
        } finally {
            first.close();
        }
    }

    @Test
    void aSilentHolderIsReplacedWithinTheTimeToLive() throws Exception {
        DatabaseConfig config = TestPostgres.freshDatabase();
        RoutingApiComponent second = instance("second", config);
        try (Database database = Database.open(config)) {
            try (var silent = new DatabaseLock(
                    database, "routing_api_lock", "dead", Duration.ofSeconds(2), Duration.ofMillis(100))) {
                silent.acquire();
            }
            long start = System.nanoTime();

            second.start();

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(1900), Duration.ofSeconds(60));
        } finally {
            second.close();
        }
    }

    @Test
    void closingEndsTheWaitOfAStandby() throws Exception {
        DatabaseConfig config = TestPostgres.freshDatabase();
        RoutingApiComponent first = instance("first", config);
        RoutingApiComponent second = instance("second", config);
        try {
            first.start();
            CompletableFuture<Void> waiting = starting(second);
            await().pollDelay(Duration.ofMillis(300)).until(() -> !waiting.isDone());

            second.close();

            await().atMost(Duration.ofSeconds(60)).until(waiting::isCompletedExceptionally);
        } finally {
            first.close();
            second.close();
        }
    }
}
