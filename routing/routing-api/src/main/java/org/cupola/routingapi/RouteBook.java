package org.cupola.routingapi;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.cupola.routingapi.RouteTable.Differences;
import org.jooq.DSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All routes of one kind: in memory, in the database, and as events. Reads take a shared lock on memory for as long as they
 * copy; writes go through the store, one at a time. Any thread.
 */
final class RouteBook<R> {
    private static final Logger log = LoggerFactory.getLogger(RouteBook.class);

    private final RouteKind<R> kind;
    private final RouteRows<R> rows;
    private final RouteTable<R> table;
    private final Store store;
    private final EventHub hub;
    private final ExpiryClock expiry;
    private final InstantSource clock;
    private final RoutingMetrics metrics;
    private final ReadWriteLock memory = new ReentrantReadWriteLock();

    RouteBook(
            RouteKind<R> kind,
            RouteRows<R> rows,
            Store store,
            ExpiryClock expiry,
            InstantSource clock,
            Supplier<String> guids,
            RoutingMetrics metrics) {
        this.kind = kind;
        this.rows = rows;
        this.table = new RouteTable<>(kind, guids);
        this.store = store;
        this.hub = new EventHub(guids.get());
        this.expiry = expiry;
        this.clock = clock;
        this.metrics = metrics;
        store.register(this::load);
    }

    EventHub hub() {
        return hub;
    }

    RouteKind<R> kind() {
        return kind;
    }

    /** The routes that have not expired and satisfy the condition. */
    List<R> list(Predicate<R> condition) {
        memory.readLock().lock();
        try {
            return table.unexpired(now()).filter(condition).toList();
        } finally {
            memory.readLock().unlock();
        }
    }

    /** Rows in memory, expired ones too. */
    int size() {
        memory.readLock().lock();
        try {
            return table.size();
        } finally {
            memory.readLock().unlock();
        }
    }

    /** The routes there are, and will be when those who came before have written. */
    interface Present<R> {
        List<R> list(Predicate<R> condition);
    }

    /** Checks what is to be stored against the routes there are, which cannot change meanwhile. */
    interface Check<R> {
        void check(Present<R> routes) throws ApiError;
    }

    /** Creates or keeps alive all of them, or none. */
    void upsert(List<R> routes, Check<R> check) throws ApiError {
        change(() -> {
            check.check(condition ->
                    table.unexpiredAsPlanned(now()).filter(condition).toList());
            return table.planUpserts(routes, clock.instant());
        });
    }

    /** Deletes those that are there. */
    void delete(List<R> routes) throws ApiError {
        change(() -> table.planDeletes(routes));
    }

    /** Deletes what has expired; returns how many. */
    int prune() throws ApiError {
        int pruned = change(() -> table.planExpiry(now())).size();
        if (pruned > 0) {
            log.atInfo()
                    .addKeyValue("kind", kind.name())
                    .addKeyValue("count", pruned)
                    .log("pruned-routes");
        }
        return pruned;
    }

    private Instant now() {
        return expiry.at(clock.instant());
    }

    private interface Plan<R> {
        List<RouteChange<R>> decide() throws ApiError;
    }

    private List<RouteChange<R>> change(Plan<R> plan) throws ApiError {
        return store.change(new Store.Change<>() {
            @Override
            public List<RouteChange<R>> plan() throws ApiError {
                return plan.decide();
            }

            @Override
            public void write(DSLContext db, List<RouteChange<R>> changes) {
                rows.write(db, changes, clock.instant());
            }

            @Override
            public void apply(List<RouteChange<R>> changes) {
                RouteBook.this.apply(changes);
            }

            @Override
            public void forget() {
                table.forgetPlans();
            }

            @Override
            public boolean sharesTransaction() {
                return true;
            }
        });
    }

    private void apply(List<RouteChange<R>> changes) {
        memory.writeLock().lock();
        try {
            table.apply(changes);
        } finally {
            memory.writeLock().unlock();
        }
        hub.publish(() -> Events.of(kind, changes));
        metrics.changed(kind.name(), changes);
    }

    private Runnable load(DSLContext db) {
        Collection<StoredRoute<R>> stored = rows.load(db);
        Differences<R> differences = table.differences(stored);
        rows.delete(db, differences.surplus().stream().map(StoredRoute::rowGuid).toList());
        return () -> apply(differences.changes());
    }
}
