package org.cupola.gorouter.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.cupola.gorouter.protection.OutlierRules;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RouteOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SelectionTest {
    private final RouteTable table = new RouteTable(
            new RouteTable.Rules(Sharding.EVERYTHING, Long.MAX_VALUE, false, 0, true),
            new SplittableRandom(3),
            RouteChanges.IGNORED);

    private Pool pool(int size, String... zones) {
        for (int i = 0; i < size; i++) {
            add(i, i < zones.length ? zones[i] : "", "");
        }
        return found();
    }

    private void add(int number, String zone, String options) {
        try {
            var message = RegistryMessage.builder("10.0.0.1", List.of())
                    .port(1000 + number)
                    .privateInstanceId("id-" + number)
                    .availabilityZone(zone)
                    .options(RouteOptions.parse(options))
                    .build();
            table.register("a.com", EndpointInfo.of(message, true), 0);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private Pool found() {
        Pool pool = table.lookup("a.com");
        assertThat(pool).isNotNull();
        return pool;
    }

    private static Selection selection(Balancing balancing, long limit, String zone) {
        return new Selection(new Selection.Rules(balancing, limit, zone), new SplittableRandom(5), Pool.EMPTY);
    }

    private static String next(Selection selection) {
        Endpoint chosen = selection.next();
        return chosen == null ? "" : chosen.info().instanceId();
    }

    @Test
    void takesTurnsFromRequestToRequest() {
        Pool pool = pool(3);
        Selection selection = selection(Balancing.ROUND_ROBIN, 0, "");
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            selection.begin(pool);
            taken.add(next(selection));
        }

        assertThat(taken.subList(0, 3)).containsExactlyInAnyOrder("id-0", "id-1", "id-2");
        assertThat(taken.subList(3, 6)).isEqualTo(taken.subList(0, 3));
    }

    @ParameterizedTest
    @EnumSource(names = {"ROUND_ROBIN", "LEAST_CONNECTION"})
    void triesEachEndpointOnceBeforeItIsExhausted(Balancing balancing) {
        Pool pool = pool(5);
        Selection selection = selection(balancing, 0, "");
        selection.begin(pool);
        Set<String> tried = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            assertThat(selection.exhausted()).isFalse();
            tried.add(next(selection));
        }

        assertThat(tried).hasSize(5);
        assertThat(selection.exhausted()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"ROUND_ROBIN", "LEAST_CONNECTION"})
    void passesOverWhatIsAsideUntilAllAre(Balancing balancing) {
        Pool pool = pool(3);
        pool.endpoints().get(0).backend().setAside();
        pool.endpoints().get(1).backend().setAside();
        Selection selection = selection(balancing, 0, "");
        for (int i = 0; i < 10; i++) {
            selection.begin(pool);
            assertThat(next(selection)).isEqualTo("id-2");
        }
        pool.endpoints().get(2).backend().setAside();
        selection.begin(pool);

        assertThat(next(selection)).isNotEmpty();
    }

    @Test
    void prefersTheLeastLoaded() {
        Pool pool = pool(3);
        pool.endpoints().get(0).backend().began();
        pool.endpoints().get(2).backend().began();
        Selection selection = selection(Balancing.LEAST_CONNECTION, 0, "");
        selection.begin(pool);

        assertThat(next(selection)).isEqualTo("id-1");
    }

    @ParameterizedTest
    @EnumSource(names = {"ROUND_ROBIN", "LEAST_CONNECTION"})
    void keepsToTheLimit(Balancing balancing) {
        Pool pool = pool(2);
        pool.endpoints().get(0).backend().began();
        Selection selection = selection(balancing, 1, "");
        selection.begin(pool);
        assertThat(next(selection)).isEqualTo("id-1");
        assertThat(pool.isOverloaded(1)).isFalse();
        pool.endpoints().get(1).backend().began();

        selection.begin(pool);
        assertThat(next(selection)).isEmpty();
        assertThat(pool.isOverloaded(1)).isTrue();
        assertThat(pool.isOverloaded(0)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"ROUND_ROBIN", "LEAST_CONNECTION"})
    void prefersItsZoneAtTheFirstAttemptOnly(Balancing balancing) {
        Pool pool = pool(3, "z1", "z2", "z1");
        Selection selection = selection(balancing, 0, "z2");
        for (int i = 0; i < 5; i++) {
            selection.begin(pool);
            assertThat(next(selection)).isEqualTo("id-1");
            assertThat(next(selection)).isNotEqualTo("id-1");
        }
    }

    @Test
    void goesToTheStickyInstanceFirstAndElsewhereAfterAFailure() {
        Pool pool = pool(3);
        Selection selection = selection(Balancing.ROUND_ROBIN, 0, "");
        for (String wanted : List.of("id-2", "10.0.0.1:1002")) {
            selection.begin(pool, wanted, false);
            assertThat(next(selection)).isEqualTo("id-2");
            assertThat(next(selection)).isNotEqualTo("id-2");
        }
        selection.begin(pool, "gone", false);
        assertThat(next(selection)).isNotEmpty();
    }

    @Test
    void staysWithTheInstanceThatIsMandatory() {
        Pool pool = pool(3);
        Selection selection = selection(Balancing.ROUND_ROBIN, 0, "");
        selection.begin(pool, "id-2", true);
        assertThat(next(selection)).isEqualTo("id-2");
        assertThat(next(selection)).isEqualTo("id-2");

        selection.begin(pool, "gone", true);
        assertThat(next(selection)).isEmpty();
    }

    @Test
    void sendsAHashedValueToOneInstanceAndMovesFewWhenOneGoes() {
        String options = "{\"loadbalancing\":\"hash\",\"hash_header\":\"X-Tenant\"}";
        for (int i = 0; i < 5; i++) {
            add(i, "", options);
        }
        Pool pool = found();
        Selection selection = selection(Balancing.ROUND_ROBIN, 0, "");
        List<String> before = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            before.add(hashed(selection, pool, "tenant-" + i));
            assertThat(hashed(selection, pool, "tenant-" + i)).isEqualTo(before.getLast());
        }
        assertThat(new HashSet<>(before)).hasSize(5);

        table.unregister("a.com", pool.endpoints().get(4).info(), 0);

        int moved = 0;
        for (int i = 0; i < 1000; i++) {
            String now = hashed(selection, pool, "tenant-" + i);
            moved += !before.get(i).equals("id-4") && !now.equals(before.get(i)) ? 1 : 0;
        }
        assertThat(moved).isLessThan(60);
    }

    private static String hashed(Selection selection, Pool pool, String value) {
        selection.begin(pool);
        byte[] bytes = value.getBytes(UTF_8);
        selection.hashOn(bytes, 0, bytes.length);
        return next(selection);
    }

    private static void eject(Pool pool, String instance) {
        for (Endpoint endpoint : pool.endpoints()) {
            if (endpoint.info().instanceId().equals(instance)) {
                assertThat(endpoint.health().eject(OutlierRules.DEFAULT, 0, pool.size(), 0))
                        .isPositive();
            }
        }
    }

    private static String hashed(Pool pool, String key) {
        Selection selection = selection(Balancing.ROUND_ROBIN, 0, "");
        selection.begin(pool);
        byte[] bytes = key.getBytes(UTF_8);
        selection.hashOn(bytes, 0, bytes.length);
        return next(selection);
    }

    @Test
    void anEjectedInstanceLosesItsHashedRequestsAndGetsThemBack() {
        for (int i = 0; i < 3; i++) {
            add(i, "", "{\"loadbalancing\":\"hash\",\"hash_header\":\"X-Key\"}");
        }
        Pool pool = found();
        List<String> keys = new ArrayList<>();
        List<String> before = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            keys.add("key-" + i);
            before.add(hashed(pool, "key-" + i));
        }

        eject(pool, "id-1");

        for (int i = 0; i < keys.size(); i++) {
            String now = hashed(pool, keys.get(i));
            if (before.get(i).equals("id-1")) {
                assertThat(now).isIn("id-0", "id-2").isEqualTo(hashed(pool, keys.get(i)));
            } else {
                assertThat(now).as("the others keep theirs").isEqualTo(before.get(i));
            }
        }
        assertThat(before).contains("id-1");
        pool.endpoints().forEach(endpoint -> endpoint.health().readmit());
        assertThat(keys.stream().map(key -> hashed(pool, key))).isEqualTo(before);
    }

    @Test
    void hashedRequestsAreSentSomewhereWhenAllInstancesAreEjected() {
        for (int i = 0; i < 2; i++) {
            add(i, "", "{\"loadbalancing\":\"hash\",\"hash_header\":\"X-Key\"}");
        }
        Pool pool = found();
        String before = hashed(pool, "key");

        eject(pool, "id-0");
        eject(pool, "id-1");

        assertThat(hashed(pool, "key")).isEqualTo(before);
    }

    @Test
    void aSessionLeavesAnEjectedInstanceUnlessOnlyThatWillDo() {
        Pool pool = pool(3);
        eject(pool, "id-1");
        Selection selection = selection(Balancing.ROUND_ROBIN, 0, "");

        selection.begin(pool, "id-1", false);
        assertThat(List.of(next(selection), next(selection))).containsExactlyInAnyOrder("id-0", "id-2");
        selection.begin(pool, "id-1", true);
        assertThat(next(selection)).isEqualTo("id-1");

        pool.endpoints().forEach(endpoint -> endpoint.health().readmit());
        selection.begin(pool, "id-1", false);
        assertThat(next(selection)).as("it comes back with the instance").isEqualTo("id-1");
    }

    @Test
    void anAddressIsTheSameOnlyToTheLastDigit() {
        EndpointInfo info = EndpointInfo.of(
                RegistryMessage.builder("10.0.0.1", List.of()).port(8080).build(), true);

        assertThat(info.isAt(info.address())).isTrue();
        for (String other : List.of(
                "",
                ":",
                "10.0.0.1",
                "10.0.0.1:",
                "10.0.0.1:808",
                "10.0.0.1:80800",
                "10.0.0.1:08080",
                "10.0.0.18080",
                "10.0.0.2:8080",
                "10.0.0.1:8O80")) {
            assertThat(info.isAt(other)).as(other).isFalse();
        }
        EndpointInfo none =
                EndpointInfo.of(RegistryMessage.builder("h", List.of()).port(0).build(), true);
        assertThat(none.isAt("h:0")).isTrue();
        assertThat(none.isAt("h:00")).isFalse();
    }
}
