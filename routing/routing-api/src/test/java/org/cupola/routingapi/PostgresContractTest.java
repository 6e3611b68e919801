package org.cupola.routingapi;

import java.nio.file.Path;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.TestPostgres;

class PostgresContractTest extends RoutingApiContract {
    @Override
    DatabaseConfig freshDatabase(Path folder) {
        return TestPostgres.freshDatabase();
    }
}
