package org.cupola.protocol.bbs.testing;

import com.linecorp.armeria.server.grpc.GrpcService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.protocol.bbs.proto.FetchAllRequest;
import org.cupola.protocol.bbs.proto.FetchAllResponse;
import org.cupola.protocol.bbs.proto.FetchRequest;
import org.cupola.protocol.bbs.proto.FetchResponse;
import org.cupola.protocol.bbs.proto.LockRequest;
import org.cupola.protocol.bbs.proto.LockResponse;
import org.cupola.protocol.bbs.proto.LocketGrpc;
import org.cupola.protocol.bbs.proto.ReleaseRequest;
import org.cupola.protocol.bbs.proto.ReleaseResponse;
import org.cupola.protocol.bbs.proto.Resource;

/** Locket's wire over a map; nothing expires. Tests read and change the map as they like. */
public final class TestLocket implements AutoCloseable {
    private final ConcurrentMap<String, Resource> resources = new ConcurrentHashMap<>();
    private final HttpServer server;

    /** Starts serving. */
    public TestLocket(HttpListener listener) throws Exception {
        server = new HttpServer(
                "locket",
                listener,
                builder -> builder.service(
                        GrpcService.builder().addService(new Service()).build()));
        server.start();
    }

    /** What is held, by key. */
    public ConcurrentMap<String, Resource> resources() {
        return resources;
    }

    public String address() {
        return "127.0.0.1:" + server.port();
    }

    @Override
    public void close() {
        server.close();
    }

    private final class Service extends LocketGrpc.LocketImplBase {
        @Override
        public void lock(LockRequest request, StreamObserver<LockResponse> answer) {
            Resource wanted = request.getResource();
            Resource now = resources.compute(
                    wanted.getKey(),
                    (key, old) -> old == null || old.getOwner().equals(wanted.getOwner()) ? wanted : old);
            if (now.getOwner().equals(wanted.getOwner())) {
                answer.onNext(LockResponse.getDefaultInstance());
                answer.onCompleted();
            } else {
                answer.onError(
                        Status.ALREADY_EXISTS.withDescription("lock-collision").asRuntimeException());
            }
        }

        @Override
        public void release(ReleaseRequest request, StreamObserver<ReleaseResponse> answer) {
            resources.remove(request.getResource().getKey());
            answer.onNext(ReleaseResponse.getDefaultInstance());
            answer.onCompleted();
        }

        @Override
        public void fetch(FetchRequest request, StreamObserver<FetchResponse> answer) {
            Resource found = resources.get(request.getKey());
            if (found == null) {
                answer.onError(Status.NOT_FOUND.asRuntimeException());
                return;
            }
            answer.onNext(FetchResponse.newBuilder().setResource(found).build());
            answer.onCompleted();
        }

        @Override
        public void fetchAll(FetchAllRequest request, StreamObserver<FetchAllResponse> answer) {
            answer.onNext(FetchAllResponse.newBuilder()
                    .addAllResources(resources.values().stream()
                            .filter(resource -> resource.getTypeCode() == request.getTypeCode())
                            .toList())
                    .build());
            answer.onCompleted();
        }
    }
}
