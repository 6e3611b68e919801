package org.cupola.protocol.bbs;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.SplitHttpResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.ServerSentEvent;
import org.cupola.platform.http.ServerSentEventReader;
import org.cupola.protocol.bbs.proto.EventsByCellId;

/**
 * An open subscription. One thread calls {@link #next} in a loop; any thread may {@code close}, which ends that loop.
 *
 * <p>When it ends or fails, events may have been missed: subscribe again and then list the state.
 */
public final class BbsEvents implements AutoCloseable {
    private static final int MAX_EVENT_BYTES = 64 << 20;
    private static final Duration SUBSCRIBE_TIMEOUT = Duration.ofSeconds(15);

    private final HttpResponse response;
    private final ServerSentEventReader reader;

    private BbsEvents(HttpResponse response, ServerSentEventReader reader) {
        this.response = response;
        this.reader = reader;
    }

    static BbsEvents subscribe(HttpClients clients, URI address, BbsRoute route, String cellId) throws IOException {
        // The BBS takes over the connection after the headers, which only HTTP/1.1 allows.
        String scheme = "https".equals(address.getScheme()) ? "h1" : "h1c";
        HttpRequest request = HttpRequest.builder()
                .method(route.isGet() ? HttpMethod.GET : HttpMethod.POST)
                .path(route.path())
                .content(
                        BbsTransport.PROTOBUF,
                        EventsByCellId.newBuilder().setCellId(cellId).build().toByteArray())
                .build();
        HttpResponse response = clients.client(URI.create(scheme + "://" + address.getAuthority()), Duration.ZERO)
                .maxResponseLength(0)
                .build()
                .execute(request);
        SplitHttpResponse split = response.split();
        try {
            int status = split.headers()
                    .get(SUBSCRIBE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .status()
                    .code();
            if (status != 200) {
                throw new IOException(route.path() + ": status " + status + " (expected: 200)");
            }
            return new BbsEvents(
                    response, new ServerSentEventReader(split.body().toInputStream(data -> data), MAX_EVENT_BYTES));
        } catch (ExecutionException | TimeoutException e) {
            response.abort();
            throw new IOException(route.path() + ": cannot subscribe: " + e, e);
        } catch (InterruptedException e) {
            response.abort();
            Thread.currentThread().interrupt();
            throw new IOException(route.path() + ": interrupted", e);
        } catch (IOException e) {
            response.abort();
            throw e;
        }
    }

    /**
     * Waits for the next event; empty when the stream has ended.
     *
     * @throws IOException when the connection broke or an event cannot be decoded
     */
    public Optional<BbsEvent> next() throws IOException {
        Optional<ServerSentEvent> raw = reader.next();
        if (raw.isEmpty()) {
            return Optional.empty();
        }
        ServerSentEvent event = raw.get();
        try {
            return Optional.of(
                    BbsEvent.decode(event.event(), Base64.getDecoder().decode(event.data())));
        } catch (IllegalArgumentException e) {
            throw new IOException("event " + event.id() + " " + event.event() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        response.abort();
    }
}
