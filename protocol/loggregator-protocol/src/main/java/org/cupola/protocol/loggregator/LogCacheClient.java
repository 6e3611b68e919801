package org.cupola.protocol.loggregator;

import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.loggregator.logcache.EgressGrpc;
import org.cupola.protocol.loggregator.logcache.ReadRequest;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.jspecify.annotations.Nullable;

/** Reads Log Cache over gRPC with mutual TLS, as the platform's own components may. Blocking; any thread. */
public final class LogCacheClient {
    private static final long MAX_ANSWER_BYTES = 64L * 1024 * 1024;

    private final HttpClients clients;
    private final String address;
    private final Duration timeout;
    private final ReentrantLock making = new ReentrantLock();
    private volatile EgressGrpc.@Nullable EgressBlockingStub cache;

    /**
     * @param address {@code host:port}
     * @param timeout of each call
     */
    public LogCacheClient(HttpClients clients, String address, Duration timeout) {
        this.clients = clients;
        this.address = address;
        this.timeout = timeout;
    }

    /** Made when first asked for: gRPC takes its time to load, which nobody's start needs to wait for. */
    private EgressGrpc.EgressBlockingStub cache() {
        EgressGrpc.EgressBlockingStub made = cache;
        if (made != null) {
            return made;
        }
        making.lock();
        try {
            made = cache;
            if (made == null) {
                made = GrpcClients.builder("gproto+https://" + address)
                        .factory(clients.factory())
                        .maxResponseLength(MAX_ANSWER_BYTES)
                        .build(EgressGrpc.EgressBlockingStub.class);
                cache = made;
            }
            return made;
        } finally {
            making.unlock();
        }
    }

    /** @throws IOException with the reason, when there is no answer or an error */
    public List<Envelope> read(ReadRequest request) throws IOException {
        try {
            return cache().withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                    .read(request)
                    .getEnvelopes()
                    .getBatchList();
        } catch (StatusRuntimeException e) {
            throw new IOException("log cache: " + e.getStatus(), e);
        }
    }
}
