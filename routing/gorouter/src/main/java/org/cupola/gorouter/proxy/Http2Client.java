package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.ByteToMessageDecoder;
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

/** One stream of a client's HTTP/2 connection: one request and its response. Confined to its event loop. */
final class Http2Client extends Http2Stream implements ClientStream {
    private static final int HEAD_ROOM_BYTES = 4096;

    private final Loop loop;
    private final Http2Connection connection;
    private @Nullable Exchange exchange;
    private @Nullable ByteBuf waiting;
    private @Nullable ByteBuf lastChunk;
    private boolean headSeen;
    private boolean requestPassed;
    private long declared = -1;
    private long received;
    private @Nullable ChunkScanner chunks;
    private TimeoutQueue.@Nullable Node stuck;

    Http2Client(Loop loop, Http2Connection connection) {
        this.loop = loop;
        this.connection = connection;
    }

    @Override
    public ClientAddress remote() {
        return connection.remote();
    }

    @Override
    public boolean isTls() {
        return true;
    }

    @Override
    public HttpVersion version() {
        return HttpVersion.HTTP_2;
    }

    @Override
    public @Nullable AltSvc altSvc() {
        return loop.altSvc(connection.channel());
    }

    @Override
    public String certificate() {
        return connection.certificate();
    }

    // ---- the request ----

    @Override
    protected FieldSink headersBegin() {
        return headSeen ? loop.fieldSection().trailers() : loop.fieldSection().request();
    }

    @Override
    protected void headersEnd(boolean whole, boolean last) {
        if (headSeen) {
            trailers(whole, last);
            return;
        }
        headSeen = true;
        if (!whole) {
            connection.violated();
            HpackEncoder block = loop.http2Block();
            block.status(431);
            sendHeaders(block, true);
            return;
        }
        Exchange started = loop.borrowExchange(this);
        RequestHead request = started.request();
        Verdict verdict = loop.fieldSection().write(request, !last)
                ? request.read(loop.settings().maxRequestHeaderBytes() + HEAD_ROOM_BYTES)
                : Verdict.MALFORMED;
        declared = request.contentLength();
        if (verdict != Verdict.COMPLETE || (last && declared > 0)) {
            started.end();
            malformed();
            return;
        }
        exchange = started;
        requestPassed = last;
        started.begin();
    }

    @Override
    protected void data(ByteBuf piece, boolean last) {
        int amount = piece.readableBytes();
        received += amount;
        if (exchange == null) {
            piece.release();
            consumed(amount);
            return;
        }
        if (declared >= 0 && (received > declared || (last && received < declared))) {
            piece.release();
            malformed(); // the length must be what was said (RFC 9113, 8.1.1)
            return;
        }
        ByteBuf before = waiting;
        waiting =
                before == null ? piece : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(loop.allocator(), before, piece);
        if (last) {
            end("");
        } else {
            pass();
        }
    }

    /** A second block of headers ends the request and has no pseudo-headers (RFC 9113, 8.1 and 8.3). */
    private void trailers(boolean whole, boolean last) {
        if (exchange == null) {
            return;
        }
        FieldSection fields = loop.fieldSection();
        if (!whole || !last || !fields.isWellFormed() || (declared >= 0 && received < declared)) {
            malformed();
        } else {
            end(fields.trailerLines());
        }
    }

    private void end(String trailers) {
        if (declared < 0 && exchange != null && exchange.request().isChunked()) {
            lastChunk = Http2Messages.lastChunk(loop.allocator(), trailers);
        }
        pass();
    }

    /** Passes on what the backend takes of the body; the client may then send as much more. */
    private void pass() {
        Exchange taker = exchange;
        if (taker == null || requestPassed || !taker.takesBody()) {
            return;
        }
        ByteBuf piece = waiting;
        if (piece != null && piece.isReadable()) {
            if (!taker.isBackendWritable()) {
                return;
            }
            waiting = null;
            int amount = piece.readableBytes();
            boolean last = isRemoteEnded() && lastChunk == null;
            requestPassed = last;
            boolean chunked = taker.request().isChunked();
            taker.requestBody(chunked ? Http2Messages.chunk(loop.allocator(), piece) : piece, amount, last);
            consumed(amount);
        }
        if (exchange != null && isRemoteEnded() && !requestPassed) {
            requestPassed = true;
            ByteBuf end = lastChunk;
            lastChunk = null;
            taker.requestBody(end == null ? Unpooled.EMPTY_BUFFER : end, 0, true);
        }
    }

    @Override
    protected void readEnd() {
        if (exchange != null) {
            exchange.flushRequest();
        }
    }

    @Override
    public void resumeRequestBody() {
        pass();
        readEnd();
    }

