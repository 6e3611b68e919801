package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.cupola.platform.json.Json;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.protocol.routing.HttpRoute;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.protocol.routing.RouteEvent.Action;
import org.cupola.protocol.routing.RouterGroup;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What clients of the Routing API see, whatever database is behind it. Each test uses a router group of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RoutingApiContract {
    private final AtomicInteger names = new AtomicInteger();
    private DatabaseConfig database;
    private Path folder;
    private RunningApi api;

    abstract DatabaseConfig freshDatabase(Path folder);

    @BeforeAll
    void start(@TempDir Path temp) {
        folder = temp;
        database = freshDatabase(temp);
        api = RunningApi.start(folder, RunningApi.sql(database));
    }

    @AfterAll
    void stop() {
        api.close();
    }

    private String newGroup() {
        return api.tcpGroup("group-" + names.incrementAndGet());
    }

    private static TcpRouteMapping route(String group, int port) {
        return TcpRouteMapping.of(group, port, "10.1.1.12", 60_000);
    }

    private List<TcpRouteMapping> routesOf(String group) throws RoutingApiException {
        return api.client().tcpRoutes().stream()
                .filter(route -> route.routerGroupGuid().equals(group))
                .toList();
    }

    @Test
    void storesTcpRoutesWithAllTheirFields() throws Exception {
        String group = newGroup();
        TcpRouteMapping full = TcpRouteMapping.builder(group, 5222, "10.1.1.12", 60_000)
                .backendTlsPort(60_001)
                .backendSniHostname("a.example.org")
                .sniRewriteHostname("b.example.org")
                .instanceId("instance")
                .ttl(100)
                .isolationSegment("is1")
                .terminateFrontendTls(true)
                .alpns("h2,http/1.1")
                .enableBackendMtls(true)
                .build();

        api.client().upsertTcpRoutes(List.of(full));

        TcpRouteMapping stored = routesOf(group).getFirst();
        assertThat(stored.modificationTag().guid()).hasSize(36);
        assertThat(stored.modificationTag().index()).isZero();
        assertThat(stored.toBuilder().modificationTag(ModificationTag.NONE).build())
                .isEqualTo(full);
    }

    @Test
    void answersUpsertsAndDeletesWithoutBody() {
        String body = "[{\"router_group_guid\":\"" + newGroup()
                + "\",\"port\":5222,\"backend_ip\":\"10.0.0.1\",\"backend_port\":80,\"unknown\":1}]";

        AggregatedHttpResponse created = api.request(HttpMethod.POST, "/routing/v1/tcp_routes/create", body);
        AggregatedHttpResponse deleted = api.request(HttpMethod.POST, "/routing/v1/tcp_routes/delete", body);
        AggregatedHttpResponse again = api.request(HttpMethod.POST, "/routing/v1/tcp_routes/delete", body);

        assertThat(created.status().code()).isEqualTo(201);
        assertThat(created.contentUtf8()).isEmpty();
        assertThat(deleted.status().code()).isEqualTo(204);
        assertThat(again.status().code()).isEqualTo(204);
    }

    @Test
    void acceptsEmptyAndNullLists() {
        for (String body : List.of("[]", "null", "[] trailing")) {
            assertThat(api.request(HttpMethod.POST, "/routing/v1/tcp_routes/create", body)
                            .status()
                            .code())
                    .isEqualTo(201);
        }
    }

    @Test
    void writesTcpRoutesInTheOriginalsKeyOrder() {
        String group = newGroup();
        api.request(
                HttpMethod.POST,
                "/routing/v1/tcp_routes/create",
                "[{\"router_group_guid\":\"" + group
                        + "\",\"port\":5222,\"backend_ip\":\"10.0.0.1\",\"backend_port\":80,\"isolation_segment\":\"order\"}]");

        AggregatedHttpResponse listed =
                api.request(HttpMethod.GET, "/routing/v1/tcp_routes?isolation_segment=order", "");

        assertThat(listed.headers().get("content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(listed.contentUtf8())
                .matches("\\[\\{\"router_group_guid\":\"" + group
                        + "\",\"backend_port\":80,\"backend_tls_port\":0,\"backend_ip\":\"10.0.0.1\",\"instance_id\":\"\","
                        + "\"port\":5222,\"modification_tag\":\\{\"guid\":\"[0-9a-f-]{36}\",\"index\":0},\"ttl\":120,"
                        + "\"isolation_segment\":\"order\"}]\n");
    }

    @Test
    void anUpsertOfTheSameRouteCountsTheTagAndKeepsOneRow() throws Exception {
        String group = newGroup();
        var client = api.client();
        TcpRouteMapping first = route(group, 5222).toBuilder()
                .instanceId("first")
                .sniRewriteHostname("x")
                .ttl(50)
                .build();
        client.upsertTcpRoutes(List.of(first));
        ModificationTag tag = routesOf(group).getFirst().modificationTag();

        client.upsertTcpRoutes(List.of(first.toBuilder()
                .instanceId("second")
                .sniRewriteHostname(null)
                .isolationSegment("is2")
                .ttl(60)
                .build()));

        assertThat(routesOf(group)).singleElement().satisfies(stored -> {
            assertThat(stored.modificationTag()).isEqualTo(new ModificationTag(tag.guid(), 1));
            assertThat(stored.instanceId()).isEqualTo("first");
            assertThat(stored.sniRewriteHostname()).isNull();
            assertThat(stored.isolationSegment()).isEqualTo("is2");
            assertThat(stored.ttl()).isEqualTo(60);
        });
    }

    @Test
    void everyIdentityFieldMakesAnotherRoute() throws Exception {
        String group = newGroup();
        String otherGroup = newGroup();
        TcpRouteMapping base = route(group, 5222);
        List<TcpRouteMapping> all = List.of(
                base,
                route(group, 5223),
                TcpRouteMapping.of(group, 5222, "10.1.1.13", 60_000),
                TcpRouteMapping.of(group, 5222, "10.1.1.12", 60_001),
                base.toBuilder().backendTlsPort(-1).build(),
                base.toBuilder().backendSniHostname("sni").build(),
                base.toBuilder().backendSniHostname("").build(),
                base.toBuilder().enableBackendMtls(true).build());

        api.client().upsertTcpRoutes(all);
        api.client().upsertTcpRoutes(List.of(route(otherGroup, 5222)));

        assertThat(routesOf(group)).hasSize(all.size());
        assertThat(routesOf(otherGroup)).hasSize(1);
        api.client().deleteTcpRoutes(List.of(base));
        assertThat(routesOf(group)).hasSize(all.size() - 1);
    }

    @Test
    void oneBadRouteRefusesTheWholeBulk() throws Exception {
        String group = newGroup();
        TcpRouteMapping bad = TcpRouteMapping.builder(group, 5223, "", 80).build();

        assertThatThrownBy(() -> api.client().upsertTcpRoutes(List.of(route(group, 5222), bad)))
                .isInstanceOfSatisfying(RoutingApiException.class, e -> {
                    assertThat(e.status()).isEqualTo(400);
                    assertThat(e.name()).isEqualTo("ProcessRequestError");
                })
                .hasMessageContaining("Cannot process request: Each tcp mapping requires a non empty backend ip");
        assertThat(routesOf(group)).isEmpty();
    }

    @Test
    void refusesWrongTypesAndNumbersOutOfRange() {
        for (String field : List.of(
                "\"port\":65536",
                "\"port\":-1",
                "\"port\":\"80\"",
                "\"port\":1.5",
                "\"isolation_segment\":5",
                "\"ttl\":\"1\"")) {
            AggregatedHttpResponse response =
                    api.request(HttpMethod.POST, "/routing/v1/tcp_routes/create", "[{" + field + "}]");
            assertThat(response.status().code()).as(field).isEqualTo(400);
            assertThat(response.contentUtf8())
                    .startsWith("{\"name\":\"ProcessRequestError\",\"message\":\"Cannot process request: ");
        }
        assertThat(api.request(HttpMethod.POST, "/routing/v1/tcp_routes/create", "{not json")
                        .status()
                        .code())
                .isEqualTo(400);
        assertThat(api.request(HttpMethod.POST, "/routing/v1/tcp_routes/create", "")
                        .status()
                        .code())
                .isEqualTo(400);
    }

    @Test
    void filtersByIsolationSegments() throws Exception {
        String group = newGroup();
        api.client()
                .upsertTcpRoutes(List.of(
                        route(group, 7001),
                        route(group, 7002).toBuilder().isolationSegment("seg-a").build(),
                        route(group, 7003).toBuilder().isolationSegment("seg-b").build()));

        assertThat(api.client().tcpRoutes(List.of("seg-a", "seg-b")))
                .extracting(TcpRouteMapping::port)
                .containsExactlyInAnyOrder(7002, 7003);
        assertThat(api.client().tcpRoutes(List.of("")))
                .extracting(TcpRouteMapping::port)
                .contains(7001)
                .doesNotContain(7002, 7003);
    }

    @Test
    void expiredRoutesAreGoneAndTold() throws Exception {
        String group = newGroup();
        var client = api.client();
        try (var events = client.tcpRouteEvents("")) {
            client.upsertTcpRoutes(List.of(route(group, 5222).toBuilder().ttl(1).build()));

            var upsert = events.next().orElseThrow();
            var delete = events.next().orElseThrow();

            assertThat(upsert.action()).isEqualTo(Action.UPSERT);
            assertThat(delete.action()).isEqualTo(Action.DELETE);
            assertThat(delete.route()).isEqualTo(upsert.route());
            assertThat(routesOf(group)).isEmpty();
        }
    }

    @Test
    void streamsEveryChangeInOrder() throws Exception {
        String group = newGroup();
        var client = api.client();
        try (var events = client.tcpRouteEvents("")) {
            client.upsertTcpRoutes(List.of(route(group, 1), route(group, 2)));
            client.upsertTcpRoutes(List.of(route(group, 1)));
            client.deleteTcpRoutes(List.of(route(group, 2)));

            assertThat(events.next().orElseThrow().route().port()).isEqualTo(1);
            assertThat(events.next().orElseThrow().route().port()).isEqualTo(2);
            var third = events.next().orElseThrow();
            assertThat(third.action()).isEqualTo(Action.UPSERT);
            assertThat(third.route().modificationTag().index()).isEqualTo(1);
            var fourth = events.next().orElseThrow();
            assertThat(fourth.action()).isEqualTo(Action.DELETE);
            assertThat(fourth.route().port()).isEqualTo(2);
        }
    }

    @Test
    void aBrokenStreamGoesOnWhereItEnded() throws Exception {
        String group = newGroup();
        var client = api.client();
        String last;
        try (var events = client.tcpRouteEvents("")) {
            assertThat(events.resumed()).isFalse();
            client.upsertTcpRoutes(List.of(route(group, 1), route(group, 2), route(group, 3)));
            last = events.next().orElseThrow().id();
        }
        client.upsertTcpRoutes(List.of(route(group, 4)));

        try (var events = client.tcpRouteEvents(last)) {
            assertThat(events.resumed()).isTrue();
            assertThat(events.next().orElseThrow().route().port()).isEqualTo(2);
            assertThat(events.next().orElseThrow().route().port()).isEqualTo(3);
            assertThat(events.next().orElseThrow().route().port()).isEqualTo(4);
        }
        try (var events = client.tcpRouteEvents("some-other-hub-17")) {
            assertThat(events.resumed()).isFalse();
        }
    }

    @Test
    void storesHttpRoutes() throws Exception {
        var client = api.client();
        var route = new HttpRoute(
                "shop.example.org/a",
                8080,
                "10.0.0.7",
                null,
                "log",
                "https://rs.example.org/x&y",
                ModificationTag.NONE);
        try (var events = client.routeEvents("")) {
            client.upsertRoutes(List.of(route));
            client.upsertRoutes(List.of(new HttpRoute(
                    route.route(), 8080, "10.0.0.7", 33, "", route.routeServiceUrl(), ModificationTag.NONE)));

            HttpRoute stored = client.routes().stream()
                    .filter(each -> each.route().equals(route.route()))
                    .findFirst()
                    .orElseThrow();
            assertThat(stored.ttl()).isEqualTo(33);
            assertThat(stored.logGuid()).isEqualTo("log");
            assertThat(stored.modificationTag().index()).isEqualTo(1);
            assertThat(events.next().orElseThrow().route().ttl()).isEqualTo(120);
            assertThat(events.next().orElseThrow().route()).isEqualTo(stored);

            client.deleteRoutes(List.of(route));
            assertThat(events.next().orElseThrow().action()).isEqualTo(Action.DELETE);
        }
    }

    @Test
    void refusesBadHttpRoutes() {
        record Case(String route, String name, String message) {}
        List<Case> cases = List.of(
                new Case(
                        "\"route\":\"a?b\",\"port\":1,\"ip\":\"1\"",
                        "RouteInvalidError",
                        "url cannot contain any of [?, #]"),
                new Case(
                        "\"route\":\"a b\",\"port\":1,\"ip\":\"1\"",
                        "RouteInvalidError",
                        "url cannot contain invalid characters"),
                new Case(
                        "\"route\":\"a\",\"port\":1,\"ip\":\"1\",\"route_service_url\":\"http://x\"",
                        "RouteServiceUrlInvalidError",
                        "Route service url must use HTTPS."),
                new Case("\"route\":\"a\",\"ip\":\"1\"", "RouteInvalidError", "Each route requires a port"),
                new Case("\"route\":\"a\",\"port\":1,\"ip\":\"1\",\"ttl\":121", "RouteInvalidError", "Max ttl is 120"),
                new Case(
                        "\"route\":\"a\",\"port\":1,\"ip\":\"1\",\"ttl\":0",
                        "RouteInvalidError",
                        "Request requires a ttl greater than 0"));
        for (Case each : cases) {
            AggregatedHttpResponse response =
                    api.request(HttpMethod.POST, "/routing/v1/routes", "[{" + each.route + "}]");
            assertThat(response.status().code()).as(each.route).isEqualTo(400);
            assertThat(Json.tree(response.contentUtf8()))
                    .isEqualTo(Json.tree("{\"name\":\"" + each.name + "\",\"message\":\"" + each.message + "\"}"));
        }
    }

    @Test
    void createsUpdatesAndDeletesRouterGroups() throws Exception {
        var client = api.client();
        RouterGroup created = client.createRouterGroup(new RouterGroup("mine", "rg", "tcp", "1024-1100,2000"));
        assertThat(created.guid()).hasSize(36);
        assertThat(client.createRouterGroup(new RouterGroup("", "rg", "tcp", "5000")))
                .isEqualTo(created);
        assertThat(client.routerGroup("rg")).contains(created);
        assertThat(client.routerGroup("no such group")).isEmpty();

        AggregatedHttpResponse updated = api.request(
                HttpMethod.PUT,
                "/routing/v1/router_groups/" + created.guid(),
                "{\"reservable_ports\":\"3000\",\"name\":\"other\"}");
        assertThat(updated.status().code()).isEqualTo(200);
        assertThat(updated.headers().get("content-type")).isEqualTo("application/json");
        assertThat(updated.headers().get("x-cf-warnings")).contains("routes+becoming+inaccessible");
        assertThat(updated.contentUtf8())
                .isEqualTo("{\"guid\":\"" + created.guid()
                        + "\",\"name\":\"rg\",\"type\":\"tcp\",\"reservable_ports\":\"3000\"}");

        client.deleteRouterGroup(created.guid());
        AggregatedHttpResponse gone = api.request(HttpMethod.DELETE, "/routing/v1/router_groups/" + created.guid(), "");
        assertThat(gone.status().code()).isEqualTo(404);
        assertThat(gone.contentUtf8()).isEmpty();
        AggregatedHttpResponse missing = api.request(
                HttpMethod.PUT, "/routing/v1/router_groups/" + created.guid(), "{\"reservable_ports\":\"3000\"}");
        assertThat(missing.contentUtf8())
                .isEqualTo("{\"name\":\"ResourceNotFoundError\",\"message\":\"router group '" + created.guid()
                        + "' does not exist\"}");
    }

    @Test
    void aGroupNameIsTakenOnce() throws Exception {
        api.client().createRouterGroup(new RouterGroup("", "taken", "tcp", "5000"));

        AggregatedHttpResponse response =
                api.request(HttpMethod.POST, "/routing/v1/router_groups", "{\"name\":\"taken\",\"type\":\"other\"}");

        assertThat(response.status().code()).isEqualTo(503);
        assertThat(response.contentUtf8()).startsWith("{\"name\":\"DBCommunicationError\"");
        // A broken constraint is no outage.
        assertThat(api.client().createRouterGroup(new RouterGroup("", "free", "other", "")))
                .isNotNull();
    }

    @Test
    void backupLocksStopRouterGroups() throws Exception {
        String group = newGroup();
        api.client().upsertTcpRoutes(List.of(route(group, 5222)));
        String create = "{\"name\":\"during-backup\",\"type\":\"tcp\",\"reservable_ports\":\"5000\"}";

        assertThat(api.admin(HttpMethod.PUT, "/lock_router_group_writes")
                        .status()
                        .code())
                .isEqualTo(200);
        AggregatedHttpResponse locked = api.request(HttpMethod.POST, "/routing/v1/router_groups", create);
        assertThat(locked.status().code()).isEqualTo(503);
        assertThat(locked.contentUtf8()).contains("database unavailable due to backup or restore");
        api.client().upsertTcpRoutes(List.of(route(group, 5222)));

        api.admin(HttpMethod.PUT, "/lock_router_group_reads");
        assertThatThrownBy(() -> api.client().routerGroups()).hasMessageContaining("503");
        assertThatThrownBy(() -> api.client().upsertTcpRoutes(List.of(route(group, 5222))))
                .hasMessageContaining("503");
        assertThat(routesOf(group)).hasSize(1);

        api.admin(HttpMethod.PUT, "/unlock_router_group_reads");
        api.admin(HttpMethod.PUT, "/unlock_router_group_writes");
        assertThat(api.request(HttpMethod.POST, "/routing/v1/router_groups", create)
                        .status()
                        .code())
                .isEqualTo(201);
    }

    @Test
    void answersUnknownPathsAndMethodsAsTheOriginal() {
        AggregatedHttpResponse unknown = api.request(HttpMethod.GET, "/routing/v1/tcp_routes/", "");
        AggregatedHttpResponse method = api.request(HttpMethod.PUT, "/routing/v1/tcp_routes", "");

        assertThat(unknown.status().code()).isEqualTo(404);
        assertThat(unknown.contentUtf8()).isEqualTo("404 page not found\n");
        assertThat(method.status().code()).isEqualTo(405);
        assertThat(method.headers().get("allow")).isEqualTo("GET");
        assertThat(method.contentUtf8()).isEqualTo("Method Not Allowed\n");
    }

    @Test
    void everyAnswerCarriesARequestId() {
        String sent = "0b6a2f0e-2b4e-4d7c-9a7d-6f3f2f6f4d11";

        assertThat(api.request(RequestHeaders.of(HttpMethod.GET, "/routing/v1/routes", "x-vcap-request-id", sent), "")
                        .headers()
                        .get("x-vcap-request-id"))
                .isEqualTo(sent);
        assertThat(api.request(
                                RequestHeaders.of(
                                        HttpMethod.GET, "/routing/v1/nowhere", "x-vcap-request-id", "not a uuid"),
                                "")
                        .headers()
                        .get("x-vcap-request-id"))
                .matches("[0-9a-f-]{36}");
    }

    @Test
    void registersItselfWhileItServesWithoutTls() throws Exception {
        assertThat(api.client().routes())
                .filteredOn(route -> route.route().equals("api.sys.example.org/routing"))
                .singleElement()
                .satisfies(own -> {
                    assertThat(own.ip()).isEqualTo("10.0.0.9");
                    assertThat(own.port()).isEqualTo(api.component().httpPort());
                    assertThat(own.logGuid()).isEqualTo("routing_api");
                });
    }

    @Test
    void everythingIsThereAfterARestart() throws Exception {
        String group = newGroup();
        api.client()
                .upsertTcpRoutes(IntStream.rangeClosed(1, 500)
                        .mapToObj(port -> route(group, port).toBuilder()
                                .backendSniHostname(port % 2 == 0 ? "host" + port : null)
                                .build())
                        .toList());
        var before = routesOf(group);
        var groups = api.client().routerGroups();

        api.close();
        api = RunningApi.start(folder, RunningApi.sql(database));

        assertThat(routesOf(group)).containsExactlyInAnyOrderElementsOf(before);
        assertThat(api.client().routerGroups()).containsExactlyInAnyOrderElementsOf(groups);
        api.client().upsertTcpRoutes(before);
        assertThat(routesOf(group)).allMatch(route -> route.modificationTag().index() == 1);
    }

    @Test
    void closingEndsOpenStreams() throws Exception {
        Path elsewhere = RunningApi.newFolder(folder);
        RunningApi other = RunningApi.start(elsewhere, RunningApi.sql(freshDatabase(elsewhere)));
        try (var events = other.client().tcpRouteEvents("")) {
            other.component().close();

            assertThat(events.next()).isEmpty();
        } finally {
            other.close();
        }
    }
}
