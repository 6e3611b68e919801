package org.cupola.routingapi;

import java.nio.file.Path;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.TestMariaDb;

class MariaDbContractTest extends RoutingApiContract {
    @Override
    DatabaseConfig freshDatabase(Path folder) {
        return TestMariaDb.freshDatabase();
    }
}
