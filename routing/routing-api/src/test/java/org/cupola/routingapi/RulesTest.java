package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.cupola.protocol.routing.RouterGroup;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What router groups and TCP routes must be. */
class RulesTest {
    private static final List<RouterGroup> GROUPS = List.of(new RouterGroup("g", "default-tcp", "tcp", "1024-1100"));
    private final TcpRouteRules rules = new TcpRouteRules(120, false);

    @ParameterizedTest
    @ValueSource(strings = {"1024", "65535", "1024-65535", "1024,1025", "01024-2000,3000", "2000-3000,3001-3002"})
    void acceptsPorts(String ports) {
        assertThatCode(() -> ReservablePorts.parse(ports)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1023|port must be between 1024 and 65535",
                "65536|port must be between 1024 and 65535",
                "a|port must be between 1024 and 65535",
                "1024,|port must be between 1024 and 65535",
                "1024, 1025|port must be between 1024 and 65535",
                "80-2000|port must be between 1024 and 65535",
                "-2000|range (-2000) requires a starting port",
                "2000-|range (2000-) requires an ending port",
                "2000-65536|range (2000-65536) requires an ending port",
                "3000-2000|range (3000-2000) must be in ascending numeric order",
                "2000-3000-4000|range (2000-3000-4000) has too many '-' separators",
                "2000-3000,3000|Overlapping values: [2000-3000] and 3000",
                "2000,1900-2100|Overlapping values: 2000 and [1900-2100]"
            })
    void refusesPorts(String ports, String message) {
        assertThatThrownBy(() -> ReservablePorts.parse(ports)).hasMessage(message);
    }

    @Test
    void checksRouterGroups() {
        var rules = new RouterGroupRules(List.of(2822, 8853), true);
        assertGroup(rules, "", "tcp", "1024", "missing name in router group");
        assertGroup(rules, "n", "", "1024", "missing type in router group");
        assertGroup(rules, "n", "tcp", "", "missing reservable_ports in router group: n");
        assertGroup(rules, "n", "http", "1024", "reservable ports are not supported for router groups of type http");
        assertGroup(rules, "n", "other", "x", "port must be between 1024 and 65535");
        assertGroup(
                rules,
                "n",
                "tcp",
                "2000-3000",
                "reservable ports must not include the reserved system component ports: [2822 8853]");
        rules.check(new RouterGroup("", "n", "http", ""));
        rules.check(new RouterGroup("", "n", "other", ""));
        new RouterGroupRules(List.of(2822), false).check(new RouterGroup("", "n", "tcp", "2000-3000"));
    }

    private static void assertGroup(RouterGroupRules rules, String name, String type, String ports, String message) {
        assertThatThrownBy(() -> rules.check(new RouterGroup("", name, type, ports)))
                .hasMessage(message);
    }

    @Test
    void checksTcpRoutesInOrder() {
        assertRoute(TcpRouteMapping.of("", 0, "", 0), "requires a non empty router group guid");
        assertRoute(TcpRouteMapping.of("g", 0, "", 0), "requires a positive external port");
        assertRoute(TcpRouteMapping.of("g", 1, "", 0), "requires a non empty backend ip");
        assertRoute(TcpRouteMapping.of("g", 1, "ip", 0), "requires a positive backend port");
        assertRoute(
                TcpRouteMapping.builder("g", 1, "ip", 0).backendTlsPort(65_536).build(), "less than or equal to 65535");
        assertRoute(route().ttl(121).build(), "TTL to be less than or equal to 120");
        assertRoute(route().ttl(0).build(), "Each tcp route mapping requires a ttl greater than 0");
        assertRoute(route().ttl(-1).build(), "Each tcp route mapping requires a ttl greater than 0");
        assertRoute(route().alpns("h2").build(), "terminate_frontend_tls");
        assertRoute(TcpRouteMapping.of("nowhere", 1, "ip", 1), "router_group_guid: nowhere not found");
        assertThatCode(() -> rules.checkUpserts(
                        List.of(TcpRouteMapping.builder("g", 1, "ip", 0)
                                .backendTlsPort(443)
                                .build()),
                        GROUPS,
                        List.of()))
                .doesNotThrowAnyException();
        assertThatCode(() -> rules.checkDeletes(List.of(TcpRouteMapping.of("nowhere", 1, "ip", 1))))
                .doesNotThrowAnyException();
    }

    @Test
    void oneSniHostAndPortTerminatesAlwaysOrNever() {
        TcpRouteMapping terminating =
                route().backendSniHostname("sni").terminateFrontendTls(true).build();
        TcpRouteMapping passing = route().backendSniHostname("sni").build();

        assertThatThrownBy(() -> rules.checkUpserts(List.of(passing), GROUPS, List.of(terminating)))
                .hasMessageStartingWith("terminate_frontend_tls: false not allowed");
        rules.checkUpserts(List.of(terminating), GROUPS, List.of(terminating));
        rules.checkUpserts(List.of(route().build()), GROUPS, List.of(terminating));
    }

    @Test
    void portsOutsideTheGroupAreRefusedOnlyWhenAsked() {
        List<TcpRouteMapping> outside = List.of(TcpRouteMapping.of("g", 2000, "ip", 1));

        rules.checkUpserts(outside, GROUPS, List.of());
        assertThatThrownBy(() -> new TcpRouteRules(120, true).checkUpserts(outside, GROUPS, List.of()))
                .hasMessageContaining("port: 2000 (expected: one of 1024-1100, the ports of default-tcp)");
        assertThat(GROUPS).hasSize(1);
    }

    private static TcpRouteMapping.Builder route() {
        return TcpRouteMapping.builder("g", 1, "ip", 1);
    }

    private void assertRoute(TcpRouteMapping route, String message) {
        assertThatThrownBy(() -> rules.checkUpserts(List.of(route), GROUPS, List.of()))
                .hasMessageContaining(message);
    }
}