    private void malformed() {
        sendViolation(ErrorCode.PROTOCOL_ERROR);
    }

    // ---- the response ----

    private Exchange current() {
        return Objects.requireNonNull(exchange, "a stream that is answered has an exchange");
    }

    @Override
    public void answer(Answer answer) {
        ByteSink built = loop.head();
        ResponseWriter.answer(current(), answer, ResponseWriter.Connection.DEFAULT, built);
        ResponseHead head = read(built);
        int bodyLength = built.length() - head.end();
        leave();
        sendHead(head, bodyLength == 0);
        if (bodyLength > 0) {
            ByteBuf body = loop.allocator().buffer(bodyLength).writeBytes(built.bytes(), head.end(), bodyLength);
            sendData(body, bodyLength);
            body.release();
            sendEnd();
        }
        loop.giveBack(head);
        watch();
    }

    private ResponseHead read(ByteSink built) {
        ResponseHead head = loop.borrowResponseHead();
        Http2Messages.fill(head, built.bytes(), built.length());
        Verdict verdict = head.read(Integer.MAX_VALUE, Integer.MAX_VALUE);
        if (verdict != Verdict.COMPLETE) {
            throw new IllegalStateException("our own head reads as " + verdict);
        }
        return head;
    }

    private void sendHead(ResponseHead head, boolean last) {
        HpackEncoder block = loop.http2Block();
        Http2Messages.encode(head, block);
        sendHeaders(block, last);
    }

    @Override
    public void interim(ResponseHead head) {
        ByteSink built = loop.head();
        ResponseWriter.interim(head, built);
        ResponseHead own = read(built);
        sendHead(own, false);
        loop.giveBack(own);
    }

    @Override
    public void continueRequest() {
        // Only HTTP/1 clients wait for it by a timer of ours.
    }

    @Override
    public void responseHead(ResponseHead head, BodyFraming bodyFraming) {
        chunks = bodyFraming == BodyFraming.CHUNKED ? new ChunkScanner() : null;
        ByteSink built = loop.head();
        ResponseWriter.write(current(), head, bodyFraming, ResponseWriter.Connection.DEFAULT, built);
        ResponseHead own = read(built);
        sendHead(own, bodyFraming == BodyFraming.NONE);
        loop.giveBack(own);
    }

    @Override
    public void responseBody(ByteBuf piece) {
        try {
            ChunkScanner scanner = chunks;
            if (scanner == null) {
                sendData(piece, piece.readableBytes());
                return;
            }
            for (int amount = scanner.nextData(piece); amount > 0; amount = scanner.nextData(piece)) {
                sendData(piece, amount);
                scanner.consumed(amount);
            }
        } finally {
            piece.release();
        }
    }

    @Override
    public void flush() {
        // The connection flushes for all streams together, when the event loop has looked at all it has to do.
    }

    @Override
    public void responseEnd() {
        String trailers = chunks == null ? "" : chunks.trailers();
        leave();
        if (trailers.isEmpty()) {
            sendEnd();
        } else {
            HpackEncoder block = loop.http2Block();
            Http2Messages.encodeTrailers(trailers, block);
            sendTrailers(block);
        }
        watch();
    }

    /** The exchange is over; what is left of the response waits for the client alone. */
    private void leave() {
        Exchange ended = exchange;
        exchange = null;
        dropBody();
        if (ended != null) {
            ended.end();
        }
    }

    /** A client that does not take the rest of a response shall not make us keep it for ever. */
    private void watch() {
        if (isOpen()) {
            stuck = new TimeoutQueue.Node(() -> sendReset(ErrorCode.CANCEL));
            loop.idleClients().join(stuck, System.nanoTime());
        }
    }

    @Override
    protected void drained() {
        TimeoutQueue.Node timer = stuck;
        if (timer != null) {
            timer.leave();
        }
    }

    @Override
    public void abort() {
        leave();
        sendReset(ErrorCode.INTERNAL_ERROR);
    }

    @Override
    public void becomeTunnel() {
        abort(); // no upgrade is ever asked for on this side
    }

    // ---- the stream ----

    @Override
    protected void writable() {
        if (exchange != null) {
            exchange.responseWanted(true);
        }
    }

    @Override
    protected void reset(ErrorCode code) {
        gone();
    }

    @Override
    protected void lost() {
        gone();
    }

    private void gone() {
        drained();
        Exchange left = exchange;
        exchange = null;
        dropBody();
        if (left != null) {
            left.clientGone();
        }
    }

    private void dropBody() {
        ByteBuf piece = waiting;
        if (piece != null) {
            waiting = null;
            piece.release();
        }
        ByteBuf end = lastChunk;
        if (end != null) {
            lastChunk = null;
            end.release();
        }
    }
}
