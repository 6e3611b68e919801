package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.testing.TestPostgres;
import org.cupola.protocol.bbs.ActualLrpClient;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.BbsEvents;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInfo;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many cells at once over the wire: whoever replays the events ends with what a list shows. */
@Timeout(90)
class ConcurrencyTest {
    private static final int THREADS = 8;
    private static final int CALLS = 80;
    private static final int INDICES = 3;

    @TempDir
    private Path directory;

    private final Map<String, ActualLRPInfo> replica = new ConcurrentHashMap<>();

    @Test
    void eventsReplayToTheStateOnSqlite() throws Exception {
        try (TestBbs bbs = TestBbs.onSqlite(directory)) {
            check(bbs);
        }
    }

    @Test
    void eventsReplayToTheStateOnPostgres() throws Exception {
        DatabaseConfig config = TestPostgres.freshDatabase();
        String url = config.url()
                .replace(
                        "jdbc:postgresql://",
                        "postgres://" + config.user() + ":" + config.password().value() + "@");
        try (TestBbs bbs = new TestBbs(directory, Clock.systemUTC(), "postgres", url)) {
            check(bbs);
        }
    }

    private void check(TestBbs bbs) throws Exception {
        bbs.start();
        BbsClient client = bbs.client();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                BbsEvents events = client.lrpEvents("")) {
            threads.submit(() -> replay(events));
            client.desired().desire(Lrps.desired("p", INDICES));
            List<Future<?>> cells = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                cells.add(threads.submit(() -> actAsCell(client.actual(), number)));
            }
            for (Future<?> cell : cells) {
                cell.get();
            }

            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(running(replica)).isEqualTo(running(client)));
        }
    }

    private Void replay(BbsEvents events) throws Exception {
        for (var event = events.next(); event.isPresent(); event = events.next()) {
            switch (event.get()) {
                case BbsEvent.InstanceCreated(var created) ->
                    replica.put(
                            created.getActualLrp().getActualLrpInstanceKey().getInstanceGuid(),
                            InstanceEvents.info(created.getActualLrp()));
                case BbsEvent.InstanceChanged(var changed) ->
                    replica.put(changed.getActualLrpInstanceKey().getInstanceGuid(), changed.getAfter());
                case BbsEvent.InstanceRemoved(var removed) ->
                    replica.remove(
                            removed.getActualLrp().getActualLrpInstanceKey().getInstanceGuid());
                default -> {} // of the process, or of a crash
            }
        }
        return null;
    }

    private static Void actAsCell(ActualLrpClient actual, int number) {
        var random = new Random(number);
        String cell = "cell-" + number;
        for (int call = 0; call < CALLS; call++) {
            int index = random.nextInt(INDICES);
            var key = Lrps.key("p", index);
            var instance = Lrps.instance("i-" + number + "-" + call, cell);
            try {
                actual.claim(key, instance);
                actual.start(Lrps.start(key, instance));
                actual.start(
                        Lrps.start(key, instance).toBuilder().setRoutable(false).build());
                if (random.nextInt(3) > 0) {
                    actual.crash(key, instance, "exit 1");
                } else {
                    actual.remove(key, instance);
                }
            } catch (BbsException e) {
                assertThat(e.answered()).as("%s", e.getMessage()).isTrue();
            }
        }
        return null;
    }

    private static Map<String, ActualLRPInfo> running(Map<String, ActualLRPInfo> replica) {
        return replica.entrySet().stream()
                .filter(entry -> entry.getValue().getState().equals("RUNNING"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Map<String, ActualLRPInfo> running(BbsClient client) throws BbsException {
        return client.actual().list(ActualLRPsRequest.getDefaultInstance()).stream()
                .filter(row -> row.getState().equals("RUNNING"))
                .collect(Collectors.toMap(
                        (ActualLRP row) -> row.getActualLrpInstanceKey().getInstanceGuid(), InstanceEvents::info));
    }
}
