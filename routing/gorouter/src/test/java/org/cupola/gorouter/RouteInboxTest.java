package org.cupola.gorouter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.cupola.gorouter.routes.RouteChanges;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.gorouter.routes.Sharding;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RouterStartMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RouteInboxTest {
    private static final String REGISTER = "router.register";
    private static final String UNREGISTER = "router.unregister";

    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final RegistryMetrics metrics = new RegistryMetrics();
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private final RouteTable table = new RouteTable(
            new RouteTable.Rules(Sharding.EVERYTHING, Duration.ofMinutes(2).toNanos(), false, 0, true),
            new SplittableRandom(1),
            new RouteChanges() {
                @Override
                public void routeRegistered(String uri) {
                    if (uri.equals("hold.test")) {
                        hold();
                    }
                }
            });
    private final RouteSubscriber subscriber = new RouteSubscriber(
            table,
            metrics,
            new RegistrationLatency(InstantSource.system(), Duration.ZERO, Buckets.REGISTRATION),
            new RouterStartMessage("id", List.of("127.0.0.1"), 20, 120),
            () -> 0);
    private final RouteInbox inbox = new RouteInbox(table, subscriber, failure::completeExceptionally);

    private void hold() {
        held.countDown();
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void close() {
        release.countDown();
        inbox.close();
        assertThat(failure).isNotDone();
    }

    private void send(String subject, String uri, int port) {
        byte[] message = RegistryMessage.builder("10.0.0.1", List.of(uri))
                .port(port)
                .build()
                .toEmitterJson();
        inbox.handle(subject, "", message);
    }

    private void awaitIdle() {
        await().atMost(Duration.ofSeconds(30)).until(() -> inbox.pending() == 0);
    }

    private Set<String> registered() {
        Set<String> found = new TreeSet<>();
        table.forEach((uri, pool) -> pool.endpoints()
                .forEach(endpoint -> found.add(uri + " " + endpoint.info().port())));
        return found;
    }

    private void holdTheReader() throws InterruptedException {
        send(REGISTER, "hold.test", 1);
        held.await();
    }

    @Test
    void aMessageThatIsKnownDoesNotOvertakeAnUnregistrationThatWaits() throws Exception {
        send(REGISTER, "a.test", 1);
        awaitIdle();
        holdTheReader();

        send(UNREGISTER, "a.test", 1);
        send(REGISTER, "a.test", 1);
        release.countDown();

        awaitIdle();
        assertThat(registered()).containsExactly("a.test 1", "hold.test 1");
    }

    @Test
    void anUnregistrationDoesNotOvertakeARegistrationThatWaits() throws Exception {
        holdTheReader();

        send(REGISTER, "a.test", 1);
        send(UNREGISTER, "a.test", 1);
        send(REGISTER, "b.test", 1);
        assertThat(inbox.pending()).isGreaterThanOrEqualTo(3);
        release.countDown();

        awaitIdle();
        assertThat(registered()).containsExactly("b.test 1", "hold.test 1");
    }

    @Test
    void whateverComesAndGoesEndsAsItsLastMessageSays() {
        var random = new Random(3);
        Set<String> expected = new TreeSet<>();

        for (int i = 0; i < 20_000; i++) {
            String uri = "app-" + random.nextInt(20) + ".test";
            int port = 1 + random.nextInt(3);
            if (random.nextInt(3) > 0) {
                send(REGISTER, uri, port);
                expected.add(uri + " " + port);
            } else {
                send(UNREGISTER, uri, port);
                expected.remove(uri + " " + port);
            }
        }

        awaitIdle();
        assertThat(registered()).isEqualTo(expected);
    }

    @Test
    void aKnownMessageIsDoneWithAtOnce() {
        send(REGISTER, "a.test", 1);
        awaitIdle();

        send(REGISTER, "a.test", 1);

        assertThat(inbox.pending()).isZero();
        assertThat(metrics.registrations(RouteTable.Outcome.REFRESHED)).containsValue(1L);
    }

    @Test
    void goesOnAfterWhatIsNoMessage() {
        inbox.handle(REGISTER, "", "{\"uris\":[\"a.test\"".getBytes(UTF_8));
        inbox.handle("router.start", "", "{}".getBytes(UTF_8));
        send(REGISTER, "b.test", 1);

        awaitIdle();
        assertThat(metrics.invalid.sum()).isEqualTo(1);
        assertThat(registered()).containsExactly("b.test 1");
    }
}
