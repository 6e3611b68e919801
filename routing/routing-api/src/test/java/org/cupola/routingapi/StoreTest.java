package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.platform.sql.Database;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.jooq.DSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several writes in one transaction, forced by holding the one before them. */
class StoreTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final GatedLock lock = new GatedLock();
    private final AtomicInteger guids = new AtomicInteger();
    private final List<Integer> repeatedGuids = new ArrayList<>();
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private Database database;
    private Store store;
    private RouteBook<TcpRouteMapping> book;

    @BeforeEach
    void open() {
        database = Database.open(DatabaseConfig.sqlite(folder.resolve("routing.db")));
        new Schema(database).migrate();
        book = newBook();
        store.start();
    }

    private RouteBook<TcpRouteMapping> newBook() {
        var expiry = new ExpiryClock(Duration.ofSeconds(120));
        InstantSource clock = InstantSource.system();
        store = new Store(database, lock, expiry, clock);
        return new RouteBook<>(
                RouteKind.TCP,
                new TcpRouteRows(database.dialect()),
                store,
                expiry,
                clock,
                this::nextGuid,
                new RoutingMetrics(Statsd.none()));
    }

    private String nextGuid() {
        int number = guids.incrementAndGet();
        return repeatedGuids.contains(number) ? "guid-of-the-first-row" : "guid-" + number;
    }

    @AfterEach
    void close() {
        lock.gate.countDown();
        callers.close();
        database.close();
    }

    /** Holds the first transaction after {@code hold} until the gate opens. */
    private static final class GatedLock implements LeaderLock {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch gate = new CountDownLatch(1);
        private final AtomicInteger transactions = new AtomicInteger();
        private volatile boolean lostIt;

        @Override
        public void check(DSLContext transaction) {
            transactions.incrementAndGet();
            entered.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (lostIt) {
                throw new IllegalStateException("lost lock");
            }
        }

        @Override
        public void acquire() {}

        @Override
        public CompletionStage<Void> lost() {
            return new CompletableFuture<>();
        }

        @Override
        public void handOver(Duration atMost) {}

        @Override
        public void close() {}
    }

    private static TcpRouteMapping route(int port) {
        return TcpRouteMapping.builder("g", port, "10.0.0.1", 80).ttl(60).build();
    }

    private Callable<Void> upsert(int... ports) {
        return () -> {
            List<TcpRouteMapping> routes = new ArrayList<>();
            for (int port : ports) {
                routes.add(route(port));
            }
            book.upsert(routes, present -> {});
            return null;
        };
    }

    /** The first one in its transaction, the others waiting in this order. */
    private List<Future<Void>> begin(List<Callable<Void>> writes) throws InterruptedException {
        List<Future<Void>> calls = new ArrayList<>();
        calls.add(callers.submit(writes.getFirst()));
        lock.entered.await();
        for (int i = 1; i < writes.size(); i++) {
            int waiting = i;
            calls.add(callers.submit(writes.get(i)));
            await().atMost(LIMIT).until(() -> store.waiting() == waiting);
        }
        return calls;
    }

    private List<Integer> ports(RouteBook<TcpRouteMapping> of) {
        return of.list(route -> true).stream()
                .map(TcpRouteMapping::port)
                .sorted()
                .toList();
    }

    private List<Integer> portsInTheDatabase() {
        RouteBook<TcpRouteMapping> other = newBook();
        store.start();
        return ports(other);
    }

    @Test
    void writesThatWaitShareOneTransaction() throws Exception {
        var calls = begin(List.of(upsert(1, 2), upsert(2, 3), upsert(3, 4), () -> {
            book.delete(List.of(route(4)));
            return null;
        }));
        assertThat(calls).noneMatch(Future::isDone);

        lock.gate.countDown();
        for (Future<Void> call : calls) {
            call.get();
        }

        assertThat(lock.transactions.get()).isEqualTo(2);
        assertThat(ports(book)).containsExactly(1, 2, 3);
        assertThat(book.list(route -> true))
                .filteredOn(route -> route.port() > 1)
                .allMatch(route -> route.modificationTag().index() == 1);
        assertThat(portsInTheDatabase()).containsExactly(1, 2, 3);
    }

    @Test
    void oneThatTheDatabaseRefusesFailsAlone() throws Exception {
        // The hub takes one, each new route two, its row the second: the third write's is taken, in the group and
        // alone.
        repeatedGuids.addAll(List.of(3, 7, 13));
        var calls = begin(List.of(upsert(1), upsert(2), upsert(3), upsert(4)));

        lock.gate.countDown();
        calls.get(0).get();
        calls.get(1).get();
        assertThatThrownBy(() -> calls.get(2).get()).hasCauseInstanceOf(ApiError.class);
        calls.get(3).get();

        assertThat(store.isAvailable()).isTrue();
        assertThat(ports(book)).containsExactly(1, 2, 4);
        upsert(3).call();
        assertThat(portsInTheDatabase()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void oneThatIsWrongFailsAloneAndSeesThoseBeforeIt() throws Exception {
        var seen = new ArrayList<Integer>();
        var calls = begin(List.of(
                upsert(1),
                upsert(2),
                () -> {
                    book.upsert(List.of(route(3)), present -> {
                        present.list(route -> true).forEach(route -> seen.add(route.port()));
                        throw new IllegalArgumentException("wrong");
                    });
                    return null;
                },
                upsert(4)));

        lock.gate.countDown();

        assertThatThrownBy(() -> calls.get(2).get()).hasRootCauseMessage("wrong");
        calls.get(3).get();
        assertThat(seen).containsExactlyInAnyOrder(1, 2);
        assertThat(ports(book)).containsExactly(1, 2, 4);
    }

    @Test
    void withoutTheLockAllFailAndNothingIsThere() throws Exception {
        lock.lostIt = true;
        var calls = begin(List.of(upsert(1), upsert(2), upsert(3)));

        lock.gate.countDown();

        for (Future<Void> call : calls) {
            assertThatThrownBy(call::get).hasCauseInstanceOf(ApiError.class);
        }
        assertThat(ports(book)).isEmpty();
        assertThat(book.size()).isZero();
    }
}
