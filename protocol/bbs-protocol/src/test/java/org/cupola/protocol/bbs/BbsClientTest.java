package org.cupola.protocol.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPLifecycleResponse;
import org.cupola.protocol.bbs.proto.ClaimActualLRPRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPCreatedEvent;
import org.cupola.protocol.bbs.proto.DomainsResponse;
import org.cupola.protocol.bbs.proto.Error;
import org.cupola.protocol.bbs.proto.EvacuationResponse;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a server that answers with given bytes, over mutual TLS. */
class BbsClientTest {
    private static final ActualLRPKey KEY = ActualLRPKey.newBuilder()
            .setProcessGuid("p")
            .setIndex(2)
            .setDomain("d")
            .build();
    private static final ActualLRPInstanceKey INSTANCE = ActualLRPInstanceKey.newBuilder()
            .setInstanceGuid("i")
            .setCellId("c")
            .build();

    private final CertificateAuthority authority =
            CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
    private final HttpClients clients = HttpClients.create(
            authority.issue("client", List.of(), Duration.ofDays(1)), List.of(authority.certificate()));
    private final BlockingQueue<AggregatedHttpRequest> requests = new LinkedBlockingQueue<>();

    @AfterEach
    void closeClients() {
        clients.close();
    }

    private HttpServer serve(Consumer<ServerBuilder> services) throws Exception {
        var identity = authority.issue("bbs", List.of("127.0.0.1"), Duration.ofDays(1));
        var server = new HttpServer(
                "bbs",
                HttpListener.mutualTls(
                        new InetSocketAddress("127.0.0.1", 0), identity, List.of(authority.certificate())),
                services);
        server.start();
        return server;
    }

    private BbsClient client(HttpServer server) {
        return new BbsClient(clients, URI.create("https://127.0.0.1:" + server.port()), Duration.ofSeconds(5));
    }

    private BlockingService answer(com.google.protobuf.Message message) {
        return new BlockingService((ctx, request) -> {
            requests.add(request);
            return HttpResponse.of(HttpStatus.OK, BbsTransport.PROTOBUF, message.toByteArray());
        });
    }

    @Test
    void sendsProtobufWithTheRequestId() throws Exception {
        try (var server = serve(builder ->
                builder.service("/v1/actual_lrps/claim", answer(ActualLRPLifecycleResponse.getDefaultInstance())))) {

            client(server).withTraceId("trace-1").actual().claim(KEY, INSTANCE);

            AggregatedHttpRequest request = requests.take();
            assertThat(request.method().name()).isEqualTo("POST");
            assertThat(request.headers().get("content-type")).isEqualTo("application/x-protobuf");
            assertThat(request.headers().get("x-vcap-request-id")).isEqualTo("trace-1");
            assertThat(ClaimActualLRPRequest.parseFrom(request.content().array()))
                    .isEqualTo(ClaimActualLRPRequest.newBuilder()
                            .setProcessGuid("p")
                            .setIndex(2)
                            .setActualLrpInstanceKey(INSTANCE)
                            .build());
        }
    }

    @Test
    void theErrorEnvelopeBecomesAnExceptionWithoutARetry() throws Exception {
        var refusal = ActualLRPLifecycleResponse.newBuilder()
                .setError(Error.newBuilder()
                        .setType(Error.Type.ActualLRPCannotBeClaimed)
                        .setMessage("cannot claim actual LRP"))
                .build();
        try (var server = serve(builder -> builder.service("/v1/actual_lrps/claim", answer(refusal)))) {

            assertThatThrownBy(() -> client(server).actual().claim(KEY, INSTANCE))
                    .isInstanceOfSatisfying(BbsException.class, e -> {
                        assertThat(e.type()).isEqualTo(Error.Type.ActualLRPCannotBeClaimed);
                        assertThat(e.answered()).isTrue();
                    })
                    .hasMessage("cannot claim actual LRP");
            assertThat(requests).hasSize(1);
        }
    }

    @Test
    void anErrorThatIsPresentButEmptyIsUnknown() throws Exception {
        var refusal = DomainsResponse.newBuilder()
                .setError(Error.getDefaultInstance())
                .build();
        try (var server = serve(builder -> builder.service("/v1/domains/list", answer(refusal)))) {

            assertThatThrownBy(() -> client(server).domains())
                    .isInstanceOfSatisfying(
                            BbsException.class, e -> assertThat(e.type()).isEqualTo(Error.Type.UnknownError));
        }
    }

