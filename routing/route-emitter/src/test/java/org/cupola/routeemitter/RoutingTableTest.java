package org.cupola.routeemitter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cupola.routeemitter.Lrps.desired;
import static org.cupola.routeemitter.Lrps.instance;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.cupola.protocol.routing.RouteOptions;
import org.cupola.routeemitter.Association.Http;
import org.cupola.routeemitter.Desired.HttpRoute;
import org.cupola.routeemitter.Desired.MetricTag;
import org.cupola.routeemitter.Instance.PortMapping;
import org.cupola.routeemitter.Instance.PreferredAddress;
import org.cupola.routeemitter.Instance.Presence;
import org.cupola.routeemitter.ProcessRoutes.Addressing;
import org.junit.jupiter.api.Test;

class RoutingTableTest {
    private final RoutingTable table = new RoutingTable(new Addressing(false, true));

    private static List<String> registered(Changes changes) {
        return changes.http().register().stream().map(RoutingTableTest::text).toList();
    }

    private static List<String> unregistered(Changes changes) {
        return changes.http().allWithdrawn().stream()
                .map(RoutingTableTest::text)
                .toList();
    }

    private static String text(Http http) {
        return http.route().hostname() + " " + http.endpoint().address() + ":"
                + http.endpoint().port();
    }

    private void apply(LrpEvent... events) {
        Stream.of(events).forEach(table::apply);
    }

    @Test
    void registersOnceRouteAndEndpointAreBothKnown() {
        assertThat(table.apply(desired().http("a.example.com").set()).isEmpty()).isTrue();

        assertThat(registered(table.apply(instance(0).created()))).containsExactly("a.example.com 10.0.0.1:61000");
    }

    @Test
    void registersEndpointsKnownBeforeTheirRoutes() {
        assertThat(table.apply(instance(0).created()).isEmpty()).isTrue();

        assertThat(registered(table.apply(desired().http("a", "b").set())))
                .containsExactlyInAnyOrder("a 10.0.0.1:61000", "b 10.0.0.1:61000");
    }

    @Test
    void stampsOnlyEndpointsThatAreNewOnAKnownRoute() {
        apply(desired().http("a").set());

        assertThat(table.apply(instance(0).created()).http().register())
                .extracting(Http::sinceNanos)
                .containsExactly(1_000L);
        assertThat(table.apply(desired().http("a", "b").version(1).set()).http().register())
                .extracting(Http::sinceNanos)
                .containsExactly(0L);
        assertThat(table.everything().http().register())
                .extracting(Http::sinceNanos)
                .containsOnly(0L);
    }

    @Test
    void sendsOnlyTheDifferenceOfHostnames() {
        apply(desired().http("a", "b").set(), instance(0).created(), instance(1).created());

        Changes changes = table.apply(desired().http("b", "c").version(1).set());

        assertThat(registered(changes)).containsExactlyInAnyOrder("c 10.0.0.1:61000", "c 10.0.0.1:61001");
        assertThat(unregistered(changes)).containsExactlyInAnyOrder("a 10.0.0.1:61000", "a 10.0.0.1:61001");
    }

    @Test
    void unregistersAPortThatHasNoRoutesAnyMore() {
        PortMapping other = new PortMapping(9090, 61_500, 0, 0);
        apply(
                desired()
                        .http("a")
                        .http(new HttpRoute("admin", 9090, "", "", "", RouteOptions.NONE))
                        .set(),
                instance(0).ports(new PortMapping(8080, 61_000, 0, 0), other).created());

        assertThat(unregistered(table.apply(desired().http("a").version(1).set())))
                .containsExactly("admin 10.0.0.1:61500");
    }

    @Test
    void ignoresOlderAndEqualDesiredRecords() {
        apply(desired().http("new").version(5).set(), instance(0).created());

        assertThat(table.apply(desired().http("old").version(4).set()).isEmpty())
                .isTrue();
        assertThat(table.apply(desired().http("same").version(5).set()).isEmpty())
                .isTrue();
        assertThat(registered(
                        table.apply(desired().http("recreated").epoch("next").set())))
                .containsExactly("recreated 10.0.0.1:61000");
    }

    @Test
    void ignoresOlderInstanceRecords() {
        apply(desired().http("a").set(), instance(0).version(5).created());

        PortMapping moved = new PortMapping(8080, 61_777, 0, 0);
        assertThat(table.apply(instance(0).version(4).ports(moved).created()).isEmpty())
                .isTrue();
        assertThat(table.apply(instance(0).version(4).removed()).isEmpty()).isTrue();
        assertThat(unregistered(table.apply(instance(0).version(5).removed()))).containsExactly("a 10.0.0.1:61000");
    }

