package org.cupola.gorouter.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Announcers, the table and its looks for missing endpoints, in simulated time. Instances answer while they live. */
class MissingEndpointsTest {
    private static final long MILLI = 1_000_000L;
    private static final int LOOK = 5_000;
    private static final String CELL = "10.0.0.1";

    private final List<String> dropped = new ArrayList<>();
    private final List<String> suspected = new ArrayList<>();
    private final TreeSet<String> dead = new TreeSet<>();
    private final RouteTable table = new RouteTable(
            new RouteTable.Rules(Sharding.EVERYTHING, Duration.ofMinutes(2).toNanos(), false, 0, true),
            new SplittableRandom(1),
            new RouteChanges() {
                @Override
                public void endpointMissing(String uri, Endpoint endpoint) {
                    suspected.add(uri + "@" + seconds());
                }

                @Override
                public void endpointWithdrawn(String uri, Endpoint endpoint) {
                    dropped.add(uri + "@" + seconds());
                }
            });

    private long millis;

    private long seconds() {
        return millis / 1000;
    }

    /** An instance announced by its cell's route emitter. */
    private static EndpointInfo instance(String name) {
        return EndpointInfo.of(
                RegistryMessage.builder(CELL, List.of())
                        .tlsPort(60_000 + name.hashCode() % 1000)
                        .app("app-" + name)
                        .privateInstanceId(name)
                        .serverCertDomainSan(name)
                        .tags(Map.of("component", "route-emitter"))
                        .build(),
                true);
    }

    /** A route announced by a route registrar on the same machine. */
    private static EndpointInfo registered(String name) {
        return EndpointInfo.of(
                RegistryMessage.builder(CELL, List.of())
                        .tlsPort(50_000 + name.hashCode() % 1000)
                        .privateInstanceId("registrar")
                        .build(),
                true);
    }

    private void announce(String... names) {
        for (String name : names) {
            table.register(name, instance(name), millis * MILLI);
        }
    }

    private void look() {
        for (RouteTable.Missing missing : table.missing(millis * MILLI)) {
            if (dead.contains(missing.endpoint().info().instanceId())) {
                table.withdraw(missing, millis * MILLI);
            }
        }
    }

    /** Lets time pass, a tenth of a second at a time. */
    private void until(int second, Step step) {
        for (; millis < second * 1000L; millis += 100) {
            step.at(millis);
            if (millis % LOOK == 2_500) {
                look();
            }
        }
    }

    private interface Step {
        void at(long millis);
    }

    @Test
    void dropsWhatItsCellLeavesOutWhenItDoesNotAnswer() {
        until(100, at -> {
            if (at % 20_000 == 0) {
                announce("a", "b", "c");
            }
        });
        dead.add("a");

        until(200, at -> {
            if (at % 20_000 == 0) {
                announce("b", "c");
            }
        });

        assertThat(suspected).as("last announced at 80 s, every 20 s").containsExactly("a@137");
        assertThat(dropped).containsExactly("a@137");
        assertThat(table.lookup("a")).isNull();
        assertThat(table.lookup("b")).isNotNull();
    }

