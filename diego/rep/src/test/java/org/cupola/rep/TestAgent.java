package org.cupola.rep;

import com.linecorp.armeria.server.grpc.GrpcService;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.testing.TestCertificates;
import org.cupola.protocol.loggregator.v2.BatchSenderResponse;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.EnvelopeBatch;
import org.cupola.protocol.loggregator.v2.IngressGrpc;

/** A Loggregator agent that keeps what it is sent. */
final class TestAgent implements AutoCloseable {
    private final List<Envelope> envelopes = new CopyOnWriteArrayList<>();
    private final List<StreamObserver<BatchSenderResponse>> streams = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    TestAgent(TestCertificates certificates) throws Exception {
        var service = new IngressGrpc.IngressImplBase() {
            @Override
            public StreamObserver<EnvelopeBatch> batchSender(StreamObserver<BatchSenderResponse> response) {
                streams.add(response);
                return new StreamObserver<>() {
                    @Override
                    public void onNext(EnvelopeBatch batch) {
                        envelopes.addAll(batch.getBatchList());
                    }

                    @Override
                    public void onError(Throwable gone) {
                        streams.remove(response);
                    }

                    @Override
                    public void onCompleted() {
                        streams.remove(response);
                        response.onCompleted();
                    }
                };
            }
        };
        server = new HttpServer(
                "agent",
                HttpListener.mutualTls(
                        new InetSocketAddress("127.0.0.1", 0),
                        certificates.issue("agent", "127.0.0.1"),
                        certificates.authorities()),
                builder -> builder.requestTimeoutMillis(0)
                        .maxRequestLength(0)
                        .service(GrpcService.builder().addService(service).build()));
        server.start();
    }

    int port() {
        return server.port();
    }

    List<Envelope> envelopes() {
        return List.copyOf(envelopes);
    }

    @Override
    public void close() {
        streams.forEach(StreamObserver::onCompleted);
        server.close();
    }
}
