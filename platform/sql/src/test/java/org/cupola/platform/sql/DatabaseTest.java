package org.cupola.platform.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    @TempDir
    private Path directory;

    private final Migrations migrations =
            new Migrations("test", List.of(dsl -> dsl.execute("create table t (n integer not null primary key)")));

    @Test
    void keepsWhatWasWrittenAndMigratesOnce() {
        var config = DatabaseConfig.sqlite(directory.resolve("test.db"));
        try (var database = Database.open(config)) {
            migrations.run(database);
            database.writeVoid(dsl -> dsl.execute("insert into t values (7)"));
        }

        try (var database = Database.open(config)) {
            migrations.run(database);
            assertThat(database.<Integer>read(dsl -> dsl.fetchCount(DSL.table("t"))))
                    .isEqualTo(1);
        }
    }

    @Test
    void aFailedTransactionLeavesNothing() {
        try (var database = Database.open(DatabaseConfig.sqlite(directory.resolve("test.db")))) {
            migrations.run(database);
            assertThatThrownBy(() -> database.writeVoid(dsl -> {
                        dsl.execute("insert into t values (1)");
                        dsl.execute("insert into t values (1)");
                    }))
                    .isInstanceOf(org.jooq.exception.DataAccessException.class);

            assertThat(database.<Integer>read(dsl -> dsl.fetchCount(DSL.table("t"))))
                    .isZero();
        }
    }

    @Test
    void manyWritersQueueInsteadOfFailing() throws Exception {
        try (var database = Database.open(DatabaseConfig.sqlite(directory.resolve("test.db")));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            migrations.run(database);
            var writes = IntStream.range(0, 200)
                    .mapToObj(n ->
                            threads.submit(() -> database.writeVoid(dsl -> dsl.execute("insert into t values (?)", n))))
                    .toList();
            for (var write : writes) {
                write.get();
            }

            assertThat(database.<Integer>read(dsl -> dsl.fetchCount(DSL.table("t"))))
                    .isEqualTo(200);
        }
    }

    @Test
    void refusesADatabaseOfTheFuture() {
        try (var database = Database.open(DatabaseConfig.sqlite(directory.resolve("test.db")))) {
            migrations.run(database);

            assertThatThrownBy(() -> new Migrations("test", List.of()).run(database))
                    .hasMessage("the database of test has version 1, newer than version 0 of this program");
        }
    }

    @Test
    void saysWhichUrlsItKnows() {
        assertThatThrownBy(() -> Database.open(
                        DatabaseConfig.of("jdbc:oracle:x", "", new org.cupola.platform.config.Secret("s"))))
                .hasMessageStartingWith("database url: jdbc:oracle:x (expected: ");
    }
}
