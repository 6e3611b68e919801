package org.cupola.loggregator.rlp;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.cupola.loggregator.doppler.Router;
import org.cupola.loggregator.doppler.Selection;
import org.cupola.loggregator.doppler.Subscription;
import org.cupola.protocol.loggregator.Tags;
import org.cupola.protocol.loggregator.v2.EgressBatchRequest;
import org.cupola.protocol.loggregator.v2.EgressGrpc;
import org.cupola.protocol.loggregator.v2.EgressRequest;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.EnvelopeBatch;
import org.cupola.protocol.loggregator.v2.Selector;

/** The reverse log proxy over gRPC. Each stream has a virtual thread, which waits while its client does not read. */
public final class EgressService extends EgressGrpc.EgressImplBase {
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Router router;
    private final int maxStreams;
    private final Executor threads;
    private final AtomicInteger streams = new AtomicInteger();
    private final LongAdder rejected = new LongAdder();

    public EgressService(Router router, int maxStreams, Executor threads) {
        this.router = router;
        this.maxStreams = maxStreams;
        this.threads = threads;
    }

    @Override
    public void receiver(EgressRequest request, StreamObserver<Envelope> response) {
        List<Selector> selectors =
                selectors(request.hasLegacySelector(), request.getLegacySelector(), request.getSelectorsList());
        open(
                new Wish(
                        selectors, request.getShardId(), request.getDeterministicName(), request.getUsePreferredTags()),
                response,
                batch -> batch);
    }

    @Override
    public void batchedReceiver(EgressBatchRequest request, StreamObserver<EnvelopeBatch> response) {
        List<Selector> selectors =
                selectors(request.hasLegacySelector(), request.getLegacySelector(), request.getSelectorsList());
        open(
                new Wish(
                        selectors, request.getShardId(), request.getDeterministicName(), request.getUsePreferredTags()),
                response,
                batch -> List.of(EnvelopeBatch.newBuilder().addAllBatch(batch).build()));
    }

    /** What a client asks for, in either form. */
    private record Wish(List<Selector> selectors, String shard, String deterministicName, boolean preferredTags) {}

    /** Envelopes as messages of the stream. */
    @FunctionalInterface
    private interface Form<M> {
        List<M> of(List<Envelope> envelopes);
    }

    private static List<Selector> selectors(boolean hasLegacy, Selector legacy, List<Selector> selectors) {
        return selectors.isEmpty() && hasLegacy ? List.of(legacy) : selectors;
    }

    private <M> void open(Wish wish, StreamObserver<M> response, Form<M> form) {
        Selection selection;
        try {
            selection = new Selection(wish.selectors());
        } catch (IllegalArgumentException e) {
            response.onError(Status.INVALID_ARGUMENT
                    .withDescription(e.getMessage())
                    .withCause(e)
                    .asRuntimeException());
            return;
        }
        if (streams.incrementAndGet() > maxStreams) {
            streams.decrementAndGet();
            rejected.increment();
            response.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription("unable to create stream, max egress streams reached: " + maxStreams)
                    .asRuntimeException());
            return;
        }
        var stream = new Stream<>((ServerCallStreamObserver<M>) response, form);
        Subscription subscription = router.subscribe(
                selection, wish.shard(), !wish.deterministicName().isEmpty());
        stream.response.setOnReadyHandler(stream::wake);
        stream.response.setOnCancelHandler(() -> {
            subscription.close();
            stream.wake();
        });
        threads.execute(() -> {
            try (subscription) {
                stream.run(subscription, wish.preferredTags());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                streams.decrementAndGet();
            }
        });
    }

    /** One call, carried by its thread; readiness and the client's end are told on others. */
    private static final class Stream<M> {
        private final ServerCallStreamObserver<M> response;
        private final Form<M> form;

        Stream(ServerCallStreamObserver<M> response, Form<M> form) {
            this.response = response;
            this.form = form;
        }

        synchronized void wake() {
            notifyAll();
        }

        void run(Subscription subscription, boolean preferredTags) throws InterruptedException {
            while (!subscription.isClosed() && !response.isCancelled()) {
                if (!awaitReady()) {
                    continue;
                }
                List<Envelope> batch = subscription.take(LOOK_NANOS).stream()
                        .map(envelope -> preferredTags ? Tags.preferred(envelope) : Tags.deprecated(envelope))
                        .toList();
                if (response.isCancelled() || batch.isEmpty()) {
                    continue;
                }
                form.of(batch).forEach(response::onNext);
            }
            if (!response.isCancelled()) {
                response.onCompleted();
            }
        }

        private synchronized boolean awaitReady() throws InterruptedException {
            if (!response.isReady()) {
                TimeUnit.NANOSECONDS.timedWait(this, LOOK_NANOS);
            }
            return response.isReady();
        }
    }

    public int streams() {
        return streams.get();
    }

    public long rejected() {
        return rejected.sum();
    }
}
