package org.cupola.protocol.loggregator;

import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.loggregator.logcache.EgressGrpc;
import org.cupola.protocol.loggregator.logcache.ReadRequest;
import org.cupola.protocol.loggregator.v2.Envelope;

/** Reads Log Cache over gRPC with mutual TLS, as the platform's own components may. Blocking; any thread. */
public final class LogCacheClient {
    private final EgressGrpc.EgressBlockingStub cache;
    private final Duration timeout;

    /**
     * @param address {@code host:port}
     * @param timeout of each call
     */
    public LogCacheClient(HttpClients clients, String address, Duration timeout) {
        this.cache = GrpcClients.builder("gproto+https://" + address)
                .factory(clients.factory())
                .maxResponseLength(64L * 1024 * 1024)
                .build(EgressGrpc.EgressBlockingStub.class);
        this.timeout = timeout;
    }

    /** @throws IOException with the reason, when there is no answer or an error */
    public List<Envelope> read(ReadRequest request) throws IOException {
        try {
            return cache.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                    .read(request)
                    .getEnvelopes()
                    .getBatchList();
        } catch (StatusRuntimeException e) {
            throw new IOException("log cache: " + e.getStatus(), e);
        }
    }
}
