package org.cupola.tcprouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private final RouteTable table = new RouteTable(Duration.ofMinutes(2));

    private static TcpRouteMapping.Builder route(int port, String ip) {
        return TcpRouteMapping.builder("group", port, ip, 8080).modificationTag(new ModificationTag("a", 1));
    }

    private static TcpRouteMapping tagged(int port, String ip, String guid, long index) {
        return route(port, ip).modificationTag(new ModificationTag(guid, index)).build();
    }

    @Test
    void anUpsertChangesOnlyWhatIsNew() {
        assertThat(table.upsert(tagged(5000, "10.0.0.1", "a", 1), NOW)).isTrue();
        assertThat(table.upsert(tagged(5000, "10.0.0.1", "a", 2), NOW)).isFalse();
        assertThat(table.upsert(tagged(5000, "10.0.0.1", "a", 1), NOW)).isFalse();
        assertThat(table.upsert(tagged(5000, "10.0.0.2", "b", 0), NOW)).isTrue();
        assertThat(table.upsert(tagged(5001, "10.0.0.1", "c", 0), NOW)).isTrue();
        assertThat(table.upsert(
                        route(5000, "10.0.0.1").backendSniHostname("host").build(), NOW))
                .isTrue();

        assertThat(table.ports()).containsExactlyInAnyOrder(5000, 5001);
        assertThat(table.port(5000)).containsOnlyKeys("", "host");
        assertThat(table.size()).isEqualTo(4);
    }

    @Test
    void anEmptySniHostIsNone() {
        table.upsert(route(5000, "10.0.0.1").backendSniHostname("").build(), NOW);

        assertThat(table.upsert(route(5000, "10.0.0.1").build(), NOW)).isFalse();
    }

    @Test
    void aDeletionMustNotBeOlder() {
        table.upsert(tagged(5000, "10.0.0.1", "a", 3), NOW);

        assertThat(table.delete(tagged(5000, "10.0.0.1", "a", 2))).isFalse();
        assertThat(table.delete(tagged(5000, "10.0.0.9", "a", 9))).isFalse();
        assertThat(table.delete(tagged(5009, "10.0.0.1", "a", 9))).isFalse();
        assertThat(table.delete(tagged(5000, "10.0.0.1", "a", 3))).isTrue();
        assertThat(table.ports()).isEmpty();
    }

    @Test
    void aDeletionOfAnotherLifeApplies() {
        table.upsert(tagged(5000, "10.0.0.1", "a", 3), NOW);

        assertThat(table.delete(tagged(5000, "10.0.0.1", "b", 0))).isTrue();
    }

    @Test
    void expiresByItsOwnTimeToLiveOrTheDefault() {
        table.upsert(route(5000, "10.0.0.1").ttl(10).build(), NOW);
        table.upsert(route(5001, "10.0.0.1").build(), NOW);

        assertThat(table.expire(NOW.plusSeconds(10))).isEmpty();
        assertThat(table.expire(NOW.plusSeconds(11))).containsExactly(5000);
        assertThat(table.expire(NOW.plusSeconds(121))).containsExactly(5001);
    }

    @Test
    void onlyANewerTagRefreshes() {
        table.upsert(route(5000, "10.0.0.1").ttl(10).build(), NOW);
        table.upsert(route(5000, "10.0.0.1").ttl(10).build(), NOW.plusSeconds(9));
        assertThat(table.expire(NOW.plusSeconds(11))).containsExactly(5000);

        table.upsert(route(5000, "10.0.0.1").ttl(10).build(), NOW);
        table.upsert(
                route(5000, "10.0.0.1")
                        .ttl(10)
                        .modificationTag(new ModificationTag("a", 2))
                        .build(),
                NOW.plusSeconds(9));
        assertThat(table.expire(NOW.plusSeconds(11))).isEmpty();
    }

    @Test
    void aListReplacesEverything() {
        table.upsert(route(5000, "10.0.0.1").build(), NOW);
        table.upsert(route(5000, "10.0.0.2").build(), NOW);
        table.upsert(route(5001, "10.0.0.1").build(), NOW);

        assertThat(table.replace(
                        List.of(
                                route(5000, "10.0.0.1").build(),
                                route(5002, "10.0.0.1").build()),
                        NOW))
                .containsExactly(5000, 5001, 5002);
        assertThat(table.ports()).containsExactlyInAnyOrder(5000, 5002);
        assertThat(table.replace(
                        List.of(
                                route(5000, "10.0.0.1").build(),
                                route(5002, "10.0.0.1").build()),
                        NOW))
                .isEmpty();
    }

    @Test
    void aListRefreshesWhatItHolds() {
        table.upsert(route(5000, "10.0.0.1").ttl(10).build(), NOW);

        table.replace(List.of(route(5000, "10.0.0.1").ttl(10).build()), NOW.plusSeconds(9));

        assertThat(table.expire(NOW.plusSeconds(18))).isEmpty();
    }

    @Test
    void anEmptyListLeavesRoutesUntilTheyExpire() {
        table.upsert(route(5000, "10.0.0.1").build(), NOW);

        assertThat(table.replace(List.of(), NOW)).isEmpty();
        assertThat(table.expire(NOW.plusSeconds(121))).containsExactly(5000);
    }

    @Test
    void routesThatNobodyCouldRefreshSurviveTheApisReturn() {
        table.upsert(route(5000, "10.0.0.1").build(), NOW);
        Instant later = NOW.plusSeconds(600);

        table.forgiveExpiry(later);

        assertThat(table.expire(later.plusSeconds(100))).isEmpty();
        assertThat(table.expire(later.plusSeconds(121))).containsExactly(5000);
    }

    @Test
    void aListDoesNotRemoveRoutesThatNobodyCouldRefresh() {
        table.upsert(route(5000, "10.0.0.1").build(), NOW);
        Instant later = NOW.plusSeconds(600);

        assertThat(table.replace(List.of(route(5001, "10.0.0.1").build()), later))
                .containsExactly(5001);
        assertThat(table.ports()).containsExactlyInAnyOrder(5000, 5001);
    }

    /** Events of one route keep their order, those of different routes need not; some are seen twice. */
    @RepeatedTest(100)
    void anyInterleavingOfEventsEndsInWhatAListSays(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        Map<String, TcpRouteMapping> truth = new HashMap<>();
        Map<String, List<Runnable>> streams = new HashMap<>();
        for (int step = 0; step < 100; step++) {
            int port = 5000 + random.nextInt(3);
            String ip = "10.0.0." + random.nextInt(3);
            String key = port + " " + ip;
            TcpRouteMapping before = truth.get(key);
            List<Runnable> stream = streams.computeIfAbsent(key, absent -> new ArrayList<>());
            if (before != null && random.nextInt(3) == 0) {
                truth.remove(key);
                stream.add(() -> table.delete(before));
            } else {
                TcpRouteMapping after = before == null
                        ? tagged(port, ip, "guid" + step, 0)
                        : before.toBuilder()
                                .modificationTag(before.modificationTag().next())
                                .build();
                truth.put(key, after);
                stream.add(() -> table.upsert(after, NOW));
                if (before != null && random.nextInt(3) == 0) {
                    stream.add(() -> table.upsert(before, NOW));
                }
            }
        }
        List<List<Runnable>> open = new ArrayList<>(streams.values());
        while (!open.isEmpty()) {
            Collections.shuffle(open, random);
            open.getFirst().removeFirst().run();
            open.removeIf(List::isEmpty);
        }

        assertThat(table.size()).isEqualTo(truth.size());
        assertThat(table.replace(List.copyOf(truth.values()), NOW)).isEmpty();
    }
}
