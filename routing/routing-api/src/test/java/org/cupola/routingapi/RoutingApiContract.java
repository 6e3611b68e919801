package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.cupola.platform.json.Json;
import org.cupola.protocol.routing.HttpRoute;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.protocol.routing.RouteEvent.Action;
import org.cupola.protocol.routing.RouterGroup;
import org.junit.jupiter.api.Test;

/** What clients of the Routing API see, whatever database is behind it. */
abstract class RoutingApiContract extends TcpRoutesContract {
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
