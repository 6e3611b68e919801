package org.cupola.protocol.routing;

/**
 * How our client and our server agree on event streams that can be resumed. The original numbers the events of each
 * connection from 0 and knows no resuming; a client that asks for it gets ids that mean the same on every connection.
 */
public final class EventStreams {
    /** Asks for such ids; other servers ignore it. */
    public static final String RESUMABLE_QUERY = "resumable=true";

    /** {@code true} in the answer when nothing was missed since the event named by {@code Last-Event-ID}. */
    public static final String RESUMED_HEADER = "x-cupola-events-resumed";

    private EventStreams() {}
}
