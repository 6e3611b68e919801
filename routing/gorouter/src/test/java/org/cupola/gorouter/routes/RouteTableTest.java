package org.cupola.gorouter.routes;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cupola.gorouter.routes.RouteTable.Outcome;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RouteOptions;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTableTest {
    private static final long SECOND = 1_000_000_000L;

    private final RouteTable table = table(false, 0);

    private static RouteTable table(boolean keepEmpty, long emptySeconds) {
        return new RouteTable(
                new RouteTable.Rules(
                        Sharding.EVERYTHING, Duration.ofMinutes(2).toNanos(), keepEmpty, emptySeconds * SECOND, true),
                new SplittableRandom(1),
                RouteChanges.IGNORED);
    }

    private static RegistryMessage.Builder message(int port) {
        return RegistryMessage.builder("10.0.0.1", List.of()).port(port);
    }

    private static EndpointInfo info(int port) {
        return EndpointInfo.of(message(port).build(), true);
    }

    private static EndpointInfo tls(int port) {
        return EndpointInfo.of(message(0).tlsPort(port).build(), true);
    }

    private String lookup(String host, String path) {
        byte[] bytes = (host + path).getBytes(US_ASCII);
        int end = path.indexOf('?') < 0 ? bytes.length : host.length() + path.indexOf('?');
        Pool pool = table.lookup(bytes, 0, host.length(), host.length(), end);
        return pool == null ? "" : pool.uri();
    }

    @ParameterizedTest
    @CsvSource({
        "a.com,          /,           a.com",
        "A.COM,          /x,          a.com",
        "a.com,          /foo,        a.com/foo",
        "a.com,          /Foo/,       a.com/foo",
        "a.com,          /foo?x=/bar, a.com/foo",
        "a.com,          /foobar,     a.com",
        "a.com,          /foo/bar/z,  a.com/foo/bar",
        "b.com,          /,           ''",
        "w.com,          /,           ''",
        "x.w.com,        /,           *.w.com",
        "y.x.w.com,      /,           *.w.com",
        "exact.w.com,    /,           exact.w.com",
        "z.near.w.com,   /,           *.near.w.com",
        "q.w.com,        /deep/er,    *.w.com/deep",
        "only.com,       /,           ''",
        "only.com,       /path,       only.com/path"
    })
    void prefersTheExactHostThenTheNearestWildcardThenTheLongestPath(String host, String path, String expected) {
        for (String uri : List.of(
                "a.com",
                "a.com/foo",
                "a.com/foo/BAR/",
                "*.w.com",
                "exact.w.com",
                "*.near.w.com",
                "*.w.com/deep",
                "only.com/path")) {
            table.register(uri, info(1), 0);
        }

        assertThat(lookup(host, path)).isEqualTo(expected);
    }

    @Test
    void normalisesUrisAsTheOriginalDoes() {
        assertThat(new String(RouteKey.normalise("A.com/Foo/"), US_ASCII)).isEqualTo("a.com/foo");
        assertThat(new String(RouteKey.normalise("/a.com?x/y"), US_ASCII)).isEqualTo("a.com");
        assertThat(RouteKey.contextPath("a.com/Foo/")).isEqualTo("/Foo");
        assertThat(RouteKey.contextPath("a.com/")).isEqualTo("/");
    }

    @Test
    void fallsBackToAShorterPathWhenTheLongerOneIsEmpty() {
        RouteTable keeping = table(true, 60);
        keeping.register("a.com", info(1), 0);
        keeping.register("a.com/foo", info(2), 0);
        keeping.register("*.com", info(3), 0);
        keeping.unregister("a.com/foo", info(2), 0);

        assertThat(keeping.lookup("a.com/foo"))
                .isNotNull()
                .extracting(Pool::uri)
                .isEqualTo("a.com");

        keeping.unregister("a.com", info(1), 0);

        assertThat(keeping.lookup("a.com/foo"))
                .isNotNull()
                .extracting(Pool::isEmpty)
                .isEqualTo(true);
    }

    @Test
    void tellsARefreshFromAChangeFromANewEndpoint() {
        assertThat(table.register("a.com", info(1), 0)).isEqualTo(Outcome.ADDED);
        assertThat(table.register("a.com", info(1), 1)).isEqualTo(Outcome.REFRESHED);
        Pool pool = table.lookup("a.com");
        assertThat(pool).isNotNull();
        Endpoint before = pool.endpoints().getFirst();
        EndpointInfo zone = EndpointInfo.of(message(1).availabilityZone("z9").build(), true);
        assertThat(table.register("a.com", zone, 1))
                .as("the zone is not compared")
                .isEqualTo(Outcome.REFRESHED);
        EndpointInfo changed = EndpointInfo.of(message(1).app("other").build(), true);

        assertThat(table.register("a.com", changed, 2)).isEqualTo(Outcome.UPDATED);

        assertThat(pool.endpoints()).hasSize(1).doesNotContain(before);
        assertThat(pool.endpoints().getFirst().backend())
                .as("its connections live on")
                .isSameAs(before.backend());
        assertThat(table.register("a.com", info(2), 2)).isEqualTo(Outcome.ADDED);
        assertThat(pool.endpoints()).extracting(Endpoint::toString).containsExactly("10.0.0.1:1", "10.0.0.1:2");
    }

    @Test
    void sharesABackendBetweenRoutesAndRetiresItWithTheLast() {
        table.register("a.com", info(1), 0);
        table.register("b.com", info(1), 0);
        Pool a = table.lookup("a.com");
        assertThat(a).isNotNull();
        Backend backend = a.endpoints().getFirst().backend();
        assertThat(table.backendCount()).isEqualTo(1);

        table.unregister("a.com", info(1), 0);
        assertThat(backend.isRetired()).isFalse();
        table.unregister("b.com", info(1), 0);

        assertThat(backend.isRetired()).isTrue();
        assertThat(table.backendCount()).isZero();
        assertThat(table.routeCount()).isZero();
    }

    @Test
    void prunesWhatIsStaleButNotEndpointsWithTls() {
        EndpointInfo brief =
                EndpointInfo.of(message(3).staleThresholdInSeconds(10).build(), true);
        EndpointInfo tooLong =
                EndpointInfo.of(message(4).staleThresholdInSeconds(999).build(), true);
        table.register("a.com", info(1), 0);
        table.register("a.com", tls(2), 0);
        table.register("b.com", brief, 0);
        table.register("c.com", tooLong, 0);

        assertThat(table.prune(11 * SECOND)).isEqualTo(1);
        assertThat(table.lookup("b.com")).isNull();
        table.register("c.com", tooLong, 60 * SECOND);
        assertThat(table.prune(121 * SECOND)).isEqualTo(1);

        assertThat(table.lookup("c.com")).isNotNull();
        Pool a = table.lookup("a.com");
        assertThat(a).isNotNull();
        assertThat(a.endpoints()).extracting(Endpoint::toString).containsExactly("10.0.0.1:2");
        table.refreshAll(500 * SECOND);
        assertThat(table.prune(600 * SECOND)).isZero();
    }

    @Test
    void keepsAnEmptyRouteForAsLongAsConfigured() {
        RouteTable keeping = table(true, 60);
        keeping.register("a.com", info(1), 0);
        keeping.unregister("a.com", info(1), 10 * SECOND);

        keeping.prune(69 * SECOND);
        assertThat(keeping.lookup("a.com")).isNotNull();
        keeping.prune(71 * SECOND);
        assertThat(keeping.lookup("a.com")).isNull();
    }

    @Test
    void expelsOnlyTheVeryEndpoint() {
        table.register("a.com", tls(1), 0);
        Pool pool = table.lookup("a.com");
        assertThat(pool).isNotNull();
        Endpoint old = pool.endpoints().getFirst();
        EndpointInfo again =
                EndpointInfo.of(message(0).tlsPort(1).privateInstanceId("new").build(), true);
        table.register("a.com", again, 0);

        assertThat(table.expel(pool, old, 0)).isFalse();
        assertThat(table.expel(pool, pool.endpoints().getFirst(), 0)).isTrue();
        assertThat(pool.isEmpty()).isTrue();
        assertThat(table.lookup("a.com"))
                .as("it stays, empty, until the next prune")
                .isSameAs(pool);
        table.prune(1);
        assertThat(table.lookup("a.com")).isNull();
    }

    @Test
    void obeysModificationTags() {
        EndpointInfo first = info(1).withTag(new ModificationTag("g", 1));
        EndpointInfo second = info(1).withTag(new ModificationTag("g", 2));
        table.register("a.com", second, 0);

        assertThat(table.register("a.com", first, 0)).isEqualTo(Outcome.UNMODIFIED);
        table.unregister("a.com", first, 0);
        assertThat(table.lookup("a.com")).isNotNull();
        table.unregister("a.com", second, 0);
        assertThat(table.lookup("a.com")).isNull();
    }

    @Test
    void takesTheLastValidAlgorithmForTheRoute() throws Exception {
        table.register("a.com", options("{\"loadbalancing\":\"least-connection\"}"), 0);
        table.register("a.com", options("{\"loadbalancing\":\"nonsense\"}"), 0);
        table.register("a.com", options("{}"), 0);

        Pool pool = table.lookup("a.com");
        assertThat(pool).isNotNull();
        assertThat(pool.balancing()).isEqualTo(Balancing.LEAST_CONNECTION);
        table.register("a.com", options("{\"loadbalancing\":\"hash\",\"hash_header\":\"X-T\"}"), 0);
        assertThat(pool.hashHeader()).isEqualTo("X-T");
    }

    private static EndpointInfo options(String json) throws Exception {
        return EndpointInfo.of(message(1).options(RouteOptions.parse(json)).build(), true);
    }

    /** The law of the table: after any changes it answers as a naive model of the same changes does. */
    @RepeatedTest(30)
    void answersAsANaiveModelAfterAnyOrderOfChanges(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        List<String> hosts = List.of("a.com", "b.a.com", "*.a.com", "*.b.a.com", "*.com", "c.b.a.com", "d.org");
        List<String> paths = List.of("", "/x", "/x/y", "/x/y/z", "/q");
        Map<String, Set<Integer>> model = new LinkedHashMap<>();
        for (int i = 0; i < 3000; i++) {
            String uri = hosts.get(random.nextInt(hosts.size())) + paths.get(random.nextInt(paths.size()));
            if (random.nextInt(10) == 0) {
                uri += "-" + random.nextInt(500); // makes the index grow and be swept
            }
            int port = 1 + random.nextInt(3);
            if (random.nextBoolean()) {
                table.register(uri, info(port), i);
                model.computeIfAbsent(uri, _ -> new TreeSet<>()).add(port);
            } else {
                table.unregister(uri, info(port), i);
                Set<Integer> ports = model.getOrDefault(uri, new TreeSet<>());
                ports.remove(port);
                if (ports.isEmpty()) {
                    model.remove(uri);
                }
            }
            String host = List.of("a.com", "b.a.com", "c.b.a.com", "z.z.a.com", "d.org", "x.d.org", "e.com")
                    .get(random.nextInt(7));
            String path = List.of("/", "/x", "/x/y", "/x/y/", "/x/y/z/1", "/x/yy", "/q/r")
                    .get(random.nextInt(7));
            assertThat(lookup(host, path))
                    .as(host + path + " in " + model.keySet())
                    .isEqualTo(expected(model, host, path));
        }
        assertThat(table.routeCount()).isEqualTo(model.size());
    }

    private static String expected(Map<String, Set<Integer>> model, String host, String path) {
        List<String> candidates = new ArrayList<>(List.of(host));
        for (int dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
            candidates.add("*" + host.substring(dot));
        }
        String stripped = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        for (String candidate : candidates) {
            for (String prefix = stripped; ; prefix = prefix.substring(0, prefix.lastIndexOf('/'))) {
                if (model.containsKey(candidate + prefix)) {
                    return candidate + prefix;
                }
                if (prefix.isEmpty()) {
                    break;
                }
            }
        }
        return "";
    }

    @Test
    void readersSeeAStandingRouteThroughoutGrowthAndSweeps() throws Exception {
        table.register("always.com", info(1), 0);
        var done = new AtomicBoolean();
        var missed = new AtomicBoolean();
        Thread reader = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                if (table.lookup("always.com") == null) {
                    missed.set(true);
                }
            }
        });

        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 20_000; i++) {
                table.register("h" + i + ".com/p", info(1), 0);
            }
            for (int i = 0; i < 20_000; i++) {
                table.unregister("h" + i + ".com/p", info(1), 0);
            }
        }
        done.set(true);
        reader.join();

        assertThat(missed).isFalse();
        assertThat(table.routeCount()).isEqualTo(1);
    }

    @Test
    void tellsOnceOfOptionsThatMakeNoSense() throws Exception {
        var told = new ArrayList<String>();
        var telling = new RouteTable(
                new RouteTable.Rules(Sharding.EVERYTHING, Duration.ofMinutes(2).toNanos(), false, 0, true),
                new SplittableRandom(1),
                new RouteChanges() {
                    @Override
                    public void optionIgnored(String uri, String problem) {
                        told.add(uri + " " + problem);
                    }

                    @Override
                    public void balancingIgnored(String uri, String asked, String kept) {
                        told.add(uri + " " + asked + " instead of " + kept);
                    }
                });
        for (String options : List.of(
                "{\"unknown_option\":1,\"loadbalancing\":\"least-connection\"}",
                "{\"loadbalancing\":\"fastest\",\"max_requests_per_second\":\"many\"}",
                "{\"loadbalancing\":\"hash\"}",
                "{\"outlier_ejection\":{\"consecutive_failure\":5}}")) {
            EndpointInfo info = EndpointInfo.of(
                    message(1).options(RouteOptions.parse(options)).build(), true);
            telling.register("A.com/x", info, 0);
            telling.register("A.com/x", info, SECOND); // a refresh is no news
        }

        assertThat(told)
                .containsExactly(
                        "a.com/x max_requests_per_second: \"many\" (expected: a number from 0 to 1000000000)",
                        "a.com/x fastest instead of least-connection",
                        "a.com/x loadbalancing: hash (expected: a hash_header with it)",
                        "a.com/x outlier_ejection: consecutive_failure (expected: keys base_ejection_time,"
                                + " consecutive_failures, error_percent, interval, max_ejected_percent,"
                                + " max_ejection_time, min_requests)");
        Pool pool = telling.lookup("a.com/x");
        assertThat(pool).isNotNull();
        assertThat(pool.balancing()).isEqualTo(Balancing.LEAST_CONNECTION);
        assertThat(pool.size()).isEqualTo(1);
    }
}
