package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.protocol.routing.RouteEvent.Action;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.Test;

/** What clients see of TCP routes and their events. */
abstract class TcpRoutesContract extends RoutingApiFixture {
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

    /** Text without bounds, and with a zero byte: SQLite takes both, MariaDB the second, PostgreSQL the first. */
    @Test
    void aRouteThatTheDatabaseRefusesFailsAlone() throws Exception {
        String group = newGroup();
        for (String odd : List.of("x".repeat(300), "\0")) {
            TcpRouteMapping route = TcpRouteMapping.of(group, 1, "10.0.0.1", 80).toBuilder()
                    .isolationSegment(odd)
                    .build();
            int status = api.request(
                            HttpMethod.POST,
                            "/routing/v1/tcp_routes/create",
                            new String(TcpRouteMapping.writeAll(List.of(route)), StandardCharsets.UTF_8))
                    .status()
                    .code();
            assertThat(status).isIn(201, 503);

            api.client().upsertTcpRoutes(List.of(TcpRouteMapping.of(group, 2, "10.0.0.1", 80)));

            assertThat(routesOf(group)).anyMatch(stored -> stored.port() == 2);
            assertThat(routesOf(group)).hasSize(status == 201 ? 2 : 1);
            api.client().deleteTcpRoutes(routesOf(group));
        }
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
}
