package org.cupola.routeemitter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cupola.routeemitter.Lrps.desired;
import static org.cupola.routeemitter.Lrps.instance;

import org.cupola.protocol.routing.RouteOptions;
import org.cupola.routeemitter.Association.Http;
import org.cupola.routeemitter.Desired.HttpRoute;
import org.cupola.routeemitter.ProcessRoutes.Addressing;
import org.junit.jupiter.api.Test;

class UnregistrationCacheTest {
    private final UnregistrationCache cache = new UnregistrationCache(3);

    private static Http http(HttpRoute route) {
        var table = new RoutingTable(new Addressing(false, false));
        table.apply(desired().http(route).set());
        return table.apply(instance(0).created()).http().register().getFirst();
    }

    private static HttpRoute route(String hostname, String serviceUrl) {
        return new HttpRoute(hostname, 8080, serviceUrl, "", "", RouteOptions.NONE);
    }

    @Test
    void handsEachOutTheGivenNumberOfTimes() {
        Http gone = http(route("a", ""));
        cache.unregistered(gone);

        assertThat(cache.due()).containsExactly(gone);
        assertThat(cache.due()).containsExactly(gone);
        assertThat(cache.due()).containsExactly(gone);
        assertThat(cache.due()).isEmpty();
        assertThat(cache.size()).isZero();
    }

    @Test
    void aRegistrationAtTheSameAddressEndsIt() {
        cache.unregistered(http(route("a", "")));
        cache.unregistered(http(route("b", "")));

        cache.registered(http(route("a", "https://service")));

        assertThat(cache.due()).extracting(http -> http.route().hostname()).containsExactly("b");
    }

    @Test
    void countsAnewWhenUnregisteredAgain() {
        Http gone = http(route("a", ""));
        cache.unregistered(gone);
        cache.due();
        cache.due();

        cache.unregistered(gone);

        assertThat(cache.due()).hasSize(1);
        assertThat(cache.due()).hasSize(1);
        assertThat(cache.due()).hasSize(1);
        assertThat(cache.due()).isEmpty();
    }
}
