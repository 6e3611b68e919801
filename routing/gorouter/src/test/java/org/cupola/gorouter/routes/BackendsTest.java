package org.cupola.gorouter.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.Test;

class BackendsTest {
    private final Backends backends = new Backends();

    private static EndpointInfo info(int host, int port, String san) {
        return EndpointInfo.of(
                RegistryMessage.builder("10.0.0." + host, List.of())
                        .port(port)
                        .serverCertDomainSan(san)
                        .build(),
                true);
    }

    @Test
    void tellApartWhatTheirConnectionsDependOn() {
        Backend one = backends.of(info(1, 80, "a"));

        assertThat(backends.of(info(1, 80, "a"))).isSameAs(one);
        assertThat(List.of(
                        backends.of(info(2, 80, "a")),
                        backends.of(info(1, 81, "a")),
                        backends.of(info(1, 80, "b")),
                        backends.of(EndpointInfo.of(
                                RegistryMessage.builder("10.0.0.1", List.of())
                                        .tlsPort(80)
                                        .serverCertDomainSan("a")
                                        .build(),
                                true)),
                        backends.of(EndpointInfo.of(
                                RegistryMessage.builder("10.0.0.1", List.of())
                                        .port(80)
                                        .protocol("http2")
                                        .serverCertDomainSan("a")
                                        .build(),
                                true))))
                .doesNotHaveDuplicates()
                .doesNotContain(one);
        assertThat(backends.size()).isEqualTo(6);
    }

    @Test
    void holdExactlyWhatIsThereHoweverItComesAndGoes() {
        var random = new SplittableRandom(5);
        Map<Integer, Backend> expected = new HashMap<>();
        for (int step = 0; step < 50_000; step++) {
            int port = 1 + random.nextInt(1500);
            Backend present = expected.get(port);
            if (present == null) {
                expected.put(port, backends.of(info(port % 7, port, "")));
            } else if (random.nextBoolean()) {
                backends.remove(present);
                expected.remove(port);
            } else {
                assertThat(backends.of(info(port % 7, port, ""))).isSameAs(present);
            }
        }

        assertThat(backends.size()).isEqualTo(expected.size());
        expected.forEach((port, backend) ->
                assertThat(backends.of(info(port % 7, port, ""))).isSameAs(backend));
    }
}