    @Test
    void passesOverWhatStillAnswersAndDropsItInTheEnd() {
        until(100, at -> {
            if (at % 20_000 == 0) {
                announce("a", "b");
            }
        });

        until(270, at -> {
            if (at % 20_000 == 0) {
                announce("b");
            }
        });

        Pool pool = table.lookup("a");
        assertThat(pool).isNotNull();
        assertThat(pool.endpoints()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.isMissing()).isTrue();
            assertThat(endpoint.isAside()).isTrue();
        });
        assertThat(dropped).isEmpty();

        until(300, at -> {
            if (at % 20_000 == 0) {
                announce("b");
            }
        });

        assertThat(dropped).as("four times as long as it took to suspect it").containsExactly("a@282");
    }

    @Test
    void takesBackWhatIsAnnouncedAgain() {
        until(200, at -> {
            if (at % 20_000 == 0) {
                announce("b");
            }
            if (at % 20_000 == 0 && (at <= 60_000 || at >= 160_000)) {
                announce("a");
            }
        });

        assertThat(suspected).hasSize(1);
        assertThat(dropped).isEmpty();
        assertThat(table.lookup("a").endpoints().getFirst().isAside()).isFalse();
    }

    /** Which of the endpoints a, b, c, d are announced when; nothing here is a reason to suspect any. */
    enum Harmless {
        ALL_SILENT((name, at) -> at % 20_000 == 0 && at < 100_000),
        ALL_BUT_ONE_EVERY_MINUTE((name, at) -> at % (name == 0 ? 20_000 : 60_000) == 0),
        IN_THREE_PORTIONS((name, at) -> at % 60_000 == 20_000 * (name % 3)),
        WITH_JITTER((name, at) -> at % 20_000 == (at / 20_000 * 7919 + name * 104_729) % 97 * 100),
        EVERY_SECOND_ROUND_LOST_FOR_ONE((name, at) -> at % (name == 1 ? 40_000 : 20_000) == 0),
        CHANGES_IN_A_ROW((name, at) -> at % 20_000 == 0 && (at < 60_000 || at > 100_000)
                || name == 0 && at > 60_000 && at < 100_000 && at % 1000 == 0),
        EMITTER_RESTARTED((name, at) -> at % 20_000 == 0 && (at < 100_000 || at > 190_000)),
        ONE_AT_A_TIME((name, at) -> at % 20_000 == name * 5_000L);

        private final BiPredicate<Integer, Long> announces;

        Harmless(BiPredicate<Integer, Long> announces) {
            this.announces = announces;
        }
    }

    @ParameterizedTest
    @EnumSource
    void suspectsNobodyWithoutReason(Harmless timeline) {
        until(900, at -> {
            for (int name = 0; name < 4; name++) {
                if (timeline.announces.test(name, at)) {
                    announce(List.of("a", "b", "c", "d").get(name));
                }
            }
        });

        assertThat(suspected).isEmpty();
    }

    @Test
    void aRegistrarIsNoWitnessForTheCellOnItsMachine() {
        until(400, at -> {
            if (at % 5_000 == 0) {
                table.register("r", registered("r"), at * MILLI);
                table.register("s", registered("s"), at * MILLI);
            }
            if (at % 20_000 == 0 && at < 100_000) {
                announce("a", "b");
            }
        });

        assertThat(suspected).isEmpty();
    }

    @Test
    void aRegistrarsRoutesEachHaveTheirOwnPace() {
        dead.add("registrar");
        until(400, at -> {
            if (at % 5_000 == 0) {
                table.register("r", registered("r"), at * MILLI);
            }
            if (at % 50_000 == 0) {
                table.register("s", registered("s"), at * MILLI);
            }
            if (at % 5_000 == 0 && at <= 100_000) {
                table.register("gone", registered("gone"), at * MILLI);
            }
        });

        assertThat(dropped).as("two and a half times the slowest").containsExactly("gone@232");
    }

    @Test
    void routesOfTheRoutingApiAreItsOwnBusiness() {
        EndpointInfo info = instance("a").withTag(new ModificationTag("guid", 1));
        table.register("a", info, 0);
        until(400, at -> {
            if (at % 20_000 == 0) {
                announce("b", "c");
            }
        });

        assertThat(suspected).isEmpty();
    }

    @Test
    void nothingIsConcludedFromWhatMayHaveBeenLost() {
        until(300, at -> {
            boolean away = at >= 70_000 && at < 200_000;
            if (away && at % 1000 == 0) {
                table.announcementsLost(at * MILLI);
            }
            if (at % 20_000 == 0 && !away) {
                announce("b", "c");
            }
            if (at % 20_000 == 0 && (at < 70_000 || at >= 240_000)) {
                announce("a");
            }
        });

        assertThat(suspected).isEmpty();
    }

    @Test
    void whatOnlyTheSnapshotKnowsGoesAfterTheStaleThreshold() {
        announce("a", "b", "c");
        dead.add("a");
        millis = 3_000;

        until(300, at -> {
            if (at % 20_000 == 7_000) {
                announce("b", "c");
            }
        });

        assertThat(dropped).containsExactly("a@127");
    }

    @Test
    void anInstanceThatWasAnnouncedAnewIsJudgedByWhatIsKnownOfIt() {
        until(100, at -> {
            if (at % 20_000 == 0) {
                announce("b");
            }
            if (at == 50_000) {
                var first = RegistryMessage.builder(CELL, List.of())
                        .tlsPort(instance("a").port())
                        .app("app-a")
                        .privateInstanceId("a")
                        .serverCertDomainSan("a")
                        .endpointUpdatedAtNs(42)
                        .tags(Map.of("component", "route-emitter"))
                        .build();
                table.register("a", EndpointInfo.of(first, true), at * MILLI);
            }
            if (at == 60_000) {
                announce("a");
            }
        });
        dead.add("a");
        until(130, at -> {
            if (at % 20_000 == 0) {
                announce("b");
            }
        });

        assertThat(dropped)
                .as("the second announcement lacks the time, but tells of a round")
                .containsExactly("a@117");
    }

    @ParameterizedTest
    @CsvSource({"2, 0.05", "2, 0.3", "3, 0.5", "10, 0.02", "50, 0.1", "50, 0.4"})
    void neverDropsTheLivingHoweverManyMessagesAreLost(int instances, double loss) {
        String[] names = IntStream.range(0, instances).mapToObj(i -> "i" + i).toArray(String[]::new);
        var random = new SplittableRandom(instances * 1000 + (long) (loss * 100));

        until(20_000, at -> {
            if (at % 20_000 == 0) {
                for (String name : names) {
                    if (random.nextDouble() >= loss) {
                        announce(name);
                    }
                }
            }
        });

        assertThat(dropped).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.02, 0.1})
    void findsTheDeadAlsoWhereMessagesAreLost(double loss) {
        String[] names = IntStream.range(0, 20).mapToObj(i -> "i" + i).toArray(String[]::new);
        var random = new SplittableRandom(7);
        dead.addAll(List.of("i3", "i4", "i5"));

        until(2_000, at -> {
            if (at % 20_000 == 0) {
                for (String name : names) {
                    if (random.nextDouble() >= loss && !(dead.contains(name) && at > 1_000_000)) {
                        announce(name);
                    }
                }
            }
        });

        assertThat(dropped.stream().map(line -> line.substring(0, 2)).sorted()).containsExactly("i3", "i4", "i5");
    }
}
