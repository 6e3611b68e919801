package org.cupola.gorouter.http2;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the peer says: checks it against the state of its streams, answers what concerns the connection, and tells the streams
 * the rest. Confined to the event loop of its connection.
 */
final class PeerFrames implements FrameSink {
    private static final int TABLE_BYTES = 4096;
    private static final int MAX_MAX_FRAME_SIZE = (1 << 24) - 1;

    private final Http2Session session;
    private final Http2Session.Owner owner;
    private final Http2Session.Limits limits;
    private final FrameWriter writer;
    private final SendControl output;
    private final ReceiveControl input;
    private final HpackDecoder decoder = new HpackDecoder(TABLE_BYTES);
    private final FloodGuard floods = new FloodGuard();

    /** Of the client's streams; there is none when we are the client. */
    private final @Nullable StreamHistory history;

    private int newInitialWindow = -1;
    private boolean headersPending;

    PeerFrames(
            Http2Session session,
            Http2Session.Owner owner,
            boolean server,
            Http2Session.Limits limits,
            FrameWriter writer,
            SendControl output,
            ReceiveControl input) {
        this.session = session;
        this.owner = owner;
        this.limits = limits;
        this.writer = writer;
        this.output = output;
        this.input = input;
        this.history = server ? new StreamHistory() : null;
    }

    /** The client's newest stream, 0 for none. */
    int newestStream() {
        StreamHistory known = history;
        return known == null ? 0 : known.newest();
    }

    private boolean isIdle(int stream) {
        StreamHistory known = history;
        return known != null ? known.isIdle(stream) : session.isUnused(stream);
    }

    private boolean hasEnded(int stream) {
        StreamHistory known = history;
        return known != null && known.hasEnded(stream);
    }

    /** Counts what resets cost us; they are a client's weapon. */
    void countReset() {
        if (history != null && floods.reset(System.nanoTime())) {
            session.fail(ErrorCode.ENHANCE_YOUR_CALM, "resets");
        }
    }

    private void answered() {
        if (floods.answer(writer.isWritable())) {
            session.fail(ErrorCode.ENHANCE_YOUR_CALM, "answers that are not read");
        }
    }

    @Override
    public void headers(int id, byte[] block, int from, int to, boolean endStream) {
        if (headersPending) {
            headersPending = false;
            owner.headersPending(false);
        }
        Http2Stream stream = streamOfHeaders(id, endStream);
        if (session.isEnded()) {
            return;
        }
        FieldSink fields = stream == null ? FieldSink.NONE : stream.headersBegin();
        boolean whole;
        try {
            whole = decoder.decode(block, from, to, limits.maxHeaderListBytes(), fields);
        } catch (HpackException e) {
            session.fail(ErrorCode.COMPRESSION_ERROR, String.valueOf(e.getMessage()));
            return;
        }
        if (stream != null) {
            stream.remoteEnded = endStream;
            session.reads(stream);
            stream.headersEnd(whole, endStream);
            if (endStream) {
                session.remoteEnded(stream);
            }
        }
    }

    /** The stream that headers are for; {@code null} when nobody wants them. */
    private @Nullable Http2Stream streamOfHeaders(int id, boolean endStream) {
        StreamHistory known = history;
        if (known == null) {
            if (isIdle(id)) {
                session.fail(ErrorCode.PROTOCOL_ERROR, "headers on stream " + id);
            }
            return session.stream(id);
        }
        boolean opens = known.isIdle(id);
        ErrorCode wrong = known.headers(id);
        if (wrong != null) {
            session.fail(wrong, "headers on stream " + id);
            return null;
        }
        if (endStream) {
            known.ends(id);
        }
        if (!opens) {
            return session.stream(id);
        }
        if (id > session.lastStream()) {
            return null; // it was told so
        }
        if (session.streams().size() >= limits.streams()) {
            writer.reset(id, ErrorCode.REFUSED_STREAM);
            countReset();
            return null;
        }
        Http2Stream stream = owner.accept();
        session.add(stream, id);
        return stream;
    }

    @Override
    public void headersIncomplete() {
        if (!headersPending) {
            headersPending = true;
            owner.headersPending(true);
        }
    }

    @Override
    public void data(int id, ByteBuf piece, int windowBytes, boolean frameEnd, boolean endStream) {
        if (!mayCome(id, windowBytes, windowBytes == 0 && frameEnd && !endStream)) {
            piece.release();
            return;
        }
        Http2Stream stream = session.stream(id);
        if (stream == null || stream.remoteEnded) {
            piece.release();
            input.giveBack(windowBytes); // of a stream that we have ended
            return;
        }
        if (endStream && history != null) {
            history.ends(id);
        }
        if (!input.received(stream, windowBytes)) {
            piece.release();
            session.violation(stream, ErrorCode.FLOW_CONTROL_ERROR);
            return;
        }
        stream.remoteEnded = endStream;
        int padding = windowBytes - piece.readableBytes();
        if (padding > 0) {
            input.consumed(stream, padding);
        }
        session.reads(stream);
        stream.data(piece, endStream);
        if (endStream) {
            session.remoteEnded(stream);
        }
    }

