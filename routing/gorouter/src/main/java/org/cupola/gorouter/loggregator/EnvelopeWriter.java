package org.cupola.gorouter.loggregator;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes events of Envelope v1, each into a datagram that is handed to {@link Metron} in blocks. Field numbers are those of
 * Loggregator's dropsonde protocol. While nobody listens, nothing is written; what is lost is counted. Confined to its
 * thread.
 */
public final class EnvelopeWriter {
    /** The most that a UDP datagram carries over IPv4. */
    private static final int MAX_DATAGRAM_BYTES = 65_507;

    private static final byte[] NO_TAGS = {};
    private static final int ORIGIN = 1;
    private static final int EVENT_TYPE = 2;
    private static final int TIMESTAMP = 6;
    private static final int TAGS = 17;

    private enum Event {
        HTTP_START_STOP(4, 7),
        LOG_MESSAGE(5, 8),
        VALUE_METRIC(6, 9),
        COUNTER_EVENT(7, 10);

        private final int type;
        private final int field;

        Event(int type, int field) {
            this.type = type;
            this.field = field;
        }
    }

    private final Metron metron;
    private final byte[] origin;
    private final ProtoWriter out = new ProtoWriter(MAX_DATAGRAM_BYTES);
    private DatagramBlock block;

    /** @param origin how the sender is called, such as {@code gorouter} */
    public EnvelopeWriter(Metron metron, String origin) {
        this.metron = metron;
        this.origin = origin.getBytes(StandardCharsets.UTF_8);
        this.block = metron.spare();
    }

    /** Whether the agent takes what is sent to it; if not, events about single requests are not worth making. */
    public boolean isWanted() {
        return metron.isReachable();
    }

    /** An event was not even made. */
    public void skipped() {
        metron.dropped(1);
    }

    /** Tags as they go into an envelope, to be kept and given to the methods below. */
    public static byte[] encoded(Map<String, String> tags) {
        if (tags.isEmpty()) {
            return NO_TAGS;
        }
        var out = new ProtoWriter(MAX_DATAGRAM_BYTES);
        new TreeMap<>(tags).descendingMap().forEach((name, value) -> tag(out, name, value));
        return out.isOverflown()
                ? NO_TAGS
                : java.util.Arrays.copyOfRange(out.bytes(), out.start(), out.start() + out.length());
    }

    private static void tag(ProtoWriter out, String name, String value) {
        int mark = out.mark();
        out.text(2, value);
        out.text(1, name);
        out.message(TAGS, mark);
    }

    /** @param nowNanos since 1970 */
    public void value(long nowNanos, String name, long value, String unit) {
        value(nowNanos, name, (double) value, unit);
    }

    /** @param nowNanos since 1970 */
    public void value(long nowNanos, String name, double value, String unit) {
        out.clear();
        int mark = out.mark();
        out.text(3, unit);
        out.fixed64(2, value);
        out.text(1, name);
        end(Event.VALUE_METRIC, mark, nowNanos);
    }

    public void counter(long nowNanos, String name, long delta) {
        out.clear();
        int mark = out.mark();
        out.number(2, delta);
        out.text(1, name);
        end(Event.COUNTER_EVENT, mark, nowNanos);
    }

    /** A line of an app's log, from its standard output as it were. */
    public void log(
            long nowNanos,
            byte[] line,
            int length,
            String app,
            String sourceType,
            String sourceInstance,
            byte[] encodedTags) {
        out.clear();
        out.raw(encodedTags, 0, encodedTags.length);
        int mark = out.mark();
        out.text(6, sourceInstance);
        out.text(5, sourceType);
        out.text(4, app);
        out.number(3, nowNanos);
        out.number(2, 1);
        out.bytes(1, line, 0, length);
        end(Event.LOG_MESSAGE, mark, nowNanos);
    }

    public void http(HttpEvent event) {
        out.clear();
        if (!event.trace().isEmpty()) {
            tag(out, "trace_id", event.trace());
            tag(out, "span_id", event.span());
        }
        out.raw(event.tags(), 0, event.tags().length);
        int mark = out.mark();
        event.write(out);
        end(Event.HTTP_START_STOP, mark, event.stopNanos());
    }

    private void end(Event event, int mark, long nowNanos) {
        out.message(event.field, mark);
        out.number(TIMESTAMP, nowNanos);
        out.number(EVENT_TYPE, event.type);
        out.bytes(ORIGIN, origin, 0, origin.length);
        if (out.isOverflown()) {
            metron.dropped(1);
            return;
        }
        if (!block.add(out.bytes(), out.start(), out.length())) {
            flush();
            block.add(out.bytes(), out.start(), out.length());
        }
    }

    /** Hands over what has gathered. */
    public void flush() {
        if (!block.isEmpty()) {
            block = metron.offer(block);
        }
    }
}