    @Test
    void movesARouteWithItsEndpointRegisteringFirst() {
        apply(desired().http("a").set(), instance(0).created());

        Changes changes = table.apply(instance(0)
                .version(1)
                .ports(new PortMapping(8080, 61_777, 0, 0))
                .from(instance(0)));

        assertThat(registered(changes)).containsExactly("a 10.0.0.1:61777");
        assertThat(changes.http().withdrawFirst()).isEmpty();
        assertThat(unregistered(changes)).containsExactly("a 10.0.0.1:61000");
    }

    @Test
    void replacesARegistrationThatRoutersFileUnderTheSameAddress() {
        apply(desired().http("a").set(), instance(0).created());

        Changes changes = table.apply(desired()
                .version(1)
                .http(new HttpRoute("a", 8080, "https://service", "", "http2", RouteOptions.NONE))
                .set());

        assertThat(changes.http().register())
                .extracting(http -> http.route().routeServiceUrl())
                .containsExactly("https://service");
        assertThat(unregistered(changes)).isEmpty();
    }

    @Test
    void unregistersFromTheOldIsolationSegmentBeforeRegisteringInTheNew() {
        apply(desired().http("a").set(), instance(0).created());

        Changes changes = table.apply(desired()
                .version(1)
                .http(new HttpRoute("a", 8080, "", "segment", "", RouteOptions.NONE))
                .set());

        assertThat(changes.http().withdrawFirst())
                .extracting(http -> http.route().isolationSegment())
                .containsExactly("");
        assertThat(registered(changes)).containsExactly("a 10.0.0.1:61000");
        assertThat(changes.http().withdraw()).isEmpty();
    }

    @Test
    void sendsNewOptionsAndTagsAtOnce() {
        apply(desired().http("a").set(), instance(0).created());

        Changes options = table.apply(desired()
                .version(1)
                .http(new HttpRoute("a", 8080, "", "", "", new RouteOptions("", "", 0, "{\"loadbalancing\":\"hash\"}")))
                .set());
        Changes tags = table.apply(desired()
                .version(2)
                .http("a")
                .tags(Map.of("i", new MetricTag.Index()))
                .set());

        assertThat(registered(options)).containsExactly("a 10.0.0.1:61000");
        assertThat(unregistered(options)).isEmpty();
        assertThat(tags.http().register())
                .extracting(Http::tags)
                .containsExactly(Map.of("component", "route-emitter", "i", "0"));
    }

    @Test
    void resolvesMetricTagsPerInstance() {
        apply(desired()
                .http("a")
                .tags(Map.of(
                        "fixed",
                        new MetricTag.Fixed("x"),
                        "index",
                        new MetricTag.Index(),
                        "guid",
                        new MetricTag.InstanceGuid(),
                        "component",
                        new MetricTag.Fixed("overridden")))
                .set());

        assertThat(table.apply(instance(2).created()).http().register())
                .extracting(Http::tags)
                .containsExactly(
                        Map.of("fixed", "x", "index", "2", "guid", "instance-2", "component", "route-emitter"));
    }

    @Test
    void ignoresSurplusInstancesAndDropsThemOnScaleDown() {
        apply(desired().http("a").instances(2).set());

        assertThat(registered(table.apply(instance(2).created()))).isEmpty();
        assertThat(registered(table.apply(instance(1).created()))).hasSize(1);
        assertThat(unregistered(
                        table.apply(desired().http("a").instances(1).version(1).set())))
                .containsExactly("a 10.0.0.1:61001");
    }

    @Test
    void removesEverythingWithTheDesiredRecord() {
        apply(
                desired()
                        .http("a")
                        .internal("a.apps.internal")
                        .tcp(5000)
                        .version(3)
                        .set(),
                instance(0).created());

        assertThat(table.apply(desired().version(2).removed()).isEmpty()).isTrue();
        Changes changes = table.apply(desired().version(3).removed());

        assertThat(unregistered(changes)).hasSize(1);
        assertThat(changes.internal().withdraw()).hasSize(1);
        assertThat(changes.tcp().withdraw()).hasSize(1);
        assertThat(table.everything().isEmpty()).isTrue();
        assertThat(table.apply(desired().http("late").version(2).set()).isEmpty())
                .isTrue();
    }

