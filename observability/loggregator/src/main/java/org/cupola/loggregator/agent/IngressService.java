package org.cupola.loggregator.agent;

import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.cupola.protocol.loggregator.v2.BatchSenderResponse;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.EnvelopeBatch;
import org.cupola.protocol.loggregator.v2.IngressGrpc;
import org.cupola.protocol.loggregator.v2.IngressResponse;
import org.cupola.protocol.loggregator.v2.SendResponse;

/**
 * The agent's gRPC side. Envelopes are passed on by the event loop they come in on, one message of a stream after the other, so
 * that a sender is held back and not buffered.
 */
public final class IngressService extends IngressGrpc.IngressImplBase implements AutoCloseable {
    private final Agent agent;
    private final Set<Receiving<?, ?>> streams = ConcurrentHashMap.newKeySet();

    public IngressService(Agent agent) {
        this.agent = agent;
    }

    /** One stream of a client. */
    private final class Receiving<M, R> implements StreamObserver<M> {
        private final java.util.function.Consumer<M> take;
        private final StreamObserver<R> response;
        private final R answer;

        Receiving(java.util.function.Consumer<M> take, StreamObserver<R> response, R answer) {
            this.take = take;
            this.response = response;
            this.answer = answer;
        }

        @Override
        public void onNext(M message) {
            take.accept(message);
        }

        @Override
        public void onError(Throwable gone) {
            streams.remove(this);
        }

        @Override
        public void onCompleted() {
            if (streams.remove(this)) {
                response.onNext(answer);
                response.onCompleted();
            }
        }
    }

    private <M, R> Receiving<M, R> opened(Receiving<M, R> stream) {
        streams.add(stream);
        return stream;
    }

    @Override
    public StreamObserver<Envelope> sender(StreamObserver<IngressResponse> response) {
        return opened(new Receiving<>(agent::accept, response, IngressResponse.getDefaultInstance()));
    }

    @Override
    public StreamObserver<EnvelopeBatch> batchSender(StreamObserver<BatchSenderResponse> response) {
        return opened(new Receiving<>(
                (EnvelopeBatch batch) -> batch.getBatchList().forEach(agent::accept),
                response,
                BatchSenderResponse.getDefaultInstance()));
    }

    @Override
    public void send(EnvelopeBatch batch, StreamObserver<SendResponse> response) {
        batch.getBatchList().forEach(agent::accept);
        response.onNext(SendResponse.getDefaultInstance());
        response.onCompleted();
    }

    /** Ends the open streams, which a graceful stop would wait for. */
    @Override
    public void close() {
        List.copyOf(streams).forEach(Receiving::onCompleted);
    }
}
