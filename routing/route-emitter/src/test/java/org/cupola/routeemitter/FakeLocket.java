package org.cupola.routeemitter;

import com.linecorp.armeria.server.grpc.GrpcService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.bbs.proto.FetchRequest;
import org.cupola.protocol.bbs.proto.FetchResponse;
import org.cupola.protocol.bbs.proto.LockRequest;
import org.cupola.protocol.bbs.proto.LockResponse;
import org.cupola.protocol.bbs.proto.LocketGrpc;
import org.cupola.protocol.bbs.proto.ReleaseRequest;
import org.cupola.protocol.bbs.proto.ReleaseResponse;
import org.cupola.protocol.bbs.proto.Resource;

/** A Locket that gives its lock to whom the test says. */
final class FakeLocket implements AutoCloseable {
    final Queue<Resource> asked = new ConcurrentLinkedQueue<>();
    final Queue<Resource> released = new ConcurrentLinkedQueue<>();
    volatile boolean free;
    private final HttpServer server;

    FakeLocket(CertificateAuthority authority, TlsIdentity identity) {
        server = new HttpServer(
                "fake-locket",
                HttpListener.mutualTls(
                        new InetSocketAddress("127.0.0.1", 0), identity, List.of(authority.certificate())),
                services -> services.service(
                        GrpcService.builder().addService(new Locket()).build()));
    }

    FakeLocket start() throws Exception {
        server.start();
        return this;
    }

    int port() {
        return server.port();
    }

    private final class Locket extends LocketGrpc.LocketImplBase {
        @Override
        public void lock(LockRequest request, StreamObserver<LockResponse> response) {
            asked.add(request.getResource());
            if (free) {
                response.onNext(LockResponse.getDefaultInstance());
                response.onCompleted();
            } else {
                response.onError(
                        Status.ALREADY_EXISTS.withDescription("lock-collision").asRuntimeException());
            }
        }

        @Override
        public void release(ReleaseRequest request, StreamObserver<ReleaseResponse> response) {
            released.add(request.getResource());
            response.onNext(ReleaseResponse.getDefaultInstance());
            response.onCompleted();
        }

        @Override
        public void fetch(FetchRequest request, StreamObserver<FetchResponse> response) {
            response.onError(Status.NOT_FOUND.asRuntimeException());
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