    @Test
    void followsTheRoutableFlag() {
        apply(desired().http("a").set());
        assertThat(registered(table.apply(instance(0).unroutable().created()))).isEmpty();

        assertThat(registered(
                        table.apply(instance(0).version(1).from(instance(0).unroutable()))))
                .hasSize(1);
        assertThat(unregistered(table.apply(instance(0).version(2).unroutable().from(instance(0)))))
                .hasSize(1);
        assertThat(table.apply(instance(0)
                                .version(3)
                                .unroutable()
                                .from(instance(0).unroutable()))
                        .isEmpty())
                .isTrue();
    }

    @Test
    void followsTheState() {
        apply(desired().http("a").set());

        assertThat(registered(table.apply(instance(0).down().created()))).isEmpty();
        assertThat(registered(
                        table.apply(instance(0).version(1).from(instance(0).down()))))
                .hasSize(1);
        assertThat(unregistered(table.apply(instance(0).version(2).down().from(instance(0)))))
                .hasSize(1);
        assertThat(table.apply(instance(0).version(3).down().from(instance(0).down()))
                        .isEmpty())
                .isTrue();
        assertThat(table.apply(instance(0).version(4).down().removed()).isEmpty())
                .isTrue();
    }

    @Test
    void saysNothingWhileAnInstanceEvacuates() {
        apply(desired().http("a").internal("i").tcp(5000).set(), instance(0).created());

        assertThat(table.apply(instance(0)
                                .presence(Presence.EVACUATING)
                                .version(1)
                                .from(instance(0)))
                        .isEmpty())
                .isTrue();
        assertThat(table.apply(instance(0).version(1).removed()).isEmpty()).isTrue();
        assertThat(unregistered(table.apply(
                        instance(0).presence(Presence.EVACUATING).version(1).removed())))
                .hasSize(1);
    }

    @Test
    void keepsTheRouteOfAnEvacuatingTwinUntilBothAreGone() {
        apply(
                desired().http("a").set(),
                instance(0).created(),
                instance(0).presence(Presence.EVACUATING).created());

        assertThat(table.apply(instance(0).removed()).isEmpty()).isTrue();
        assertThat(unregistered(
                        table.apply(instance(0).presence(Presence.EVACUATING).removed())))
                .hasSize(1);
    }

    @Test
    void saysNothingWhenAnInstanceBecomesSuspect() {
        apply(desired().http("a").set(), instance(0).created());

        assertThat(table.apply(instance(0).presence(Presence.SUSPECT).version(1).from(instance(0)))
                        .isEmpty())
                .isTrue();
        assertThat(table.everything().http().register()).hasSize(1);
    }

    @Test
    void countsAnAddressCollisionOncePerConflictingInstance() {
        apply(desired().http("a", "b").set(), instance(0).named("old").created());

        assertThat(table.apply(instance(0).named("new").created()).collisions()).isEqualTo(1);
        assertThat(table.apply(instance(0)
                                .named("new")
                                .presence(Presence.EVACUATING)
                                .created())
                        .collisions())
                .isZero();
        assertThat(table.apply(instance(0).named("old").removed()).collisions()).isZero();
    }

    @Test
    void countsNoCollisionAfterTheOldInstanceIsGone() {
        apply(
                desired().http("a").set(),
                instance(0).named("old").created(),
                instance(0).named("old").removed());

        assertThat(table.apply(instance(0).named("new").created()).collisions()).isZero();
    }

    @Test
    void keepsTheAddressOfANewInstanceWhenTheOldOneLeaves() {
        apply(desired().http("a").set(), instance(0).named("old").created());
        assertThat(registered(table.apply(instance(0).named("new").created()))).hasSize(1);

        assertThat(unregistered(table.apply(instance(0).named("old").removed())))
                .isEmpty();
        assertThat(unregistered(table.apply(instance(0).named("new").removed())))
                .hasSize(1);
    }

    @Test
    void recreatesATcpMappingThatTheNextInstanceTookOver() {
        apply(
                desired().tcp(5000).set(),
                instance(0).named("old").created(),
                instance(0).named("new").created());

        Changes changes = table.apply(instance(0).named("old").removed());

        assertThat(changes.tcp().withdrawFirst())
                .extracting(Association.Tcp::instanceId)
                .containsExactly("old");
        assertThat(changes.tcp().register())
                .extracting(Association.Tcp::instanceId)
                .containsExactly("new");
    }

