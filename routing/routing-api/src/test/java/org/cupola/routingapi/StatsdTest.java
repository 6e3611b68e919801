package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.HttpMethod;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gauges as a statsd gets them. */
class StatsdTest {
    @TempDir
    Path folder;

    private DatagramSocket agent;

    @BeforeEach
    void listen() throws IOException {
        agent = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        agent.setSoTimeout(30_000);
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    private String endpoint() {
        return "127.0.0.1:" + agent.getLocalPort();
    }

    private String packet() throws IOException {
        var packet = new DatagramPacket(new byte[4096], 4096);
        agent.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }

    /** All lines up to the given one. */
    private List<String> linesUntil(String last) throws IOException {
        List<String> lines = new ArrayList<>();
        while (!lines.contains(last)) {
            lines.addAll(packet().lines().toList());
        }
        return lines;
    }

    @Test
    void theApiReportsRoutesAndSubscriptions() throws Exception {
        String yaml =
                RunningApi.sql(DatabaseConfig.sqlite(folder.resolve("db"))) + "statsd_endpoint: " + endpoint() + "\n";
        try (var api = RunningApi.start(folder, yaml)) {
            assertThat(linesUntil("routing_api.total_tcp_subscriptions:0|g"))
                    .contains("routing_api.total_http_subscriptions:0|g");
            TcpRouteMapping route = TcpRouteMapping.of(api.tcpGroup("group"), 1, "10.0.0.1", 80);

            try (var events = api.client().tcpRouteEvents("")) {
                linesUntil("routing_api.total_tcp_subscriptions:+1|g");
                api.client().upsertTcpRoutes(List.of(route));
                assertThat(events.next()).isPresent();
                linesUntil("routing_api.total_tcp_routes:+1|g");
                api.client().upsertTcpRoutes(List.of(route));
                linesUntil("routing_api.total_tcp_routes:+0|g");
            }
            api.client().deleteTcpRoutes(List.of(route));

            List<String> lines = linesUntil("routing_api.total_tcp_routes:-1|g");
            if (!lines.contains("routing_api.total_tcp_subscriptions:-1|g")) {
                linesUntil("routing_api.total_tcp_subscriptions:-1|g");
            }
            assertThat(api.admin(HttpMethod.GET, "/metrics").contentUtf8())
                    .contains("routing_api_route_upserts_total 3\n", "routing_api_route_deletes_total 1\n");
        }
    }

    @Test
    void theTotalsComeAtEachInterval() throws Exception {
        try (Statsd statsd = Statsd.to(endpoint())) {
            new RoutingMetrics(statsd).report(3, 4);
            statsd.flush();

            assertThat(packet()).isEqualTo("""
                            routing_api.total_http_subscriptions:+0|g
                            routing_api.total_tcp_subscriptions:+0|g
                            routing_api.total_http_routes:3|g
                            routing_api.total_tcp_routes:4|g
                            routing_api.total_token_errors:0|g
                            routing_api.key_refresh_events:0|g""");
        }
    }

    @Test
    void aPacketHasAtMost512BytesAndWholeLines() throws Exception {
        try (Statsd statsd = Statsd.to(endpoint())) {
            for (int i = 0; i < 20; i++) {
                statsd.gauge("total_tcp_routes", "+1");
            }
            statsd.flush();

            String first = packet();
            assertThat(first.length()).isLessThanOrEqualTo(512);
            assertThat((first + "\n" + packet()).lines()).hasSize(20).containsOnly("routing_api.total_tcp_routes:+1|g");
        }
    }

    @Test
    void anEndpointThatIsNoneIsRefused() {
        assertThatThrownBy(() -> Statsd.to("localhost"))
                .isInstanceOf(IOException.class)
                .hasMessage("statsd_endpoint: localhost (expected: host:port)");
    }
}
