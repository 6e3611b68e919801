package org.cupola.bbs;

import java.util.Base64;
import org.cupola.protocol.bbs.BbsEvent;
import org.jspecify.annotations.Nullable;

/** An event and its bytes, made when the first subscriber wants them. Handed from subscriber to subscriber by one thread. */
final class EncodedEvent {
    private final BbsEvent event;
    private @Nullable String data;

    EncodedEvent(BbsEvent event) {
        this.event = event;
    }

    BbsEvent event() {
        return event;
    }

    String data() {
        String encoded = data;
        if (encoded == null) {
            encoded = Base64.getEncoder().encodeToString(event.message().toByteArray());
            data = encoded;
        }
        return encoded;
    }
}
