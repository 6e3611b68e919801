package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.client.WebClient;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.cupola.platform.json.Json;
import org.cupola.protocol.routing.TcpRouteMapping;

/** A client of the plain listener. */
record PlainClient(int port) {
    private BlockingWebClient client() {
        return WebClient.of("h1c://127.0.0.1:" + port).blocking();
    }

    String createGroup() {
        String body = client().post(
                        "/routing/v1/router_groups", "{\"name\":\"g\",\"type\":\"tcp\",\"reservable_ports\":\"1024\"}")
                .contentUtf8();
        return Json.tree(body).get("guid").asString();
    }

    void upsert(String group, int from, int to) {
        String body = Json.text(IntStream.rangeClosed(from, to)
                .mapToObj(i -> TcpRouteMapping.of(group, i, "10.0.0.1", 80).toJson())
                .toList());
        assertThat(client().post("/routing/v1/tcp_routes/create", body).status().code())
                .isEqualTo(201);
    }

    int tryUpsert(String group, int port) {
        String body = "[" + TcpRouteMapping.of(group, port, "10.0.0.1", 80).toJson() + "]";
        return client().post("/routing/v1/tcp_routes/create", body).status().code();
    }

    List<TcpRouteMapping> routes() {
        List<TcpRouteMapping> routes = new ArrayList<>();
        Json.tree(client().get("/routing/v1/tcp_routes").contentUtf8())
                .forEach(json -> routes.add(TcpRouteMapping.read(json)));
        return routes;
    }
}
