package org.cupola.locket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.cupola.platform.sql.Database;
import org.cupola.platform.testing.TestDatabase;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same behaviour on each database. */
class LeaseStoreTest {
    @TempDir
    private Path directory;

    private Database open(TestDatabase kind) {
        return Database.open(kind.fresh(directory));
    }

    private static LeaseStore store(Database database) {
        var store = new LeaseStore(database, () -> UUID.randomUUID().toString());
        store.createTables();
        return store;
    }

    @ParameterizedTest
    @EnumSource
    void takesRenewsAndRefuses(TestDatabase kind) {
        try (var database = open(kind)) {
            LeaseStore store = store(database);

            Lease taken = store.lock("bbs", "a", "v1", "lock", 15).orElseThrow();
            Lease renewed = store.lock("bbs", "a", "v2", "lock", 20).orElseThrow();

            assertThat(taken.modifiedIndex()).isEqualTo(1);
            assertThat(renewed).isEqualTo(new Lease("bbs", "a", "v2", "lock", 2, taken.modifiedId(), 20));
            assertThat(store.lock("bbs", "b", "", "lock", 15)).isEmpty();
            assertThat(store.fetch("bbs")).contains(renewed);
            assertThat(store.isTableLost()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void releasesOnlyTheOwnersKey(TestDatabase kind) {
        try (var database = open(kind)) {
            LeaseStore store = store(database);
            Lease first = store.lock("bbs", "a", "", "lock", 15).orElseThrow();

            assertThat(store.release("bbs", "b")).isFalse();
            assertThat(store.release("bbs", "a")).isTrue();
            assertThat(store.release("bbs", "b")).as("nobody holds it").isTrue();
            assertThat(store.fetch("bbs")).isEmpty();
            assertThat(store.lock("bbs", "b", "", "lock", 15).orElseThrow().modifiedId())
                    .isNotEqualTo(first.modifiedId());
        }
    }

    @ParameterizedTest
    @EnumSource
    void listsByTypeWithoutRowsThatNobodyOwns(TestDatabase kind) {
        try (var database = open(kind)) {
            LeaseStore store = store(database);
            store.lock("bbs", "a", "", "lock", 15);
            store.lock("cell-1", "x", "{}", "presence", 15);
            database.writeVoid(dsl -> dsl.execute("insert into locks (path, owner, value, type, modified_index,"
                    + " modified_id, ttl) values ('old', '', '', 'lock', 7, 'i', 15)"));

            assertThat(store.fetchAll("lock")).extracting(Lease::key).containsExactly("bbs");
            assertThat(store.fetchAll("presence")).extracting(Lease::value).containsExactly("{}");
            assertThat(store.fetch("old")).isEmpty();
            assertThat(store.lock("old", "b", "", "lock", 15).orElseThrow().modifiedIndex())
                    .isEqualTo(8);
        }
    }

    @ParameterizedTest
    @EnumSource
    void deletesOnlyWhatNobodyRenewed(TestDatabase kind) {
        try (var database = open(kind)) {
            LeaseStore store = store(database);
            Lease taken = store.lock("bbs", "a", "", "lock", 15).orElseThrow();
            Lease renewed = store.lock("bbs", "a", "", "lock", 15).orElseThrow();

            assertThat(store.deleteIfUnchanged(taken)).isFalse();
            assertThat(store.deleteIfUnchanged(renewed)).isTrue();
            assertThat(store.fetchAll()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofManyAtOnceOneTakesTheKey(TestDatabase kind) throws Exception {
        try (var database = open(kind);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            LeaseStore store = store(database);
            var winners = new HashSet<Integer>();
            var attempts = IntStream.range(0, 20)
                    .mapToObj(n -> (Callable<Boolean>) () ->
                            store.lock("bbs", "owner-" + n, "", "lock", 15).isPresent())
                    .toList();

            var results = threads.invokeAll(attempts);

            for (int n = 0; n < results.size(); n++) {
                if (results.get(n).get()) {
                    winners.add(n);
                }
            }
            assertThat(winners).hasSize(1);
            assertThat(store.fetch("bbs").orElseThrow().owner())
                    .isEqualTo("owner-" + winners.iterator().next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void tellsALostTableFromOtherTrouble(TestDatabase kind) {
        try (var database = open(kind)) {
            LeaseStore store = store(database);
            assertThat(store.writesAndReads(5)).isTrue();
            assertThat(store.writesAndReads(6)).isTrue();

            database.writeVoid(dsl -> dsl.execute("drop table locks"));

            assertThat(store.isTableLost()).isTrue();
        }
    }
}
