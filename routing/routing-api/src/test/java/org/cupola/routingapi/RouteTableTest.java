package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.cupola.routingapi.RouteChange.Kind;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private final AtomicInteger guids = new AtomicInteger();
    private final RouteTable<TcpRouteMapping> table =
            new RouteTable<>(RouteKind.TCP, () -> "guid-" + guids.incrementAndGet());

    private static TcpRouteMapping route(int port, int ttl) {
        return TcpRouteMapping.builder("g", port, "ip", 80).ttl(ttl).build();
    }

    private List<RouteChange<TcpRouteMapping>> upsert(Instant now, TcpRouteMapping... routes) {
        var changes = table.planUpserts(List.of(routes), now);
        table.apply(changes);
        return changes;
    }

    @Test
    void planningChangesNothing() {
        assertThat(table.planUpserts(List.of(route(1, 60)), NOW)).hasSize(1);

        assertThat(table.size()).isZero();
    }

    @Test
    void theSameRouteTwiceInOneRequestIsCreatedThenUpdated() {
        var changes = upsert(NOW, route(1, 60), route(1, 90));

        assertThat(changes).extracting(RouteChange::kind).containsExactly(Kind.CREATED, Kind.UPDATED);
        assertThat(table.size()).isEqualTo(1);
        assertThat(table.find(route(1, 0))
                        .orElseThrow()
                        .route()
                        .modificationTag()
                        .index())
                .isEqualTo(1);
    }

    @Test
    void anExpiredRouteIsInvisibleThenRevivedWithItsTag() {
        upsert(NOW, route(1, 60));
        Instant later = NOW.plusSeconds(61);
        assertThat(table.unexpired(later)).isEmpty();

        var revived = upsert(later, route(1, 60)).getFirst();

        assertThat(revived.kind()).isEqualTo(Kind.UPDATED);
        assertThat(revived.row().route().modificationTag()).isEqualTo(new ModificationTag("guid-1", 1));
        assertThat(table.unexpired(later)).hasSize(1);
    }

    @Test
    void expiryAllowsForRounding() {
        upsert(NOW, route(1, 60));

        assertThat(table.planExpiry(NOW.plusSeconds(61))).isEmpty();
        assertThat(table.planExpiry(NOW.plusSeconds(61).plusMillis(1)))
                .singleElement()
                .satisfies(change -> assertThat(change.kind()).isEqualTo(Kind.EXPIRED));
    }

    @Test
    void deletesWhatIsThereOnce() {
        upsert(NOW, route(1, 60), route(2, 60));

        var changes = table.planDeletes(List.of(route(1, 0), route(1, 0), route(3, 0)));
        table.apply(changes);

        assertThat(changes).hasSize(1);
        assertThat(table.unexpired(NOW)).extracting(TcpRouteMapping::port).containsExactly(2);
    }

    @Test
    void takesOverWhatOthersWrote() {
        upsert(NOW, route(1, 60), route(2, 60));
        StoredRoute<TcpRouteMapping> kept = table.find(route(2, 0)).orElseThrow();
        var sooner = new StoredRoute<>("sooner", route(3, 60), NOW.plusSeconds(60));
        var later = new StoredRoute<>("later", route(3, 60), NOW.plusSeconds(70));

        var differences = table.differences(List.of(kept, later, sooner));
        table.apply(differences.changes());

        assertThat(differences.surplus()).containsExactly(sooner);
        assertThat(differences.changes())
                .extracting(change -> change.kind() + " " + change.row().route().port())
                .containsExactlyInAnyOrder("DELETED 1", "CREATED 3");
        assertThat(table.find(route(3, 0))).contains(later);
    }

    @Test
    void aDatabasesRoundingIsNoDifference() {
        upsert(NOW, route(1, 60));
        StoredRoute<TcpRouteMapping> row = table.find(route(1, 0)).orElseThrow();

        var differences = table.differences(List.of(
                new StoredRoute<>(row.rowGuid(), row.route(), row.expiresAt().plusMillis(499))));

        assertThat(differences.changes()).isEmpty();
    }

    @Test
    void expiryStandsStillWhileTheDatabaseIsAwayAndForAGraceAfter() {
        var clock = new ExpiryClock(Duration.ofSeconds(30));
        clock.databaseLost(NOW);
        clock.databaseLost(NOW.plusSeconds(10));
        assertThat(clock.at(NOW.plusSeconds(100))).isEqualTo(NOW);

        clock.databaseBack(NOW.plusSeconds(100));

        assertThat(clock.at(NOW.plusSeconds(129))).isEqualTo(NOW);
        assertThat(clock.at(NOW.plusSeconds(130))).isEqualTo(NOW.plusSeconds(130));
    }
}
