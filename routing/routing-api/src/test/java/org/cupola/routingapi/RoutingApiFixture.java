package org.cupola.routingapi;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One API on one database for all tests of a class; each test uses a router group of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RoutingApiFixture {
    private final AtomicInteger names = new AtomicInteger();
    DatabaseConfig database;
    Path folder;
    RunningApi api;

    abstract DatabaseConfig freshDatabase(Path folder);

    @BeforeAll
    void start(@TempDir Path temp) {
        folder = temp;
        database = freshDatabase(temp);
        api = RunningApi.start(folder, RunningApi.sql(database));
    }

    @AfterAll
    void stop() {
        api.close();
    }

    final String newGroup() {
        return api.tcpGroup("group-" + names.incrementAndGet());
    }

    static TcpRouteMapping route(String group, int port) {
        return TcpRouteMapping.of(group, port, "10.1.1.12", 60_000);
    }

    final List<TcpRouteMapping> routesOf(String group) throws RoutingApiException {
        return api.client().tcpRoutes().stream()
                .filter(route -> route.routerGroupGuid().equals(group))
                .toList();
    }
}
