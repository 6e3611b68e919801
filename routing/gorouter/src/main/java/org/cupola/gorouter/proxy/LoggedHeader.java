package org.cupola.gorouter.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.cupola.gorouter.head.HeaderLines;

/** A request header that the access log shows besides the usual ones, ready to be found and written. Immutable. */
final class LoggedHeader {
    private final byte[] name;
    private final byte[] shown;

    /** @param name in any case */
    LoggedHeader(String name) {
        this.name = HeaderLines.canonicalName(name);
        this.shown = name.toLowerCase(Locale.ROOT).replace('-', '_').getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Its first line in a head, -1 for none. */
    int in(HeaderLines head) {
        return head.find(name);
    }

    /** As the log calls it. */
    byte[] shown() {
        return shown;
    }
}
