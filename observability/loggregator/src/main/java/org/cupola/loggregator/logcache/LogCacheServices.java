package org.cupola.loggregator.logcache;

import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.cupola.protocol.loggregator.Tags;
import org.cupola.protocol.loggregator.logcache.EgressGrpc;
import org.cupola.protocol.loggregator.logcache.IngressGrpc;
import org.cupola.protocol.loggregator.logcache.MetaRequest;
import org.cupola.protocol.loggregator.logcache.MetaResponse;
import org.cupola.protocol.loggregator.logcache.ReadRequest;
import org.cupola.protocol.loggregator.logcache.ReadResponse;
import org.cupola.protocol.loggregator.logcache.SendRequest;
import org.cupola.protocol.loggregator.logcache.SendResponse;
import org.cupola.protocol.loggregator.v2.EnvelopeBatch;

/** Log Cache over gRPC, for components: whoever has a certificate may read everything. Calls run on the given threads. */
public final class LogCacheServices {
    private final LogStore store;
    private final Executor threads;

    public LogCacheServices(LogStore store, Executor threads) {
        this.store = store;
        this.threads = threads;
    }

    public List<BindableService> all() {
        return List.of(new Egress(), new Ingress());
    }

    private final class Egress extends EgressGrpc.EgressImplBase {
        @Override
        public void read(ReadRequest request, StreamObserver<ReadResponse> answer) {
            serve(
                    answer,
                    () -> ReadResponse.newBuilder()
                            .setEnvelopes(EnvelopeBatch.newBuilder().addAllBatch(store.read(request)))
                            .build());
        }

        @Override
        public void meta(MetaRequest request, StreamObserver<MetaResponse> answer) {
            serve(
                    answer,
                    () -> MetaResponse.newBuilder().putAllMeta(store.meta()).build());
        }
    }

    private final class Ingress extends IngressGrpc.IngressImplBase {
        @Override
        public void send(SendRequest request, StreamObserver<SendResponse> answer) {
            serve(answer, () -> {
                request.getEnvelopes().getBatchList().forEach(envelope -> store.put(Tags.preferred(envelope)));
                return SendResponse.getDefaultInstance();
            });
        }
    }

    private <R> void serve(StreamObserver<R> answer, Supplier<R> call) {
        threads.execute(() -> {
            R response;
            try {
                response = call.get();
            } catch (IllegalArgumentException e) {
                answer.onError(Status.UNKNOWN
                        .withDescription(e.getMessage())
                        .withCause(e)
                        .asRuntimeException());
                return;
            }
            answer.onNext(response);
            answer.onCompleted();
        });
    }
}
