package org.cupola.bbs;

import com.linecorp.armeria.server.grpc.GrpcService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.protocol.bbs.CellPresences;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.proto.CellPresence;
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

/** Locket in memory: cells come and go by call, locks never expire. */
final class FakeLocket extends LocketGrpc.LocketImplBase implements AutoCloseable {
    private final ConcurrentMap<String, Resource> resources = new ConcurrentHashMap<>();
    private final HttpServer server;

    FakeLocket(HttpListener listener) throws Exception {
        server = new HttpServer(
                "locket",
                listener,
                builder ->
                        builder.service(GrpcService.builder().addService(this).build()));
        server.start();
    }

    String address() {
        return "127.0.0.1:" + server.port();
    }

    void cellComes(String cellId, String repUrl) {
        var presence =
                CellPresence.newBuilder().setCellId(cellId).setRepUrl(repUrl).setZone("z1");
        resources.put(cellId, LocketClient.presenceResource(cellId, "owner", CellPresences.encode(presence.build())));
    }

    void goes(String key) {
        resources.remove(key);
    }

    void holds(String key, String owner) {
        resources.put(key, LocketClient.lockResource(key, owner));
    }

    @Override
    public void lock(LockRequest request, StreamObserver<LockResponse> answer) {
        Resource wanted = request.getResource();
        Resource held = resources.merge(
                wanted.getKey(), wanted, (old, next) -> old.getOwner().equals(next.getOwner()) ? next : old);
        if (held.getOwner().equals(wanted.getOwner())) {
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
            answer.onError(
                    Status.NOT_FOUND.withDescription("resource-not-found").asRuntimeException());
            return;
        }
        answer.onNext(FetchResponse.newBuilder().setResource(found).build());
        answer.onCompleted();
    }

    @Override
    public void fetchAll(FetchAllRequest request, StreamObserver<FetchAllResponse> answer) {
        var all = FetchAllResponse.newBuilder();
        resources.values().stream()
                .filter(resource -> resource.getTypeCode() == request.getTypeCode())
                .forEach(all::addResources);
        answer.onNext(all.build());
        answer.onCompleted();
    }

    @Override
    public void close() {
        server.close();
    }
}