    @Test
    void triesThreeTimesWhileTheBbsStarts() throws Exception {
        var attempts = new AtomicInteger();
        try (var server = serve(builder -> builder.service(
                "/v1/domains/list",
                new BlockingService((ctx, request) -> attempts.incrementAndGet() < 3
                        ? HttpResponse.of(503)
                        : HttpResponse.of(
                                HttpStatus.OK,
                                BbsTransport.PROTOBUF,
                                DomainsResponse.newBuilder()
                                        .addDomains("cf-apps")
                                        .build()
                                        .toByteArray()))))) {

            assertThat(client(server).domains()).containsExactly("cf-apps");
            assertThat(attempts).hasValue(3);
        }
    }

    @Test
    void fallsBackToTheOlderStart() throws Exception {
        try (var server = serve(builder ->
                builder.service("/v1/actual_lrps/start", answer(ActualLRPLifecycleResponse.getDefaultInstance())))) {

            client(server)
                    .actual()
                    .start(StartActualLRPRequest.newBuilder()
                            .setActualLrpKey(KEY)
                            .setRoutable(true)
                            .build());

            assertThat(StartActualLRPRequest.parseFrom(requests.take().content().array())
                            .hasRoutable())
                    .isFalse();
        }
    }

    @Test
    void anEvacuationKnowsWhetherToKeepTheContainerEvenWithAnError() throws Exception {
        var answer = EvacuationResponse.newBuilder()
                .setError(Error.newBuilder().setType(Error.Type.UnknownError).setMessage("no"))
                .setKeepContainer(true)
                .build();
        try (var server = serve(builder -> builder.service("/v1/actual_lrps/evacuate_claimed", answer(answer)))) {

            assertThat(client(server).evacuation().claimed(KEY, INSTANCE)).satisfies(evacuation -> {
                assertThat(evacuation.keepContainer()).isTrue();
                assertThat(evacuation.error()).isPresent();
            });
            assertThat(client(server).evacuation().stopped(KEY, INSTANCE).keepContainer())
                    .isFalse();
        }
    }

    @Test
    void readsEventsUntilTheStreamEnds() throws Exception {
        var created = DesiredLRPCreatedEvent.newBuilder()
                .setDesiredLrp(DesiredLRP.newBuilder().setProcessGuid("p"))
                .setTraceId("t")
                .build();
        try (var server =
                serve(builder -> builder.service("/v1/events/lrp_instances.r1", new BlockingService((ctx, request) -> {
                    requests.add(request);
                    return HttpResponse.of(
                            ResponseHeaders.of(HttpStatus.OK, "content-type", "text/event-stream; charset=utf-8"),
                            HttpData.ofUtf8("id: 0\nevent: desired_lrp_created\ndata: CgMKAXASAXQ=\n\n"));
                })))) {
            try (BbsEvents events = client(server).lrpEvents("cell-7")) {

                assertThat(events.next()).contains(new BbsEvent.DesiredLrpCreated(created));
                assertThat(events.next()).isEmpty();
            }
            assertThat(requests.take().content().array()).isEqualTo(new byte[] {10, 6, 'c', 'e', 'l', 'l', '-', '7'});
        }
    }

    @Test
    void anUnknownEventIsAnError() throws Exception {
        try (var server = serve(builder -> builder.service(
                "/v1/events/tasks.r1",
                new BlockingService((ctx, request) -> HttpResponse.of(
                        ResponseHeaders.of(HttpStatus.OK, "content-type", "text/event-stream"),
                        HttpData.ofUtf8("id: 0\nevent: surprise\ndata: AA==\n\n")))))) {
            try (BbsEvents events = client(server).taskEvents()) {
                assertThatThrownBy(events::next)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("unrecognized event type: surprise");
            }
        }
    }

    @Test
    void sayWhyASubscriptionIsRefused() throws Exception {
        try (var server = serve(builder -> builder.service("/", (ctx, request) -> HttpResponse.of(200)))) {
            assertThatThrownBy(() -> client(server).lrpGroupEvents(""))
                    .isInstanceOf(IOException.class)
                    .hasMessage("/v1/events.r1: status 404 (expected: 200)");
        }
    }
}
