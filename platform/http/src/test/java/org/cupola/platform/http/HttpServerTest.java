package org.cupola.platform.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.client.UnprocessedRequestException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.cupola.platform.tls.CertificateAuthority;
import org.junit.jupiter.api.Test;

class HttpServerTest {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);
    private final CertificateAuthority authority =
            CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());

    @Test
    void runsHandlersOnVirtualThreads() throws Exception {
        try (var server = new HttpServer(
                        "test",
                        HttpListener.plain(ANY),
                        builder -> builder.service(
                                "/hello/{who}",
                                new BlockingService((ctx, request) ->
                                        HttpResponse.of(ctx.pathParam("who") + " " + request.contentUtf8() + " "
                                                + Thread.currentThread().isVirtual()))));
                var clients = HttpClients.create(null, List.of())) {
            server.start();

            var response = clients.client(URI.create("http://127.0.0.1:" + server.port()), Duration.ofSeconds(5))
                    .build()
                    .blocking()
                    .post("/hello/you", "body");

            assertThat(response.contentUtf8()).isEqualTo("you body true");
        }
    }

    @Test
    void mutualTlsLetsOnlyCertifiedClientsIn() throws Exception {
        var identity = authority.issue("server", List.of("127.0.0.1"), Duration.ofDays(1));
        var listener = HttpListener.mutualTls(ANY, identity, List.of(authority.certificate()));
        try (var server = new HttpServer(
                        "test", listener, builder -> builder.service("/", (ctx, request) -> HttpResponse.of(200)));
                var stranger = HttpClients.create(null, List.of(authority.certificate()));
                var friend = HttpClients.create(
                        authority.issue("client", List.of(), Duration.ofDays(1)), List.of(authority.certificate()))) {
            server.start();
            URI base = URI.create("https://127.0.0.1:" + server.port());

            assertThat(friend.client(base, Duration.ofSeconds(5))
                            .build()
                            .blocking()
                            .get("/")
                            .status())
                    .isEqualTo(HttpStatus.OK);
            assertThatThrownBy(() -> stranger.client(base, Duration.ofSeconds(5))
                            .build()
                            .blocking()
                            .get("/"))
                    .isInstanceOfAny(
                            UnprocessedRequestException.class,
                            com.linecorp.armeria.common.ClosedSessionException.class);
        }
    }

    @Test
    void saysWhichAddressIsTaken() throws Exception {
        try (var first = new HttpServer(
                "first", HttpListener.plain(ANY), builder -> builder.service("/", (c, r) -> HttpResponse.of(200)))) {
            first.start();
            var taken = new InetSocketAddress("127.0.0.1", first.port());
            try (var second = new HttpServer(
                    "second",
                    HttpListener.plain(taken),
                    builder -> builder.service("/", (c, r) -> HttpResponse.of(200)))) {
                assertThatThrownBy(second::start).hasMessageStartingWith("cannot listen on 127.0.0.1:" + first.port());
            }
        }
    }

    @Test
    void eventsArriveInOrderAndASlowReaderIsCutOff() throws Exception {
        var opened = new CompletableFuture<EventStream>();
        try (var server = new HttpServer(
                        "test",
                        HttpListener.plain(ANY),
                        builder -> builder.service("/events", (ctx, r) -> {
                            var stream = EventStream.open(
                                    ctx,
                                    ResponseHeaders.of(
                                            HttpStatus.OK, "content-type", MediaType.EVENT_STREAM.toString()),
                                    100);
                            opened.complete(stream);
                            return stream.response();
                        }));
                var clients = HttpClients.create(null, List.of())) {
            server.start();
            var body = clients.client(URI.create("http://127.0.0.1:" + server.port()), Duration.ZERO)
                    .maxResponseLength(0)
                    .build()
                    .get("/events")
                    .split()
                    .body()
                    .toInputStream(data -> data);
            EventStream stream = opened.get();
            for (int i = 0; i < 20; i++) {
                assertThat(stream.send(new ServerSentEvent("" + i, "upsert", "line\n" + i).encode()))
                        .isTrue();
            }

            try (var reader = new ServerSentEventReader(body, 1 << 20)) {
                for (int i = 0; i < 20; i++) {
                    assertThat(reader.next()).contains(new ServerSentEvent("" + i, "upsert", "line\n" + i));
                }
                HttpData large = HttpData.wrap(new byte[256 * 1024]);
                await().pollInterval(Duration.ofMillis(1)).until(() -> !stream.send(large));
            }
        }
    }

    private static Socket asked(HttpServer server) throws IOException {
        var client = new Socket("127.0.0.1", server.port());
        client.setSoTimeout(30_000);
        client.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
        return client;
    }

    @Test
    void doesNotWaitForIdleConnectionsWhenItCloses() throws Exception {
        // The quickest of some: on a busy machine any single one may take its time.
        long quickest = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            var server = new HttpServer(
                    "test",
                    HttpListener.plain(ANY),
                    builder -> builder.service("/", (ctx, request) -> HttpResponse.of(200)));
            server.start();
            try (Socket client = asked(server)) {
                assertThat(client.getInputStream().read()).isEqualTo('H');
                long begun = System.nanoTime();
                server.close();
                quickest = Math.min(quickest, System.nanoTime() - begun);
            }
        }

        assertThat(Duration.ofNanos(quickest)).isLessThan(Duration.ofMillis(300));
    }

    @Test
    void finishesWhatIsBeingAnsweredWhenItCloses() throws Exception {
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var server = new HttpServer(
                "test",
                HttpListener.plain(ANY),
                builder -> builder.service("/", new BlockingService((ctx, request) -> {
                    begun.countDown();
                    goOn.await();
                    return HttpResponse.of("to the end");
                })));
        server.start();
        int port = server.port();
        try (Socket client = asked(server)) {
            begun.await();
            Thread closing = Thread.ofPlatform().start(server::close);
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                try (var late = new Socket("127.0.0.1", port)) {
                    return late.isClosed();
                } catch (IOException e) {
                    return true; // nobody is accepted any more
                }
            });

            goOn.countDown();

            assertThat(new String(client.getInputStream().readAllBytes(), US_ASCII))
                    .endsWith("to the end");
            closing.join();
        }
    }
}
