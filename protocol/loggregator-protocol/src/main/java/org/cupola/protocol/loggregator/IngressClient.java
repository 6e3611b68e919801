package org.cupola.protocol.loggregator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.LongAdder;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.loggregator.v2.BatchSenderResponse;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.EnvelopeBatch;
import org.cupola.protocol.loggregator.v2.IngressGrpc;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends envelopes to the agent of this machine, batches over one stream.
 *
 * <p>{@code emit} never blocks: the caller is an app's output, which must not stand still because an agent does. What does
 * not fit the queue, or is under way when a stream breaks, is lost and counted. The first envelope opens the stream; until
 * then there is neither thread nor connection. Guarded by its lock; any thread.
 */
public final class IngressClient implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(IngressClient.class);
    private static final int BATCH = 100;
    private static final int QUEUE = 10_000;
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 250;
    private static final long CLOSE_MILLIS = 2_000;

    private final HttpClients clients;
    private final String address;
    private final LongAdder dropped = new LongAdder();

    @GuardedBy("this")
    private final Deque<Envelope> queue = new ArrayDeque<>();

    @GuardedBy("this")
    private @Nullable Thread thread;

    @GuardedBy("this")
    private boolean closed;

    /** One call of BatchSender. What its stream tells comes on any thread. */
    private final class Sending implements ClientResponseObserver<EnvelopeBatch, BatchSenderResponse> {
        private volatile boolean over;
        private volatile @Nullable Throwable cause;
        private volatile @Nullable ClientCallStreamObserver<EnvelopeBatch> requests;

        @Override
        public void beforeStart(ClientCallStreamObserver<EnvelopeBatch> stream) {
            requests = stream;
            stream.setOnReadyHandler(IngressClient.this::wake);
        }

        @Override
        public void onNext(BatchSenderResponse nothing) {}

        @Override
        public void onError(Throwable failure) {
            cause = failure;
            onCompleted();
        }

        @Override
        public void onCompleted() {
            over = true;
            wake();
        }

        boolean isReady() {
            ClientCallStreamObserver<EnvelopeBatch> stream = requests;
            return stream != null && stream.isReady();
        }

        void end() {
            ClientCallStreamObserver<EnvelopeBatch> stream = requests;
            if (stream != null && !over) {
                stream.onCompleted();
            }
        }
    }

    /** @param address {@code host:port} */
    public IngressClient(HttpClients clients, String address) {
        this.clients = clients;
        this.address = address;
    }

    public void emit(Envelope envelope) {
        synchronized (this) {
            if (closed || queue.size() >= QUEUE) {
                dropped.increment();
                return;
            }
            queue.add(envelope);
            if (thread == null) {
                thread = Thread.ofVirtual().name("loggregator-ingress").start(this::send);
            }
            notifyAll();
        }
    }

    /** Envelopes that were lost. */
    public long dropped() {
        return dropped.sum();
    }

    private void send() {
        // Only now, on this thread: gRPC takes its time to load.
        IngressGrpc.IngressStub agent = GrpcClients.builder("gproto+https://" + address)
                .factory(clients.factory())
                .responseTimeoutMillis(0)
                .maxResponseLength(0)
                .build(IngressGrpc.IngressStub.class);
        Sending sending = null;
        boolean failing = false;
        try {
            for (EnvelopeBatch batch = next(); batch != null; batch = next()) {
                if (sending == null || sending.over) {
                    sending = new Sending();
                    agent.batchSender(sending);
                }
                ClientCallStreamObserver<EnvelopeBatch> stream = sending.requests;
                if (stream != null && awaitReady(sending)) {
                    stream.onNext(batch);
                    failing = false;
                    continue;
                }
                dropped.add(batch.getBatchCount());
                if (!failing) {
                    log.atWarn()
                            .addKeyValue("error", String.valueOf(sending.cause))
                            .log("loggregator-agent-unreachable");
                }
                failing = true;
                Thread.sleep(PAUSE_AFTER_FAILURE_MILLIS);
            }
        } catch (InterruptedException e) {
            // closed, and the rest took too long
        } finally {
            if (sending != null) {
                sending.end();
            }
        }
    }

    private synchronized void wake() {
        notifyAll();
    }

    /** Whether the stream takes more; false when it is over. */
    private synchronized boolean awaitReady(Sending sending) throws InterruptedException {
        while (!sending.isReady()) {
            if (sending.over) {
                return false;
            }
            wait();
        }
        return true;
    }

    /** Waits for envelopes; none when closed and empty. */
    private synchronized @Nullable EnvelopeBatch next() throws InterruptedException {
        while (queue.isEmpty()) {
            if (closed) {
                return null;
            }
            wait();
        }
        EnvelopeBatch.Builder batch = EnvelopeBatch.newBuilder();
        while (batch.getBatchCount() < BATCH && !queue.isEmpty()) {
            batch.addBatch(queue.poll());
        }
        return batch.build();
    }

    /** Sends what is queued, for at most two seconds. */
    @Override
    public void close() {
        Thread sender;
        synchronized (this) {
            closed = true;
            sender = thread;
            notifyAll();
        }
        if (sender == null) {
            return;
        }
        try {
            sender.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sender.interrupt();
    }
}
