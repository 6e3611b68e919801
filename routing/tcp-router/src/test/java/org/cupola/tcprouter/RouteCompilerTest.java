package org.cupola.tcprouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouteCompilerTest {
    private static final Instant NOW = Instant.EPOCH;
    private final RouteTable table = new RouteTable(Duration.ofMinutes(2));
    private final RouteCompiler compiler = new RouteCompiler(false, Balancing.ROUND_ROBIN, Map.of());
    private final RouteCompiler withTls = new RouteCompiler(true, Balancing.ROUND_ROBIN, Map.of());

    private static TcpRouteMapping.Builder route(String ip) {
        return TcpRouteMapping.builder("group", 5000, ip, 8080);
    }

    private void add(TcpRouteMapping.Builder... routes) {
        for (TcpRouteMapping.Builder route : routes) {
            table.upsert(route.build(), NOW);
        }
    }

    private PortRoutes compile(RouteCompiler with) {
        return with.compile(5000, table.port(5000), null);
    }

    @Test
    void ordersBackendsByAddressAndPort() {
        add(route("10.0.0.2"), route("10.0.0.1"), TcpRouteMapping.builder("group", 5000, "10.0.0.1", 80));

        assertThat(compile(compiler).plain().backends())
                .extracting(
                        backend -> backend.key().address() + ":" + backend.key().port())
                .containsExactly("10.0.0.1:80", "10.0.0.1:8080", "10.0.0.2:8080");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "backend.example.com", "under_score", "2001:db8::1", "backend."})
    void takesUsableAddresses(String address) {
        add(route(address));

        assertThat(compile(compiler).plain().backends()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-x", "a b", "a..b", "10.0.0.1/8", "ä"})
    void leavesOutUnusableAddressesAndKeepsTheirSiblings(String address) {
        add(route(address), route("10.0.0.1"));

        assertThat(compile(compiler).plain().backends()).hasSize(1);
    }

    @Test
    void hasNothingForAPortWithoutAValidBackend() {
        add(route(""));

        assertThat(compile(compiler)).isNull();
    }

    @Test
    void findsTheHostInAnyCaseThenTheWildcardThenThePlainRoute() {
        add(
                route("10.0.0.1").backendSniHostname("A.example.com"),
                route("10.0.0.2").backendSniHostname("*.example.com"),
                route("10.0.0.3"));
        PortRoutes routes = compile(compiler);

        assertThat(address(routes.find("a.EXAMPLE.com"))).isEqualTo("10.0.0.1");
        assertThat(address(routes.find("b.example.com"))).isEqualTo("10.0.0.2");
        assertThat(address(routes.find("c.b.example.com"))).isEqualTo("10.0.0.3");
        assertThat(address(routes.find(""))).isEqualTo("10.0.0.3");
        assertThat(routes.looksAtClientHello()).isTrue();
    }

    private static String address(Pool pool) {
        return pool.backends().getFirst().key().address();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "*", "a.*.com", "-a", "*."})
    void leavesOutUnusableHosts(String host) {
        add(route("10.0.0.1").backendSniHostname(host), route("10.0.0.2"));

        assertThat(compile(compiler).bySni()).isEmpty();
    }

    @Test
    void leavesOutTlsBackendsWhenTlsIsOffButKeepsTheRoute() {
        add(route("10.0.0.1").backendTlsPort(61_001).instanceId("guid"));

        assertThat(compile(compiler).plain().backends()).isEmpty();
        assertThat(compile(withTls).plain().backends())
                .extracting(backend -> backend.key().usedPort())
                .containsExactly(61_001);
    }

    @Test
    void usesThePlainPortWhenThereIsNoTlsPort() {
        add(route("10.0.0.1").backendTlsPort(0), route("10.0.0.2").backendTlsPort(-1));

        assertThat(compile(withTls).plain().backends())
                .extracting(backend -> backend.key().usedPort())
                .containsExactly(8080, 8080);
    }

    @Test
    void aTlsBackendNeedsNoPlainPort() {
        add(TcpRouteMapping.builder("group", 5000, "10.0.0.1", 0)
                .backendTlsPort(61_001)
                .instanceId("guid"));

        assertThat(compile(withTls).plain().backends()).hasSize(1);
        assertThat(compile(compiler).plain().backends()).isEmpty();
    }

    @Test
    void theNewestEntryOfAnAddressCounts() {
        table.upsert(route("10.0.0.1").instanceId("old").build(), NOW);
        table.upsert(route("10.0.0.1").instanceId("new").build(), NOW.plusSeconds(1));

        assertThat(compile(compiler).plain().backends())
                .extracting(backend -> backend.key().instanceId())
                .containsExactly("new");
    }

    @Test
    void backendsLiveOnThroughChangesOfOthers() {
        add(route("10.0.0.1"));
        PortRoutes before = compile(compiler);
        add(route("10.0.0.2"));

        PortRoutes after = compiler.compile(5000, table.port(5000), before);

        assertThat(after.plain().backends()).contains(before.plain().backends().getFirst());
    }
}
