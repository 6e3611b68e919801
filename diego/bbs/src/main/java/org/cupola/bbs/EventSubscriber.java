package org.cupola.bbs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.cupola.platform.http.EventStream;
import org.cupola.platform.http.ServerSentEvent;
import org.cupola.protocol.bbs.BbsEvent;

/** One open stream: what it wants, in which form, and the number of its next event. Guarded by its lock. */
final class EventSubscriber {
    private final EventStream stream;
    private final Predicate<BbsEvent> wanted;
    private final UnaryOperator<BbsEvent> revision;

    @GuardedBy("this")
    private long nextId;

    /** @param revision turns an event into the form of an older API; {@code identity} for the newest */
    EventSubscriber(EventStream stream, Predicate<BbsEvent> wanted, UnaryOperator<BbsEvent> revision) {
        this.stream = stream;
        this.wanted = wanted;
        this.revision = revision;
    }

    /** False when the stream is over, or too far behind and therefore cut off. */
    synchronized boolean send(EncodedEvent encoded) {
        BbsEvent event = encoded.event();
        if (!wanted.test(event)) {
            return true;
        }
        BbsEvent revised = revision.apply(event);
        String data = revised.equals(event) ? encoded.data() : new EncodedEvent(revised).data();
        boolean sent = stream.send(new ServerSentEvent(Long.toString(nextId), event.name(), data).encode());
        nextId++;
        return sent;
    }

    void close() {
        stream.close();
    }
}
