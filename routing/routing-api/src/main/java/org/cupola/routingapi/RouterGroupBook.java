package org.cupola.routingapi;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.cupola.protocol.routing.RouterGroup;
import org.jooq.DSLContext;

/**
 * All router groups: in memory and in the database. Single writer (the store's lock), any reader: readers see one whole
 * snapshot. The backup locks belong to this process and are forgotten with it.
 */
final class RouterGroupBook {
    private static final String LOCKED = "database unavailable due to backup or restore";

    private final RouterGroupRows rows;
    private final RouterGroupRules rules;
    private final Store store;
    private final InstantSource clock;
    private final Supplier<String> guids;
    private volatile List<RouterGroup> groups = List.of();
    private volatile boolean readsLocked;
    private volatile boolean writesLocked;

    RouterGroupBook(
            RouterGroupRows rows, RouterGroupRules rules, Store store, InstantSource clock, Supplier<String> guids) {
        this.rows = rows;
        this.rules = rules;
        this.store = store;
        this.clock = clock;
        this.guids = guids;
        store.register(this::load);
    }

    /** What became of a group that was to be created. */
    record Creation(RouterGroup group, boolean isNew) {}

    /** For backups: while reads are locked nothing about router groups works. */
    void lockReads(boolean locked) {
        readsLocked = locked;
    }

    void lockWrites(boolean locked) {
        writesLocked = locked;
    }

    List<RouterGroup> list() throws ApiError {
        if (readsLocked) {
            throw ApiError.database(LOCKED);
        }
        return groups;
    }

    Optional<RouterGroup> find(String guid) throws ApiError {
        return list().stream().filter(group -> group.guid().equals(guid)).findFirst();
    }

    /** Creates the group, unless there is one of this name and type. */
    Creation create(RouterGroup wanted) throws ApiError {
        var created = new ArrayList<RouterGroup>();
        var present = new ArrayList<RouterGroup>();
        change(
                () -> {
                    Optional<RouterGroup> same = list().stream()
                            .filter(group -> group.name().equals(wanted.name())
                                    && group.type().equals(wanted.type()))
                            .findFirst();
                    if (same.isPresent()) {
                        present.add(same.get());
                        return List.of();
                    }
                    var group = new RouterGroup(guids.get(), wanted.name(), wanted.type(), wanted.reservablePorts());
                    // The original looks at the whole set: one that no longer keeps the rules blocks all others.
                    for (RouterGroup each :
                            Stream.concat(list().stream(), Stream.of(group)).toList()) {
                        check(each);
                    }
                    refuseWhenWritesLocked();
                    return List.of(group);
                },
                (db, changes) -> changes.forEach(group -> rows.insert(db, group, clock.instant())),
                changes -> {
                    created.addAll(changes);
                    groups = Stream.concat(groups.stream(), changes.stream()).toList();
                });
        return present.isEmpty() ? new Creation(created.getFirst(), true) : new Creation(present.getFirst(), false);
    }

    /** Replaces the reservable ports; the same ports change nothing. */
    RouterGroup updatePorts(String guid, String reservablePorts) throws ApiError {
        List<RouterGroup> changed = change(
                () -> {
                    RouterGroup group = find(guid)
                            .orElseThrow(() -> ApiError.notFound("router group '" + guid + "' does not exist"));
                    if (group.reservablePorts().equals(reservablePorts)) {
                        return List.of();
                    }
                    var updated = new RouterGroup(guid, group.name(), group.type(), reservablePorts);
                    check(updated);
                    refuseWhenWritesLocked();
                    return List.of(updated);
                },
                (db, changes) -> changes.forEach(group -> rows.updatePorts(db, group, clock.instant())),
                changes -> groups = groups.stream()
                        .map(group -> group.guid().equals(guid) ? changes.getFirst() : group)
                        .toList());
        return changed.isEmpty() ? find(guid).orElseThrow() : changed.getFirst();
    }

    /** False when there is no such group. Routes that use it stay. */
    boolean delete(String guid) throws ApiError {
        List<RouterGroup> deleted = change(
                () -> {
                    Optional<RouterGroup> group = find(guid);
                    if (group.isPresent()) {
                        refuseWhenWritesLocked();
                    }
                    return group.stream().toList();
                },
                (db, changes) -> rows.delete(db, guid),
                changes -> groups = groups.stream()
                        .filter(group -> !group.guid().equals(guid))
                        .toList());
        return !deleted.isEmpty();
    }

    /** Stores the groups of the configuration when there are none at all. */
    void seed(List<RouterGroup> configured) throws ApiError {
        if (groups.isEmpty()) {
            change(
                    () -> configured.stream()
                            .map(group ->
                                    new RouterGroup(guids.get(), group.name(), group.type(), group.reservablePorts()))
                            .toList(),
                    (db, changes) -> changes.forEach(group -> rows.insert(db, group, clock.instant())),
                    changes -> groups = changes);
        }
    }

    private void check(RouterGroup group) throws ApiError {
        try {
            rules.check(group);
        } catch (IllegalArgumentException e) {
            throw ApiError.unprocessable(String.valueOf(e.getMessage()));
        }
    }

    private void refuseWhenWritesLocked() throws ApiError {
        if (writesLocked || readsLocked) {
            throw ApiError.database(LOCKED);
        }
    }

    private interface Plan {
        List<RouterGroup> decide() throws ApiError;
    }

    /** Never together with others: their plans, and those of routes, look at the groups as they are. */
    private List<RouterGroup> change(
            Plan plan, BiConsumer<DSLContext, List<RouterGroup>> write, Consumer<List<RouterGroup>> apply)
            throws ApiError {
        return store.change(new Store.Change<>() {
            @Override
            public List<RouterGroup> plan() throws ApiError {
                return plan.decide();
            }

            @Override
            public void write(DSLContext db, List<RouterGroup> changes) {
                write.accept(db, changes);
            }

            @Override
            public void apply(List<RouterGroup> changes) {
                apply.accept(changes);
            }

            @Override
            public void forget() {}

            @Override
            public boolean sharesTransaction() {
                return false;
            }
        });
    }

    private Runnable load(DSLContext db) {
        List<RouterGroup> stored = rows.load(db);
        return () -> groups = stored;
    }
}
