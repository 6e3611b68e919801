package org.cupola.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the official Java client does with our broker, and with nats-server. */
@ParameterizedClass
@EnumSource(Server.class)
@SuppressWarnings("try") // the client may be interrupted while it closes; then the test fails
class OfficialClientContractTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static Server.Running server;

    @Parameter
    Server kind;

    @BeforeParameterizedClassInvocation
    static void start(Server kind) {
        server = kind.start("authorization { user: nats, password: nats }");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
    }

    private static Connection connect() throws Exception {
        return Nats.connect(options().build());
    }

    private static Options.Builder options() {
        return new Options.Builder()
                .server(server.url())
                .userInfo("nats", "nats")
                .connectionTimeout(SOON);
    }

    private static String text(Message message) {
        return new String(message.getData(), UTF_8);
    }

    @Test
    void publishesAndSubscribes() throws Exception {
        try (Connection publisher = connect();
                Connection subscriber = connect()) {
            Subscription subscription = subscriber.subscribe("router.*");
            subscriber.flush(SOON);
            publisher.publish("router.register", "{}".getBytes(UTF_8));

            Message message = subscription.nextMessage(SOON);
            assertThat(message.getSubject()).isEqualTo("router.register");
            assertThat(text(message)).isEqualTo("{}");
        }
    }

    @Test
    void asksAndAnswers() throws Exception {
        try (Connection asker = connect();
                Connection answerer = connect()) {
            Dispatcher dispatcher = answerer.createDispatcher(
                    m -> answerer.publish(m.getReplyTo(), ("re: " + text(m)).getBytes(UTF_8)));
            dispatcher.subscribe("greet");
            answerer.flush(SOON);

            for (int i = 0; i < 100; i++) {
                byte[] question = ("hello " + i).getBytes(UTF_8);
                assertThat(text(asker.request("greet", question, SOON))).isEqualTo("re: hello " + i);
            }
        }
    }

    @Test
    void learnsThatNobodyAnswers() throws Exception {
        try (Connection asker = connect()) {
            assertThatThrownBy(() -> asker.request("nobody", new byte[0]).get(SOON.toSeconds(), TimeUnit.SECONDS))
                    .isInstanceOfAny(CancellationException.class, ExecutionException.class);
        }
    }

    @Test
    void carriesHeaders() throws Exception {
        try (Connection connection = connect()) {
            Subscription subscription = connection.subscribe("headers");
            Headers headers = new Headers().add("X-Id", "1", "2").add("X-Empty", "");
            connection.publish(NatsMessage.builder()
                    .subject("headers")
                    .headers(headers)
                    .data("body", UTF_8)
                    .build());

            Message message = subscription.nextMessage(SOON);
            assertThat(message.getHeaders().get("X-Id")).containsExactly("1", "2");
            assertThat(text(message)).isEqualTo("body");
        }
    }

    @Test
    void sharesAQueueBetweenConnections() throws Exception {
        int count = 600;
        List<Connection> workers = new ArrayList<>();
        List<AtomicInteger> counts = new ArrayList<>();
        var all = new CountDownLatch(count);
        try (Connection publisher = connect()) {
            for (int i = 0; i < 3; i++) {
                Connection worker = connect();
                var mine = new AtomicInteger();
                worker.createDispatcher(_ -> {
                            mine.incrementAndGet();
                            all.countDown();
                        })
                        .subscribe("work", "workers");
                worker.flush(SOON);
                workers.add(worker);
                counts.add(mine);
            }
            for (int i = 0; i < count; i++) {
                publisher.publish("work", new byte[10]);
            }

            assertThat(all.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(counts).allSatisfy(mine -> assertThat(mine.get()).isBetween(120, 280));
            assertThat(counts.stream().mapToInt(AtomicInteger::get).sum()).isEqualTo(count);
        } finally {
            for (Connection worker : workers) {
                worker.close();
            }
        }
    }

    @Test
    void losesNothingBetweenManyPublishersAndSubscribers() throws Exception {
        int publishers = 8;
        int each = 5_000;
        int subscribers = 3;
        var received = new CountDownLatch(publishers * each * subscribers);
        List<Connection> connections = new ArrayList<>();
        try {
            for (int i = 0; i < subscribers; i++) {
                Connection subscriber = connect();
                connections.add(subscriber);
                Dispatcher dispatcher = subscriber.createDispatcher(_ -> received.countDown());
                dispatcher.setPendingLimits(-1, -1);
                dispatcher.subscribe("load.>");
                subscriber.flush(SOON);
            }
            byte[] register = new byte[500];
            List<Thread> threads = new ArrayList<>();
            for (int p = 0; p < publishers; p++) {
                Connection publisher = connect();
                connections.add(publisher);
                String subject = "load." + p;
                threads.add(Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < each; i++) {
                        publisher.publish(subject, register);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }

            assertThat(received.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }

    @Test
    void endsASubscriptionAfterItsMaximum() throws Exception {
        try (Connection connection = connect()) {
            Subscription subscription = connection.subscribe("few");
            subscription.unsubscribe(2);
            for (int i = 0; i < 5; i++) {
                connection.publish("few", new byte[0]);
            }
            connection.flush(SOON);

            assertThat(subscription.nextMessage(SOON)).isNotNull();
            assertThat(subscription.nextMessage(SOON)).isNotNull();
            await().untilAsserted(() -> assertThat(subscription.isActive()).isFalse());
        }
    }

    @Test
    void drains() throws Exception {
        try (Connection connection = connect()) {
            var handled = new AtomicInteger();
            connection.createDispatcher(_ -> handled.incrementAndGet()).subscribe("drain");
            for (int i = 0; i < 1000; i++) {
                connection.publish("drain", new byte[100]);
            }
            assertThat(connection.drain(SOON).get(SOON.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();

            assertThat(handled.get()).isEqualTo(1000);
        }
    }

    @Test
    void refusesAWrongPassword() {
        assertThatThrownBy(() -> Nats.connect(options()
                        .userInfo("nats", "wrong")
                        .connectionTimeout(Duration.ofSeconds(1))
                        .noReconnect()
                        .build()))
                .hasMessageContainingAll("Authorization Violation");
    }

    @Test
    void comesBackAfterARestartOfTheServer() throws Exception {
        Server.Running first = Server.EMBEDDED.start("");
        Options options = new Options.Builder()
                .server(first.url())
                .reconnectWait(Duration.ofMillis(20))
                .maxReconnects(-1)
                .build();
        try (Connection connection = Nats.connect(options)) {
            var got = new AtomicInteger();
            connection.createDispatcher(_ -> got.incrementAndGet()).subscribe("again");
            first.close();
            await().until(() -> connection.getStatus() != Connection.Status.CONNECTED);

            var config = NatsConfig.parse("test", "host: 127.0.0.1\nport: " + first.port());
            try (var second = new NatsComponent(config, Clock.systemUTC())) {
                second.start();
                await().until(() -> connection.getStatus() == Connection.Status.CONNECTED);
                await().untilAsserted(() -> {
                    connection.publish("again", new byte[0]);
                    assertThat(got.get()).isPositive();
                });
            }
        }
    }
}
