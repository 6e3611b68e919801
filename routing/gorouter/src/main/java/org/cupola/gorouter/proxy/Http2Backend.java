package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Objects;
import org.cupola.gorouter.head.ChunkScanner;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.ResponseHead;
import org.cupola.gorouter.head.Verdict;
import org.cupola.gorouter.http2.ErrorCode;
import org.cupola.gorouter.http2.FieldSink;
import org.cupola.gorouter.http2.HpackEncoder;
import org.cupola.gorouter.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** One stream of an HTTP/2 connection to a backend: one request and its response. Confined to its event loop. */
final class Http2Backend extends Http2Stream implements BackendStream {
    private final Loop loop;
    private final Channel channel;
    private @Nullable Exchange exchange;
    private @Nullable ChunkScanner requestChunks;
    private BodyFraming framing = BodyFraming.NONE;
    private boolean headSeen;
    private boolean paused;
    private int heldBack;

    Http2Backend(Loop loop, Channel channel) {
        this.loop = loop;
        this.channel = channel;
    }

    /** Sends the exchange's request on this stream. */
    void begin(Exchange newExchange, boolean reused) {
        exchange = newExchange;
        requestChunks = newExchange.request().isChunked() ? new ChunkScanner() : null;
        boolean hasBody = newExchange.request().hasBody();
        newExchange.connected(this, reused);
        ByteSink built = loop.head();
        RequestWriter.write(newExchange, Objects.requireNonNull(newExchange.endpoint()), built);
        var head = new RequestHead();
        Http2Messages.fill(head, built.bytes(), built.length());
        Verdict verdict = head.read(Integer.MAX_VALUE);
        if (verdict != Verdict.COMPLETE) {
            fail(new Failure(FailureKind.OTHER, "a request that HTTP/2 cannot carry"));
            return;
        }
        HpackEncoder block = loop.http2Block();
        Http2Messages.encode(head, true, block);
        sendHeaders(block, !hasBody);
        if (hasBody) {
            newExchange.client().resumeRequestBody();
        }
    }

    @Override
    public void requestBody(ByteBuf piece, boolean last) {
        ChunkScanner scanner = requestChunks;
        try {
            if (scanner == null) {
                sendData(piece, piece.readableBytes());
            } else {
                for (int amount = scanner.nextData(piece); amount > 0; amount = scanner.nextData(piece)) {
                    sendData(piece, amount);
                    scanner.consumed(amount);
                }
            }
        } finally {
            piece.release();
        }
        if (!last) {
            return;
        }
        String trailers = scanner == null ? "" : scanner.trailers();
        if (trailers.isEmpty()) {
            sendEnd();
        } else {
            HpackEncoder block = loop.http2Block();
            Http2Messages.encodeTrailers(trailers, block);
            sendTrailers(block);
        }
    }

    @Override
    public void flush() {
        // The connection flushes for all streams together, when the event loop has looked at all it has to do.
    }

    @Override
    public void readable(boolean wanted) {
        paused = !wanted;
        if (wanted) {
            int bytes = heldBack;
            heldBack = 0;
            consumed(bytes);
        }
    }

    @Override
    public void abort() {
        exchange = null;
        sendReset(ErrorCode.CANCEL);
    }

    @Override
    public String localAddress() {
        return Addresses.text(channel.localAddress());
    }

    // ---- the response ----

    private Exchange current() {
        return Objects.requireNonNull(exchange, "a stream that is read serves an exchange");
    }

    @Override
    protected FieldSink headersBegin() {
        return headSeen ? loop.fieldSection().trailers() : loop.fieldSection().response();
    }

    @Override
    protected void headersEnd(boolean whole, boolean last) {
        if (exchange == null) {
            return;
        }
        if (headSeen) {
            trailers(whole, last);
        } else {
            head(whole, last);
        }
    }

    private void head(boolean whole, boolean last) {
        Exchange served = current();
        boolean needsLength =
                !served.client().version().hasStreams() && !served.request().methodIs("HEAD");
        ResponseHead head = loop.borrowResponseHead();
        Verdict verdict = whole && loop.fieldSection().writeResponse(head, !last, needsLength)
                ? head.read(loop.settings().maxResponseHeaderBytes(), Integer.MAX_VALUE)
                : Verdict.MALFORMED;
        if (verdict != Verdict.COMPLETE || head.status() == 101 || (head.status() < 200 && last)) {
            loop.giveBack(head);
            fail(new Failure(FailureKind.OTHER, "malformed HTTP response"));
            return;
        }
        if (head.status() < 200) {
            served.interim(head);
            loop.giveBack(head);
            return;
        }
        headSeen = true;
        framing = last ? BodyFraming.NONE : head.isChunked() ? BodyFraming.CHUNKED : BodyFraming.LENGTH;
        served.responseHead(head, framing);
        loop.giveBack(head);
        if (last && exchange != null) {
            exchange = null;
            served.responseEnd();
        }
    }

    @Override
    protected void data(ByteBuf piece, boolean last) {
        int amount = piece.readableBytes();
        Exchange served = exchange;
        if (served == null || !headSeen) {
            piece.release();
            consumed(amount);
            if (served != null) {
                fail(new Failure(FailureKind.OTHER, "malformed HTTP response"));
            }
            return;
        }
        if (amount == 0) {
            piece.release();
        } else {
            served.responseBody(
                    framing == BodyFraming.CHUNKED ? Http2Messages.chunk(loop.allocator(), piece) : piece, amount);
        }
        if (exchange == served) {
            paused |= !served.client().isWritable();
        }
        if (paused && !last) {
            heldBack += amount;
        } else {
            consumed(amount);
        }
        if (last && exchange == served) {
            end("");
        }
    }

    @Override
    protected void readEnd() {
        if (exchange != null && headSeen) {
            exchange.flushResponse();
        }
    }

    private void trailers(boolean whole, boolean last) {
        FieldSection fields = loop.fieldSection();
        if (!whole || !last || !fields.isWellFormed()) {
            fail(new Failure(FailureKind.OTHER, "malformed HTTP trailers"));
        } else {
            end(fields.trailerLines());
        }
    }

    private void end(String trailers) {
        Exchange served = current();
        if (framing == BodyFraming.CHUNKED) {
            served.responseBody(Http2Messages.lastChunk(loop.allocator(), trailers), 0);
        }
        exchange = null;
        served.responseEnd();
    }

    private void fail(Failure failure) {
        Exchange failing = exchange;
        exchange = null;
        sendReset(ErrorCode.CANCEL);
        if (failing != null) {
            failing.failed(failure);
        }
    }

    // ---- the stream ----

    @Override
    protected void writable() {
        if (exchange != null) {
            exchange.client().resumeRequestBody();
        }
    }

    @Override
    protected void drained() {
        // The response says when the exchange is over.
    }

    @Override
    protected void reset(ErrorCode code) {
        Exchange failing = exchange;
        exchange = null;
        if (failing != null) {
            failing.failed(new Failure(
                    code == ErrorCode.REFUSED_STREAM ? FailureKind.INCOMPLETE_REQUEST : FailureKind.OTHER,
                    "stream error: " + code));
        }
    }

    @Override
    protected void lost() {
        Exchange failing = exchange;
        exchange = null;
        if (failing != null) {
            failing.failed(
                    headSeen
                            ? Failure.UNEXPECTED_EOF
                            : failing.request().isRepeatable() ? Failure.EOF_REPEATABLE : Failure.EOF);
        }
    }
}
