package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.client.WebClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.cupola.platform.json.Json;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.TestMariaDb;
import org.cupola.platform.testing.TestPostgres;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} in the middle of bulk writes: what was acknowledged is there, and no bulk is there in part. */
class KilledWhileWritingTest {
    private static final int WRITERS = 8; // so that several bulks share a transaction
    private static final int BULK = 40;

    @TempDir
    Path folder;

    @Test
    void everyAcknowledgedWriteIsThereOnSqlite() throws Exception {
        killWhileWriting(DatabaseConfig.sqlite(folder.resolve("routing.db")));
    }

    @Test
    void everyAcknowledgedWriteIsThereOnPostgres() throws Exception {
        killWhileWriting(TestPostgres.freshDatabase());
    }

    @Test
    void everyAcknowledgedWriteIsThereOnMariaDb() throws Exception {
        killWhileWriting(TestMariaDb.freshDatabase());
    }

    private void killWhileWriting(DatabaseConfig database) throws Exception {
        RunningApi.component(
                folder, RunningApi.sql(database), true, InstantSource.system(), RunningApi.FAST); // writes the file
        Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
        var nextBulk = new AtomicInteger();
        Process process = ForkedApi.start(folder.resolve("routing-api.yml"));
        int port = ForkedApi.port(process);
        String group = new PlainClient(port).createGroup();
        List<Thread> writers = IntStream.range(0, WRITERS)
                .mapToObj(i -> Thread.ofPlatform().start(() -> write(port, group, nextBulk, acknowledged)))
                .toList();
        await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() >= 40);

        process.destroyForcibly().onExit().join();
        for (Thread writer : writers) {
            writer.join();
        }

        try (var again = RunningApi.start(folder, RunningApi.sql(database))) {
            List<TcpRouteMapping> routes = again.client().tcpRoutes();
            var perBulk =
                    routes.stream().collect(Collectors.groupingBy(TcpRouteMapping::instanceId, Collectors.counting()));
            assertThat(perBulk.keySet())
                    .containsAll(acknowledged.stream().map(String::valueOf).toList());
            assertThat(perBulk.values()).containsOnly((long) BULK);
        }
    }

    /** Bulks until the server is gone; the instance id tells the bulk. */
    private static void write(int port, String group, AtomicInteger nextBulk, Set<Integer> acknowledged) {
        var client = WebClient.of("h1c://127.0.0.1:" + port).blocking();
        while (true) {
            int bulk = nextBulk.incrementAndGet();
            String body = Json.text(IntStream.rangeClosed(1, BULK)
                    .mapToObj(i -> TcpRouteMapping.builder(group, i, "10.0.0." + bulk, 1 + bulk % 60_000)
                            .instanceId(String.valueOf(bulk))
                            .build()
                            .toJson())
                    .toList());
            try {
                if (client.post("/routing/v1/tcp_routes/create", body).status().code() == 201) {
                    acknowledged.add(bulk);
                }
            } catch (Exception e) {
                return; // killed, as planned
            }
        }
    }
}
