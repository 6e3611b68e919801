package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.server.grpc.GrpcService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.bbs.proto.FetchRequest;
import org.cupola.protocol.bbs.proto.FetchResponse;
import org.cupola.protocol.bbs.proto.LockRequest;
import org.cupola.protocol.bbs.proto.LockResponse;
import org.cupola.protocol.bbs.proto.LocketGrpc;
import org.cupola.protocol.bbs.proto.ReleaseRequest;
import org.cupola.protocol.bbs.proto.ReleaseResponse;
import org.cupola.protocol.bbs.proto.Resource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The lock over gRPC, against a Locket that holds one resource and never lets it expire. */
class LocketLockTest {
    private static final TlsIdentity IDENTITY =
            RunningApi.AUTHORITY.issue("locket", List.of("127.0.0.1"), Duration.ofDays(1));
    private final AtomicReference<Resource> held = new AtomicReference<>(Resource.getDefaultInstance());
    private final HttpClients clients = HttpClients.create(IDENTITY, List.of(RunningApi.AUTHORITY.certificate()));
    private HttpServer server;

    private final class OneResource extends LocketGrpc.LocketImplBase {
        @Override
        public void lock(LockRequest request, StreamObserver<LockResponse> answer) {
            Resource wanted = request.getResource();
            Resource now = held.updateAndGet(present ->
                    present.getOwner().isEmpty() || present.getOwner().equals(wanted.getOwner()) ? wanted : present);
            if (now.getOwner().equals(wanted.getOwner()) && request.getTtlInSeconds() == 15) {
                answer.onNext(LockResponse.getDefaultInstance());
                answer.onCompleted();
            } else {
                answer.onError(Status.ALREADY_EXISTS.asRuntimeException());
            }
        }

        @Override
        public void release(ReleaseRequest request, StreamObserver<ReleaseResponse> answer) {
            held.set(Resource.getDefaultInstance());
            answer.onNext(ReleaseResponse.getDefaultInstance());
            answer.onCompleted();
        }

        @Override
        public void fetch(FetchRequest request, StreamObserver<FetchResponse> answer) {
            Resource now = held.get();
            if (now.getOwner().isEmpty()) {
                answer.onError(Status.NOT_FOUND.asRuntimeException());
            } else {
                answer.onNext(FetchResponse.newBuilder().setResource(now).build());
                answer.onCompleted();
            }
        }
    }

    @BeforeEach
    void start() throws Exception {
        server = new HttpServer(
                "locket",
                HttpListener.mutualTls(
                        new InetSocketAddress("127.0.0.1", 0), IDENTITY, List.of(RunningApi.AUTHORITY.certificate())),
                services -> services.service(
                        GrpcService.builder().addService(new OneResource()).build()));
        server.start();
    }

    @AfterEach
    void stop() {
        clients.close();
        server.close();
    }

    private LocketLock lock(String owner) {
        return new LocketLock(
                clients,
                "127.0.0.1:" + server.port(),
                "routing_api_lock",
                owner,
                Duration.ofSeconds(15),
                Duration.ofMillis(500));
    }

    @Test
    void theSecondWaitsForTheFirstAndIsHandedTheLock() throws Exception {
        try (var first = lock("first");
                var second = lock("second")) {
            first.acquire();
            assertThat(held.get().getKey()).isEqualTo("routing_api_lock");
            assertThat(held.get().getOwner()).isEqualTo("first");
            var acquired = new CompletableFuture<Void>();
            Thread.ofVirtual().start(() -> {
                try {
                    second.acquire();
                    acquired.complete(null);
                } catch (InterruptedException e) {
                    acquired.completeExceptionally(e);
                }
            });

            first.handOver(Duration.ofSeconds(20));

            assertThat(held.get().getOwner()).isEqualTo("second");
            await().atMost(Duration.ofSeconds(60)).until(acquired::isDone);
        }
    }

    @Test
    void tellsWhenAnotherHasIt() throws Exception {
        try (var lock = lock("first")) {
            lock.acquire();

            held.set(Resource.newBuilder()
                    .setKey("routing_api_lock")
                    .setOwner("other")
                    .build());

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> lock.lost().toCompletableFuture().isCompletedExceptionally());
        }
    }
}
