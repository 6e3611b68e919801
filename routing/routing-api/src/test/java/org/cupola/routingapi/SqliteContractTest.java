package org.cupola.routingapi;

import java.nio.file.Path;
import org.cupola.platform.sql.DatabaseConfig;

class SqliteContractTest extends RoutingApiContract {
    @Override
    DatabaseConfig freshDatabase(Path folder) {
        return DatabaseConfig.sqlite(folder.resolve("routing.db"));
    }
}
