package org.cupola.platform.testing;

import java.nio.file.Path;
import org.cupola.platform.sql.DatabaseConfig;

/** The databases that every store is tested on, as the argument of a test that runs on each. */
public enum TestDatabase {
    SQLITE,
    POSTGRES,
    MARIADB;

    /**
     * An empty one.
     *
     * @param directory of the test, where SQLite's file goes
     */
    public DatabaseConfig fresh(Path directory) {
        return switch (this) {
            case SQLITE -> DatabaseConfig.sqlite(directory.resolve("test.db"));
            case POSTGRES -> TestPostgres.freshDatabase();
            case MARIADB -> TestMariaDb.freshDatabase();
        };
    }
}
