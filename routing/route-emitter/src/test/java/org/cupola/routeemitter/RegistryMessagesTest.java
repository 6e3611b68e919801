package org.cupola.routeemitter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cupola.routeemitter.Lrps.desired;
import static org.cupola.routeemitter.Lrps.instance;

import java.nio.charset.StandardCharsets;
import org.cupola.protocol.routing.RouteOptions;
import org.cupola.routeemitter.Desired.HttpRoute;
import org.cupola.routeemitter.Instance.PortMapping;
import org.cupola.routeemitter.Instance.PreferredAddress;
import org.cupola.routeemitter.ProcessRoutes.Addressing;
import org.junit.jupiter.api.Test;

class RegistryMessagesTest {
    private final RoutingTable table = new RoutingTable(new Addressing(false, false));

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }

    @Test
    void writesAnHttpRegistration() {
        var options = new RouteOptions("", "", 0, "{\"loadbalancing\":\"hash\"}");
        table.apply(desired()
                .http(new HttpRoute("a.example.com", 8080, "https://rs", "seg", "http2", options))
                .set());

        var http = table.apply(instance(1).created()).http().register().getFirst();

        assertThat(text(RegistryMessages.of(http).toEmitterJson()))
                .isEqualTo("{\"host\":\"10.0.0.1\",\"port\":61001,\"tls_port\":62001,\"uris\":[\"a.example.com\"],"
                        + "\"protocol\":\"http2\",\"app\":\"log\",\"route_service_url\":\"https://rs\","
                        + "\"private_instance_id\":\"instance-1\",\"private_instance_index\":\"1\","
                        + "\"server_cert_domain_san\":\"instance-1\",\"isolation_segment\":\"seg\","
                        + "\"endpoint_updated_at_ns\":1000,\"tags\":{\"component\":\"route-emitter\"},"
                        + "\"availability_zone\":\"az1\",\"options\":{\"loadbalancing\":\"hash\"}}");
    }

    @Test
    void leavesOutWhatIsEmpty() {
        table.apply(desired().http("a").set());

        var http = table.apply(instance(0)
                        .named("")
                        .preferred(PreferredAddress.INSTANCE)
                        .ports(new PortMapping(8080, 61_000, 0, 0))
                        .created())
                .http()
                .register()
                .getFirst();

        assertThat(text(RegistryMessages.of(Difference.unstamped(http)).toEmitterJson()))
                .isEqualTo("{\"host\":\"10.255.0.1\",\"port\":8080,\"uris\":[\"a\"],\"app\":\"log\","
                        + "\"tags\":{\"component\":\"route-emitter\"},\"availability_zone\":\"az1\"}");
    }

    @Test
    void writesTwoNamesForAnInternalRoute() {
        table.apply(desired().internal("a.apps.internal").set());

        var internal = table.apply(instance(2).created()).internal().register().getFirst();

        assertThat(text(RegistryMessages.of(internal).toEmitterJson()))
                .isEqualTo("{\"host\":\"10.255.0.3\",\"port\":0,\"uris\":[\"a.apps.internal\",\"2.a.apps.internal\"],"
                        + "\"app\":\"log\",\"private_instance_id\":\"instance-2\",\"private_instance_index\":\"2\","
                        + "\"endpoint_updated_at_ns\":1000,\"tags\":{\"component\":\"route-emitter\"}}");
    }
}