    private boolean mayCome(int id, int windowBytes, boolean empty) {
        if (!input.received(windowBytes)) {
            session.fail(ErrorCode.FLOW_CONTROL_ERROR, "more than the connection's window");
        } else if (isIdle(id)) {
            session.fail(ErrorCode.PROTOCOL_ERROR, "data on stream " + id);
        } else if (hasEnded(id)) {
            session.fail(ErrorCode.STREAM_CLOSED, "data on stream " + id);
        } else if (floods.data(empty)) {
            session.fail(ErrorCode.ENHANCE_YOUR_CALM, "empty frames");
        }
        return !session.isEnded();
    }

    @Override
    public void reset(int id, int code) {
        if (isIdle(id)) {
            session.fail(ErrorCode.PROTOCOL_ERROR, "reset of stream " + id);
            return;
        }
        if (history != null) {
            history.ends(id);
        }
        Http2Stream stream = session.stream(id);
        if (stream != null) {
            session.breakOff(stream, ErrorCode.of(code));
        }
        countReset();
    }

    @Override
    public void setting(int id, long value) {
        switch (id) {
            case Settings.ENABLE_PUSH -> {
                if (value > 1 || (history == null && value == 1)) {
                    session.fail(ErrorCode.PROTOCOL_ERROR, "enables push: " + value);
                }
            }
            case Settings.MAX_CONCURRENT_STREAMS -> session.allowsStreams((int) Math.min(value, Integer.MAX_VALUE));
            case Settings.INITIAL_WINDOW_SIZE -> { // applied once a frame, however often it is there
                if (value > Integer.MAX_VALUE) {
                    session.fail(ErrorCode.FLOW_CONTROL_ERROR, "window of " + value);
                } else {
                    newInitialWindow = (int) value;
                }
            }
            case Settings.MAX_FRAME_SIZE -> {
                if (value < FrameReader.MAX_FRAME_BYTES || value > MAX_MAX_FRAME_SIZE) {
                    session.fail(ErrorCode.PROTOCOL_ERROR, "frames of " + value);
                }
            }
            default -> {} // we use no table, send small lists and never larger frames than all must take
        }
    }

    @Override
    public void settingsEnd() {
        writer.settingsAcknowledged();
        answered();
        int window = newInitialWindow;
        newInitialWindow = -1;
        if (window >= 0 && !session.isEnded() && !output.streamWindow(window)) {
            session.fail(ErrorCode.FLOW_CONTROL_ERROR, "window of a stream");
        }
    }

    @Override
    public void settingsAcknowledged() {
        // Ours are in force from the start: they allow more than the defaults, but for the field list.
    }

    @Override
    public void ping(long payload, boolean acknowledges) {
        if (!acknowledges) {
            writer.ping(payload, true);
            answered();
        } else {
            session.pingAnswered(payload);
        }
    }

    @Override
    public void goAway(int last, int code) {
        if (history == null) { // a client that says it will just open no more streams
            session.serves(last);
            for (Http2Stream stream : List.copyOf(session.streams())) {
                if (stream.id > last && stream.isOpen()) {
                    session.breakOff(stream, ErrorCode.REFUSED_STREAM);
                }
            }
        }
    }

    @Override
    public void windowUpdate(int id, int increment) {
        if (id == 0) {
            if (increment == 0) {
                session.fail(ErrorCode.PROTOCOL_ERROR, "window update of 0");
            } else if (!output.widen(increment)) {
                session.fail(ErrorCode.FLOW_CONTROL_ERROR, "connection's window");
            }
            return;
        }
        Http2Stream stream = session.stream(id);
        if (stream == null) {
            if (isIdle(id)) {
                session.fail(ErrorCode.PROTOCOL_ERROR, "window update of stream " + id);
            }
        } else if (increment == 0) {
            streamError(id, ErrorCode.PROTOCOL_ERROR);
        } else if (!output.widen(stream, increment)) {
            streamError(id, ErrorCode.FLOW_CONTROL_ERROR);
        }
    }

    @Override
    public void streamError(int id, ErrorCode code) {
        if (isIdle(id)) {
            session.fail(code, "on stream " + id);
            return;
        }
        Http2Stream stream = session.stream(id);
        if (stream != null) {
            session.violation(stream, code);
            return;
        }
        owner.violated();
        writer.reset(id, code);
        countReset();
    }

    @Override
    public void connectionError(ErrorCode code, String why) {
        session.fail(code, why);
    }
}
