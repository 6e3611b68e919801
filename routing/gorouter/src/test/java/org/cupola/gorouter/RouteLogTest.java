package org.cupola.gorouter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import org.cupola.gorouter.proxy.LogSources;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.gorouter.routes.Sharding;
import org.cupola.protocol.routing.RouterStartMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

class RouteLogTest {
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(LogSources.REGISTRY);

    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Level level = LOGGER.getLevel();
    private final RouteTable table = new RouteTable(
            new RouteTable.Rules(Sharding.EVERYTHING, Duration.ofMinutes(2).toNanos(), false, 0, true),
            new SplittableRandom(1),
            new RouteLog(new RegistryMetrics()));
    private final RouteSubscriber subscriber = new RouteSubscriber(
            table,
            new RegistryMetrics(),
            new RegistrationLatency(InstantSource.system(), Duration.ZERO, Buckets.REGISTRATION),
            new RouterStartMessage("id", List.of("127.0.0.1"), 20, 120),
            () -> 0);

    @BeforeEach
    void listen() {
        lines.start();
        LOGGER.setLevel(Level.WARN);
        LOGGER.addAppender(lines);
    }

    @AfterEach
    void stop() {
        LOGGER.detachAppender(lines);
        LOGGER.setLevel(level);
    }

    private void register(String options) {
        String message = "{\"host\":\"10.0.0.1\",\"port\":1,\"uris\":[\"odd.test\"],\"options\":" + options + "}";
        subscriber.handle("router.register", message.getBytes(UTF_8));
    }

    @Test
    void saysWhichOptionOfARouteIsIgnoredAndWhy() {
        register("{\"max_concurrent_requests\":-1,\"something_new\":true}");

        assertThat(lines.list).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.WARN);
            assertThat(line.getMessage()).isEqualTo("route-option-ignored");
            assertThat(line.getKeyValuePairs())
                    .containsExactly(
                            new KeyValuePair("uri", "odd.test"),
                            new KeyValuePair(
                                    "error",
                                    "max_concurrent_requests: -1 (expected: a whole number from 0 to 1000000000)"));
        });
        assertThat(table.routeCount()).isEqualTo(1);
    }

    @Test
    void complainsOfUnknownBalancingInTheOriginalsWords() {
        register("{\"loadbalancing\":\"least-connection\"}");
        register("{\"loadbalancing\":\"fastest\"}");
        register("{\"loadbalancing\":\"fastest\"}");

        assertThat(lines.list).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.ERROR);
            assertThat(line.getMessage())
                    .isEqualTo("invalid-endpoint-load-balancing-algorithm-provided-keeping-pool-lb-algo");
            assertThat(line.getKeyValuePairs())
                    .contains(
                            new KeyValuePair("endpointLBAlgorithm", "fastest"),
                            new KeyValuePair("poolLBAlgorithm", "least-connection"));
        });
    }
}
