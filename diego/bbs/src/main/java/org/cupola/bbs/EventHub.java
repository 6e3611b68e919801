package org.cupola.bbs;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.protocol.bbs.BbsEvent;

/** Gives each event to all who subscribed. Never blocks; one hub's events reach a subscriber in the order given. Any thread. */
final class EventHub {
    private final List<EventSubscriber> subscribers = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /** False when the hub is closed. */
    boolean subscribe(EventSubscriber subscriber) {
        if (closed) {
            return false;
        }
        subscribers.add(subscriber);
        if (closed) {
            subscribers.remove(subscriber);
            return false;
        }
        return true;
    }

    void unsubscribe(EventSubscriber subscriber) {
        subscribers.remove(subscriber);
    }

    void emit(List<BbsEvent> events) {
        if (subscribers.isEmpty()) {
            return;
        }
        for (BbsEvent event : events) {
            var encoded = new EncodedEvent(event);
            List<EventSubscriber> over = subscribers.stream()
                    .filter(subscriber -> !subscriber.send(encoded))
                    .toList();
            subscribers.removeAll(over);
        }
    }

    int subscribers() {
        return subscribers.size();
    }

    void close() {
        closed = true;
        subscribers.forEach(EventSubscriber::close);
        subscribers.clear();
    }
}
