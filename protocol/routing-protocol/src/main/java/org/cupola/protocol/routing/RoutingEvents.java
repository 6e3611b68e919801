package org.cupola.protocol.routing;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.stream.StreamMessage;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import org.cupola.platform.http.ServerSentEvent;
import org.cupola.platform.http.ServerSentEventReader;
import org.cupola.protocol.routing.RouteEvent.Action;
import org.cupola.protocol.routing.RoutingApiException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * An open event stream of the Routing API. {@code next} blocks and belongs to one thread; {@code close} may come from
 * another and ends the waiting.
 */
public final class RoutingEvents<T> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RoutingEvents.class);
    private static final int MAX_EVENT_BYTES = 1024 * 1024;

    private final StreamMessage<HttpData> body;
    private final ServerSentEventReader reader;
    private final Function<JsonNode, T> read;
    private final boolean resumed;
    private volatile boolean closed;

    RoutingEvents(StreamMessage<HttpData> body, Function<JsonNode, T> read, boolean resumed) {
        this.body = body;
        this.reader = new ServerSentEventReader(body.toInputStream(data -> data), MAX_EVENT_BYTES);
        this.read = read;
        this.resumed = resumed;
    }

    /**
     * Whether the server goes on right after the event the caller named, so that nothing was missed. False from servers that
     * cannot resume, and when too much has happened since: then the caller lists all routes.
     */
    public boolean resumed() {
        return resumed;
    }

    /**
     * Waits for the next event; unknown kinds of events are logged and skipped.
     *
     * @return empty at the regular end of the stream, or after {@link #close}
     * @throws RoutingApiException when the connection broke or an event cannot be read; the stream is then over
     */
    public Optional<RouteEvent<T>> next() throws RoutingApiException {
        try {
            for (Optional<ServerSentEvent> event = reader.next(); event.isPresent(); event = reader.next()) {
                Optional<RouteEvent<T>> known = event.flatMap(this::decode);
                if (known.isPresent()) {
                    return known;
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            if (closed) {
                return Optional.empty();
            }
            throw new RoutingApiException(Kind.UNREACHABLE, "event stream broke: " + e.getMessage(), e);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new RoutingApiException(Kind.UNUSABLE_ANSWER, "event cannot be read: " + e.getMessage(), e);
        }
    }

    private Optional<RouteEvent<T>> decode(ServerSentEvent event) {
        for (Action action : Action.values()) {
            if (action.wireName().equals(event.event())) {
                T route = read.apply(RoutingJson.MAPPER.readTree(event.data()));
                return Optional.of(new RouteEvent<>(event.id(), action, route));
            }
        }
        log.atInfo().addKeyValue("action", event.event()).log("unknown-event-action");
        return Optional.empty();
    }

    @Override
    public void close() {
        closed = true;
        body.abort();
    }
}
