package org.cupola.loggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.ServerSentEvent;
import org.cupola.platform.http.ServerSentEventReader;
import org.cupola.platform.json.Json;
import org.cupola.protocol.loggregator.IngressClient;
import org.cupola.protocol.loggregator.LogCacheClient;
import org.cupola.protocol.loggregator.logcache.ReadRequest;
import org.cupola.protocol.loggregator.v1.LogMessage;
import org.cupola.protocol.loggregator.v2.EgressBatchRequest;
import org.cupola.protocol.loggregator.v2.EgressGrpc;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.EnvelopeBatch;
import org.cupola.protocol.loggregator.v2.IngressGrpc;
import org.cupola.protocol.loggregator.v2.Log;
import org.cupola.protocol.loggregator.v2.LogSelector;
import org.cupola.protocol.loggregator.v2.Selector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every box through its wire, from the file on. */
class LoggregatorComponentTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path folder;

    private static TestPlatform platform;
    private static LoggregatorConfig config;
    private static LoggregatorComponent loggregator;
    private static HttpClients clients;

    @BeforeAll
    static void start() throws Exception {
        platform = new TestPlatform(folder);
        config = platform.config("""
                reverse_log_proxy: {grpc: "127.0.0.1:0", max_egress_streams: 2}
                reverse_log_proxy_gateway: {http: "127.0.0.1:0", stream_timeout: 2s}
                """);
        loggregator = new LoggregatorComponent(config, Clock.systemUTC());
        loggregator.start();
        clients = platform.clients();
    }

    @AfterAll
    static void stop() {
        clients.close();
        loggregator.close();
        platform.close();
    }

    private static String grpc() {
        return "127.0.0.1:" + loggregator.grpcPort(config.agent().grpc());
    }

    private static String http() {
        return "127.0.0.1:" + loggregator.httpPort(config.logCache().http());
    }

    private static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    private static Envelope log(String source, String text) {
        return Envelope.newBuilder()
                .setSourceId(source)
                .setInstanceId("0")
                .setTimestamp(now())
                .putTags("source_type", "APP/PROC/WEB")
                .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8(text)))
                .build();
    }

    private static void send(Envelope... envelopes) {
        GrpcClients.builder("gproto+https://" + grpc())
                .factory(clients.factory())
                .build(IngressGrpc.IngressBlockingStub.class)
                .send(EnvelopeBatch.newBuilder().addAllBatch(List.of(envelopes)).build());
    }

    private static HttpResponse<String> get(String path, String authorization) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://" + http() + path)).timeout(PATIENCE);
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static List<String> payloads(String path, String authorization) throws Exception {
        HttpResponse<String> response = get(path, authorization);
        assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(200);
        return Json.tree(response.body())
                .path("envelopes")
                .path("batch")
                .valueStream()
                .map(envelope -> new String(
                        java.util.Base64.getDecoder()
                                .decode(envelope.path("log").path("payload").asString()),
                        java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void whatAClientEmitsIsRead() throws Exception {
        try (var ingress = new IngressClient(clients, grpc())) {
            for (int i = 0; i < 250; i++) {
                ingress.emit(log("batched", "line " + i));
            }
            assertThat(ingress.dropped()).isZero();
        }
        var cache = new LogCacheClient(clients, grpc(), PATIENCE);

        await().atMost(PATIENCE)
                .until(() -> cache.read(ReadRequest.newBuilder()
                                        .setSourceId("batched")
                                        .setLimit(1000)
                                        .build())
                                .size()
                        == 250);
        assertThat(payloads(
                        "/api/v1/read/batched?limit=2&descending=true&envelope_types=LOG",
                        platform.bearer("logs.admin")))
                .containsExactly("line 249", "line 248");
    }

    @Test
    void aUserReadsTheAppsTheySee() throws Exception {
        send(log(TestPlatform.APP, "mine"), log(TestPlatform.HIDDEN_APP, "theirs"), log("doppler", "nobody's"));
        String user = platform.bearer("cloud_controller.read");

        assertThat(payloads("/api/v1/read/" + TestPlatform.APP + "?limit=1000", user))
                .contains("mine");
        int asked = platform.accessQuestions.get();
        payloads("/api/v1/read/" + TestPlatform.APP, user);
        assertThat(platform.accessQuestions).hasValue(asked);
        assertThat(get("/api/v1/read/" + TestPlatform.HIDDEN_APP, user).statusCode())
                .isEqualTo(404);
        assertThat(get("/api/v1/read/doppler", user).statusCode()).isEqualTo(404);
        assertThat(get("/api/v1/read/" + TestPlatform.APP, "").statusCode()).isEqualTo(404);
        assertThat(get("/api/v1/read/" + TestPlatform.APP, user + "x").statusCode())
                .isEqualTo(404);
        assertThat(payloads("/api/v1/read/doppler", platform.bearer("doppler.firehose")))
                .contains("nobody's");

        JsonNode meta = Json.tree(get("/api/v1/meta", user).body()).path("meta");
        assertThat(meta.propertyNames()).containsExactly(TestPlatform.APP);
        assertThat(Long.parseLong(meta.path(TestPlatform.APP).path("count").asString()))
                .isPositive();
        assertThat(Json.tree(get("/api/v1/meta", platform.bearer("logs.admin")).body())
                        .path("meta")
                        .propertyNames())
                .contains("doppler", TestPlatform.HIDDEN_APP);
    }

    @Test
    void saysWhatIsWrongWithAQuery() throws Exception {
        String admin = platform.bearer("logs.admin");

        assertThat(get("/api/v1/read/a?limit=1001", admin).body()).contains("limit (1001) must be 1000 or less");
        assertThat(get("/api/v1/read/a?limit=x", admin).statusCode()).isEqualTo(500);
        assertThat(Json.tree(get("/api/v1/info", "").body()).path("version").asString())
                .startsWith("3.");
    }

    @Test
    void takesDropsondeDatagrams() throws Exception {
        byte[] datagram = org.cupola.protocol.loggregator.v1.Envelope.newBuilder()
                .setOrigin("gorouter")
                .setEventType(org.cupola.protocol.loggregator.v1.Envelope.EventType.LogMessage)
                .setTimestamp(now())
                .setLogMessage(LogMessage.newBuilder()
                        .setMessage(ByteString.copyFromUtf8("GET / 200"))
                        .setMessageType(LogMessage.MessageType.OUT)
                        .setTimestamp(now())
                        .setAppId("routed")
                        .setSourceType("RTR")
                        .setSourceInstance("1"))
                .build()
                .toByteArray();
        try (var socket = new DatagramSocket()) {
            var agent = InetAddress.getLoopbackAddress();
            socket.send(new DatagramPacket(new byte[] {7, 7}, 2, agent, loggregator.udpPort()));
            socket.send(new DatagramPacket(datagram, datagram.length, agent, loggregator.udpPort()));
        }
        String admin = platform.bearer("logs.admin");

        await().atMost(PATIENCE)
                .until(() -> payloads("/api/v1/read/routed", admin).equals(List.of("GET / 200")));
        JsonNode envelope = Json.tree(get("/api/v1/read/routed", admin).body())
                .path("envelopes")
                .path("batch")
                .get(0);
        assertThat(envelope.path("tags").path("source_type").asString()).isEqualTo("RTR");
        assertThat(envelope.path("tags").path("deployment").asString()).isEqualTo("test");
        assertThat(envelope.path("instance_id").asString()).isEqualTo("1");
    }

    /** Gathers what a stream brings. */
    private static final class Gathered<T> implements StreamObserver<T> {
        private final BlockingQueue<T> messages = new LinkedBlockingQueue<>();
        private final BlockingQueue<Status> errors = new LinkedBlockingQueue<>();

        @Override
        public void onNext(T message) {
            messages.add(message);
        }

        @Override
        public void onError(Throwable error) {
            errors.add(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {}
    }

    private static EgressGrpc.EgressStub egress() {
        return GrpcClients.builder("gproto+https://" + grpc())
                .factory(clients.factory())
                .responseTimeoutMillis(0)
                .build(EgressGrpc.EgressStub.class);
    }

    @Test
    void streamsWhatIsSelected() throws Exception {
        var request = EgressBatchRequest.newBuilder()
                .addSelectors(Selector.newBuilder().setSourceId("streamed").setLog(LogSelector.getDefaultInstance()))
                .setUsePreferredTags(true)
                .build();
        var gathered = new Gathered<EnvelopeBatch>();
        egress().batchedReceiver(request, gathered);

        EnvelopeBatch batch = awaitStream(gathered.messages, "streamed");
        assertThat(batch.getBatch(0).getTagsMap()).containsEntry("deployment", "test");

        var refused = new Gathered<EnvelopeBatch>();
        egress().batchedReceiver(EgressBatchRequest.getDefaultInstance(), refused);
        Status status = refused.errors.poll(30, TimeUnit.SECONDS);
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).isEqualTo("Selectors cannot be empty");

        var beyond = new Gathered<EnvelopeBatch>();
        egress().batchedReceiver(request, beyond);
        egress().batchedReceiver(request, beyond);
        Status full = beyond.errors.poll(30, TimeUnit.SECONDS);
        assertThat(full.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(full.getDescription()).isEqualTo("unable to create stream, max egress streams reached: 2");
    }

    /** A subscription begins some time after the request, so lines are sent until one arrives. */
    private static <T> T awaitStream(BlockingQueue<T> messages, String source) {
        return await().atMost(PATIENCE)
                .until(
                        () -> {
                            send(log(source, "line"));
                            return messages.poll(200, TimeUnit.MILLISECONDS);
                        },
                        java.util.Objects::nonNull);
    }

    @Test
    void theGatewayStreamsEventsUntilItsTimeout() throws Exception {
        var request = HttpRequest.newBuilder(
                        URI.create("http://" + http() + "/v2/read?log&source_id=" + TestPlatform.APP))
                .header("Authorization", platform.bearer("cloud_controller.read"))
                .build();
        HttpResponse<java.io.InputStream> response = HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
        send(log(TestPlatform.APP, "to the gateway"));

        try (var events = new ServerSentEventReader(response.body(), 1 << 20)) {
            ServerSentEvent last = events.next().orElseThrow();
            for (var event = Optional.of(last); event.isPresent(); event = events.next()) {
                last = event.get();
                if (!last.data().isEmpty() && last.event().isEmpty()) {
                    assertThat(Json.tree(last.data())
                                    .path("batch")
                                    .get(0)
                                    .path("source_id")
                                    .asString())
                            .isEqualTo(TestPlatform.APP);
                }
            }
            assertThat(last.event()).isEqualTo("closing");
            assertThat(last.data()).isEqualTo("closing due to stream timeout");
        }
    }

    @Test
    void theGatewayCarriesEnvelopes() throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://" + http() + "/v2/read?log&source_id=sse"))
                .header("Authorization", platform.bearer("logs.admin"))
                .build();
        await().atMost(PATIENCE).until(() -> {
            // A stream lasts two seconds here, which may be too short for a busy machine: another try.
            HttpResponse<java.io.InputStream> response = HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
            send(log("sse", "line"));
            try (var events = new ServerSentEventReader(response.body(), 1 << 20)) {
                return events.next().orElseThrow().data().contains("\"source_id\":\"sse\"");
            }
        });
    }

    @Test
    void theGatewayRefusesInItsOwnWords() throws Exception {
        String admin = platform.bearer("doppler.firehose");
        String user = platform.bearer("cloud_controller.read");

        assertThat(get("/v2/read", admin).body()).contains("\"error\":\"empty_query\"");
        assertThat(get("/v2/read?source_id=x", admin).body()).contains("missing_envelope_type");
        assertThat(get("/v2/read?counter.name=", admin).body()).contains("missing_counter_name");
        assertThat(get("/v2/read?gauge.name=", admin).body()).contains("missing_gauge_name");
        assertThat(get("/v2/read?log", user).statusCode()).isEqualTo(404);
        assertThat(get("/v2/read?log&source_id=" + TestPlatform.HIDDEN_APP, user)
                        .body())
                .contains("not_found");
        assertThat(get("/v2/read?log", "").statusCode()).isEqualTo(404);
    }

    /** Gathers envelopes from a WebSocket. */
    private static final class Firehose implements WebSocket.Listener {
        private final BlockingQueue<org.cupola.protocol.loggregator.v1.Envelope> envelopes =
                new LinkedBlockingQueue<>();
        private final ByteArrayOutputStream part = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            part.writeBytes(bytes);
            if (last) {
                try {
                    envelopes.add(org.cupola.protocol.loggregator.v1.Envelope.parseFrom(part.toByteArray()));
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
                part.reset();
            }
            socket.request(1);
            return null;
        }
    }

    private static WebSocket open(String path, String authorization, Firehose listener) {
        return HTTP.newWebSocketBuilder()
                .header("Authorization", authorization)
                .buildAsync(URI.create("ws://" + http() + path), listener)
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void theTrafficControllerStreamsEnvelopesOfTheFirstVersion() {
        for (String path : List.of("/firehose/mine?filter-type=logs", "/apps/" + TestPlatform.APP + "/stream")) {
            var firehose = new Firehose();
            WebSocket socket = open(path, platform.bearer("doppler.firehose"), firehose);

            var envelope = awaitStream(firehose.envelopes, TestPlatform.APP);
            assertThat(envelope.getLogMessage().getSourceType()).isEqualTo("APP/PROC/WEB");
            assertThat(envelope.getDeployment()).isEqualTo("test");
            socket.abort();
        }
    }

    @Test
    void theTrafficControllerRefusesOthers() {
        String user = platform.bearer("cloud_controller.read");

        assertThat(refusal("/firehose/mine", user)).isEqualTo(401);
        assertThat(refusal("/apps/no-guid/stream", user)).isEqualTo(401);
        assertThat(refusal("/apps/" + TestPlatform.HIDDEN_APP + "/stream", user))
                .isEqualTo(404);
    }

    private static int refusal(String path, String authorization) {
        try {
            open(path, authorization, new Firehose()).abort();
            return 101;
        } catch (CompletionException e) {
            return e.getCause() instanceof java.net.http.WebSocketHandshakeException refused
                    ? refused.getResponse().statusCode()
                    : -1;
        }
    }

    @Test
    void wantsAClientsCertificate() {
        try (HttpClients strangers = HttpClients.trustingAnyone(null)) {
            var stub = GrpcClients.builder("gproto+https://" + grpc())
                    .factory(strangers.factory())
                    .build(IngressGrpc.IngressBlockingStub.class);

            assertThatThrownBy(() -> stub.send(EnvelopeBatch.getDefaultInstance()))
                    .isInstanceOf(StatusRuntimeException.class);
        }
    }

    @Test
    void namesEveryProblemOfItsFile() {
        assertThatThrownBy(() -> LoggregatorConfig.parse("file", """
                agent: {grpc: nowhere}
                log_cache: {grpc: "127.0.0.1:0", http: "127.0.0.1:0", memory_limit_mb: 0}
                """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("agent.grpc: nowhere")
                .hasMessageContaining("log_cache.memory_limit_mb: 0")
                .hasMessageContaining("tls: missing")
                .hasMessageContaining("access: missing");
    }
}
