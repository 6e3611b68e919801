package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.common.HttpMethod;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.TestPostgres;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The database goes away under a running API and comes back. */
class DatabaseOutageTest {
    @TempDir
    Path folder;

    @Test
    void readsGoOnWritesAreRefusedAndAllRecovers() throws Exception {
        DatabaseConfig database = TestPostgres.freshDatabase();
        URI url = URI.create(database.url().substring("jdbc:".length()));
        try (var relay = new Relay(url.getPort());
                var api = RunningApi.start(
                        folder,
                        RunningApi.sql(DatabaseConfig.of(
                                "jdbc:postgresql://127.0.0.1:" + relay.port() + url.getPath(),
                                database.user(),
                                database.password())))) {
            String group = api.tcpGroup("g");
            TcpRouteMapping brief = TcpRouteMapping.of(group, 1, "10.0.0.1", 80).toBuilder()
                    .ttl(2)
                    .build();
            api.client().upsertTcpRoutes(List.of(brief, TcpRouteMapping.of(group, 2, "10.0.0.1", 80)));
            try (var events = api.client().tcpRouteEvents("")) {
                relay.cut();

                assertThatThrownBy(() -> api.client().upsertTcpRoutes(List.of(brief)))
                        .isInstanceOfSatisfying(RoutingApiException.class, e -> {
                            assertThat(e.status()).isEqualTo(503);
                            assertThat(e.name()).isEqualTo("DBCommunicationError");
                        });
                assertThat(api.client().routerGroups()).hasSize(1);
                assertThat(api.admin(HttpMethod.GET, "/health").status().code()).isEqualTo(503);
                // Nobody can keep it alive meanwhile, so it does not expire either.
                await().pollDelay(Duration.ofSeconds(3))
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> true);
                assertThat(api.client().tcpRoutes()).hasSize(2);

                relay.restore();
                await().atMost(Duration.ofSeconds(30))
                        .until(() ->
                                api.admin(HttpMethod.GET, "/health").status().code() == 200);
                api.client().upsertTcpRoutes(List.of(TcpRouteMapping.of(group, 3, "10.0.0.1", 80)));

                assertThat(api.client().tcpRoutes()).hasSize(3);
                assertThat(events.next().orElseThrow().route().port()).isEqualTo(3);
                assertThat(api.component().failure().toCompletableFuture().isDone())
                        .isFalse();
            }
        }
    }
}