    @Test
    void prefersTheAddressThatTheInstanceStates() {
        apply(desired().http("a").tcp(5000).set());

        Http direct = table.apply(
                        instance(0).preferred(PreferredAddress.INSTANCE).created())
                .http()
                .register()
                .getFirst();
        assertThat(direct.endpoint().address()).isEqualTo("10.255.0.1");
        assertThat(direct.endpoint().port()).isEqualTo(8080);
        assertThat(direct.endpoint().tlsPort()).isEqualTo(61_001);

        Changes host = table.apply(instance(1).preferred(PreferredAddress.HOST).created());
        assertThat(registered(host)).containsExactly("a 10.0.0.1:61001");
        assertThat(host.tcp().register().getFirst().backendTlsPort()).isEqualTo(62_001);
    }

    @Test
    void takesTheFirstMappingOfAPort() {
        apply(desired().http("a").set());

        assertThat(registered(table.apply(instance(0)
                        .ports(new PortMapping(8080, 61_000, 61_001, 62_000), new PortMapping(8080, 0, 61_443, 0))
                        .created())))
                .containsExactly("a 10.0.0.1:61000");
    }

    @Test
    void saysThatTlsIsOffWhenItIs() {
        var plain = new RoutingTable(new Addressing(true, false));
        plain.apply(desired().tcp(5000).set());

        Association.Tcp mapping =
                plain.apply(instance(0).created()).tcp().register().getFirst();

        assertThat(mapping.backendTlsPort()).isEqualTo(-1);
        assertThat(mapping.instanceId()).isEmpty();
        assertThat(mapping.endpoint().address()).isEqualTo("10.255.0.1");
    }

    @Test
    void followsTcpPorts() {
        apply(desired().tcp(5000).tcp(5001).set(), instance(0).created());

        Changes changes = table.apply(desired().tcp(5001).tcp(5002).version(1).set());

        assertThat(changes.tcp().register())
                .extracting(tcp -> tcp.route().externalPort())
                .containsExactly(5002);
        assertThat(changes.tcp().withdraw())
                .extracting(tcp -> tcp.route().externalPort())
                .containsExactly(5000);
    }

    @Test
    void aSyncKeepsRoutesOfAnUnfreshDomainButNotEndpoints() {
        apply(desired().http("a").set(), instance(0).created(), instance(1).created());

        var sync = new Sync(List.of(), List.of(instance(0).build()), Set.of("app"), Set.of());
        assertThat(unregistered(table.swap(sync, List.of()))).containsExactly("a 10.0.0.1:61001");
        assertThat(table.swap(sync, List.of()).isEmpty()).isTrue();

        var fresh = new Sync(List.of(), List.of(instance(0).build()), Set.of("app"), Set.of(Lrps.DOMAIN));
        assertThat(unregistered(table.swap(fresh, List.of()))).containsExactly("a 10.0.0.1:61000");
        assertThat(table.swap(fresh, List.of()).isEmpty()).isTrue();
    }

    @Test
    void aSyncRepairsWhatEventsMissed() {
        apply(desired().http("a").set(), instance(0).created());

        var sync = new Sync(
                List.of(desired().http("b").version(7).build()),
                List.of(instance(1).build()),
                null,
                Set.of(Lrps.DOMAIN));
        Changes changes = table.swap(sync, List.of());

        assertThat(registered(changes)).containsExactly("b 10.0.0.1:61001");
        assertThat(unregistered(changes)).containsExactly("a 10.0.0.1:61000");
    }

    @Test
    void aSyncDoesNotUndoNewerEvents() {
        LrpEvent removal = instance(0).version(2).removed();
        LrpEvent start = instance(1).created();
        apply(desired().http("a").set(), instance(0).version(2).created(), removal, start);

        var sync = new Sync(
                List.of(desired().http("a").build()),
                List.of(instance(0).version(2).build()),
                Set.of("app"),
                Set.of(Lrps.DOMAIN));

        assertThat(table.swap(sync, List.of(removal, start)).isEmpty()).isTrue();
        assertThat(table.everything().http().register()).hasSize(1);
    }

    @Test
    void aSyncBeatsAnOlderRemoval() {
        var sync = new Sync(
                List.of(desired().http("a").build()),
                List.of(instance(0).version(3).build()),
                Set.of("app"),
                Set.of(Lrps.DOMAIN));

        Changes changes = table.swap(sync, List.of(instance(0).version(2).removed()));

        assertThat(registered(changes)).hasSize(1);
    }

    @Test
    void aSyncKeepsTheDesiredRecordOfAnInstanceThatStartedMeanwhile() {
        LrpEvent start = instance(0).created();
        apply(desired().http("a").set(), start);

        var sync = new Sync(List.of(), List.of(), Set.of(), Set.of(Lrps.DOMAIN));

        assertThat(table.swap(sync, List.of(start)).isEmpty()).isTrue();
        assertThat(table.everything().http().register()).hasSize(1);
    }
}
