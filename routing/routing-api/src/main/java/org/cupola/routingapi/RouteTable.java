package org.cupola.routingapi;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.routingapi.RouteChange.Kind;
import org.jspecify.annotations.Nullable;

/**
 * All routes of one kind, as the database holds them, and the decisions about them: what a request changes is planned
 * first and applied once it is durable. Plans see the plans before them as if they had been applied; whoever applies one applies
 * all, in the same order, before the next is made, or none. Confined to whoever holds the store's lock.
 */
final class RouteTable<R> {
    /** The database may round an expiry up to the next second; a row goes when it is past by any reading. */
    static final Duration EXPIRY_ROUNDING = Duration.ofSeconds(1);

    private final RouteKind<R> kind;
    private final Supplier<String> guids;
    private final Map<Object, StoredRoute<R>> rows = new HashMap<>();
    private final Map<Object, Optional<StoredRoute<R>>> planned = new HashMap<>();

    /** @param guids where row guids and tag guids come from */
    RouteTable(RouteKind<R> kind, Supplier<String> guids) {
        this.kind = kind;
        this.guids = guids;
    }

    int size() {
        return rows.size();
    }

    /** The routes that have not expired, in no order. */
    Stream<R> unexpired(Instant now) {
        return rows.values().stream()
                .filter(row -> row.expiresAt().isAfter(now))
                .map(StoredRoute::route);
    }

    /** As {@link #unexpired}, after all that is planned. */
    Stream<R> unexpiredAsPlanned(Instant now) {
        if (planned.isEmpty()) {
            return unexpired(now);
        }
        Map<Object, StoredRoute<R>> all = new HashMap<>(rows);
        planned.forEach((identity, row) -> all.compute(identity, (same, before) -> row.orElse(null)));
        return all.values().stream().filter(row -> row.expiresAt().isAfter(now)).map(StoredRoute::route);
    }

    Optional<StoredRoute<R>> find(R route) {
        return Optional.ofNullable(current(kind.identity(route)));
    }

    private @Nullable StoredRoute<R> current(Object identity) {
        Optional<StoredRoute<R>> last = planned.get(identity);
        return last == null ? rows.get(identity) : last.orElse(null);
    }

    /** What storing these routes, one after the other, changes. An expired row counts as existing and is revived. */
    List<RouteChange<R>> planUpserts(List<R> sent, Instant now) {
        Map<Object, StoredRoute<R>> mine = HashMap.newHashMap(sent.size());
        List<RouteChange<R>> changes = new ArrayList<>(sent.size());
        for (R route : sent) {
            Object identity = kind.identity(route);
            StoredRoute<R> sentBefore = mine.get(identity);
            StoredRoute<R> present = sentBefore == null ? current(identity) : sentBefore;
            Integer ttl = kind.ttl(route);
            Instant expiresAt = now.plusSeconds(ttl == null ? 0 : ttl);
            RouteChange<R> change = present == null ? create(route, expiresAt) : update(present, route, expiresAt);
            mine.put(identity, change.row());
            changes.add(change);
        }
        mine.forEach((identity, row) -> planned.put(identity, Optional.of(row)));
        return changes;
    }

    private RouteChange<R> create(R route, Instant expiresAt) {
        R created = kind.created(route, new ModificationTag(guids.get(), 0));
        return new RouteChange<>(Kind.CREATED, new StoredRoute<>(guids.get(), created, expiresAt));
    }

    private RouteChange<R> update(StoredRoute<R> present, R route, Instant expiresAt) {
        R updated =
                kind.updated(present.route(), route, kind.tag(present.route()).next());
        return new RouteChange<>(Kind.UPDATED, new StoredRoute<>(present.rowGuid(), updated, expiresAt));
    }

    /** What deleting these routes changes; those that are not there change nothing. */
    List<RouteChange<R>> planDeletes(List<R> sent) {
        Map<Object, RouteChange<R>> changes = new LinkedHashMap<>();
        for (R route : sent) {
            find(route).ifPresent(row -> changes.put(kind.identity(route), new RouteChange<>(Kind.DELETED, row)));
        }
        changes.keySet().forEach(identity -> planned.put(identity, Optional.empty()));
        return List.copyOf(changes.values());
    }

    /** The end of all routes that expired before {@code now}. */
    List<RouteChange<R>> planExpiry(Instant now) {
        Instant limit = now.minus(EXPIRY_ROUNDING);
        List<RouteChange<R>> changes = new ArrayList<>();
        rows.forEach((identity, row) -> {
            // Of those planned since then, new ones live and others may have been revived or deleted.
            if (row.expiresAt().isBefore(limit) && !planned.containsKey(identity)) {
                changes.add(new RouteChange<>(Kind.EXPIRED, row));
            }
        });
        changes.forEach(change -> planned.put(kind.identity(change.row().route()), Optional.empty()));
        return changes;
    }

    /** What was planned will not happen. */
    void forgetPlans() {
        planned.clear();
    }

    void apply(List<RouteChange<R>> changes) {
        planned.clear();
        for (RouteChange<R> change : changes) {
            Object identity = kind.identity(change.row().route());
            if (change.kind().removes()) {
                rows.remove(identity);
            } else {
                rows.put(identity, change.row());
            }
        }
    }

    /**
     * What tells this table from the rows of a database that others may have changed, as changes to apply here (they are in
     * the database already). Of several rows with one identity the one that expires last counts; the others are reported.
     */
    Differences<R> differences(Collection<StoredRoute<R>> stored) {
        Map<Object, StoredRoute<R>> wanted = new HashMap<>();
        List<StoredRoute<R>> surplus = new ArrayList<>();
        for (StoredRoute<R> row : stored) {
            Object identity = kind.identity(row.route());
            StoredRoute<R> other = wanted.get(identity);
            boolean better = other == null || row.expiresAt().isAfter(other.expiresAt());
            if (other != null) {
                surplus.add(better ? other : row);
            }
            if (better) {
                wanted.put(identity, row);
            }
        }
        List<RouteChange<R>> changes = new ArrayList<>();
        rows.forEach((identity, row) -> {
            if (!wanted.containsKey(identity)) {
                changes.add(new RouteChange<>(Kind.DELETED, row));
            }
        });
        wanted.forEach((identity, row) -> {
            @Nullable StoredRoute<R> present = rows.get(identity);
            if (present == null) {
                changes.add(new RouteChange<>(Kind.CREATED, row));
            } else if (!equalButForRounding(present, row)) {
                changes.add(new RouteChange<>(Kind.UPDATED, row));
            }
        });
        return new Differences<>(changes, surplus);
    }

    private static <R> boolean equalButForRounding(StoredRoute<R> one, StoredRoute<R> other) {
        return one.rowGuid().equals(other.rowGuid())
                && one.route().equals(other.route())
                && Duration.between(one.expiresAt(), other.expiresAt()).abs().compareTo(EXPIRY_ROUNDING) <= 0;
    }

    /** @param surplus rows that should not be in the database */
    record Differences<R>(List<RouteChange<R>> changes, List<StoredRoute<R>> surplus) {}
}
