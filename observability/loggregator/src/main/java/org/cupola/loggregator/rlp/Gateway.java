package org.cupola.loggregator.rlp;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.cupola.loggregator.access.CloudController;
import org.cupola.loggregator.access.LogAccess;
import org.cupola.loggregator.access.LogAccess.Reader;
import org.cupola.loggregator.doppler.Router;
import org.cupola.loggregator.doppler.Subscription;
import org.cupola.loggregator.rlp.GatewayQuery.Refused;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.EventStream;
import org.cupola.platform.http.ServerSentEvent;
import org.cupola.platform.json.Json;
import org.cupola.protocol.loggregator.EnvelopeJson;
import org.cupola.protocol.loggregator.v2.Envelope;

/**
 * The gateway of the reverse log proxy: envelopes as server-sent events, for users with a token. A reader that falls a thousand
 * batches behind is cut off and comes back. Each stream has a virtual thread.
 */
public final class Gateway {
    private static final long HEARTBEAT_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final int MAX_PENDING = 1000;
    private static final long MAX_PENDING_BYTES = 8L * 1024 * 1024;

    private final Router router;
    private final LogAccess access;
    private final Duration timeout;
    private final InstantSource clock;
    private final Executor threads;

    /** @param timeout after which a stream ends and its reader comes back */
    public Gateway(Router router, LogAccess access, Duration timeout, InstantSource clock, Executor threads) {
        this.router = router;
        this.access = access;
        this.timeout = timeout;
        this.clock = clock;
        this.threads = threads;
    }

    public void register(ServerBuilder server) {
        server.service("/v2/read", new BlockingService(this::read));
    }

    private HttpResponse read(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        GatewayQuery query;
        try {
            if (request.method() != HttpMethod.GET) {
                throw new Refused(HttpStatus.METHOD_NOT_ALLOWED, "method_not_allowed", "method not allowed");
            }
            query = GatewayQuery.parse(ctx.queryParams());
            requireAccess(request.headers().get(HttpHeaderNames.AUTHORIZATION, ""), query.sourceIds());
        } catch (Refused e) {
            return HttpResponse.of(
                    e.status(),
                    MediaType.JSON,
                    Json.bytes(Json.MAPPER
                            .createObjectNode()
                            .put("message", String.valueOf(e.getMessage()))
                            .put("error", e.error())));
        }
        EventStream stream = EventStream.open(
                ctx,
                ResponseHeaders.of(
                        HttpStatus.OK,
                        HttpHeaderNames.CONTENT_TYPE,
                        "text/event-stream",
                        HttpHeaderNames.CACHE_CONTROL,
                        "no-cache"),
                MAX_PENDING,
                MAX_PENDING_BYTES);
        Subscription subscription = router.subscribe(query.selection(), query.shard(), query.deterministic());
        stream.whenClosed().thenRun(subscription::close);
        threads.execute(() -> carry(subscription, stream));
        return stream.response();
    }

    private void requireAccess(String authorization, List<String> sourceIds) throws Refused {
        Optional<Reader> reader = access.reader(authorization);
        boolean allowed = reader.isPresent()
                && (reader.get().isAdmin()
                        || (!sourceIds.isEmpty()
                                && sourceIds.stream()
                                        .allMatch(id -> CloudController.isGuid(id)
                                                && reader.get().mayRead(id))));
        if (!allowed) {
            throw new Refused(HttpStatus.NOT_FOUND, "not_found", "resource not found");
        }
    }

    private void carry(Subscription subscription, EventStream stream) {
        long end = System.nanoTime() + timeout.toNanos();
        try (subscription) {
            while (!subscription.isClosed()) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    stream.send(new ServerSentEvent("", "closing", "closing due to stream timeout").encode());
                    break;
                }
                List<Envelope> batch = subscription.take(Math.min(left, HEARTBEAT_NANOS));
                if (!batch.isEmpty()) {
                    stream.send(new ServerSentEvent(
                                    "", "", EnvelopeJson.batch(batch).toString())
                            .encode());
                } else if (left > HEARTBEAT_NANOS) {
                    String seconds = Long.toString(clock.instant().getEpochSecond());
                    stream.send(new ServerSentEvent("", "heartbeat", seconds).encode());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stream.close();
        }
    }
}
