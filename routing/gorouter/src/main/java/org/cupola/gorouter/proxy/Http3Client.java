package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3HeadersValidationException;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.cupola.gorouter.head.ChunkScanner;
import org.cupola.gorouter.head.ResponseHead;
import org.cupola.gorouter.head.Verdict;
import org.jspecify.annotations.Nullable;

/** One stream of a client's HTTP/3 connection: one request and its response. Confined to its event loop. */
final class Http3Client extends ChannelInboundHandlerAdapter implements ClientStream {
    private static final long END_MILLIS = 100;

    private final Loop loop;
    private final QuicStreamChannel stream;
    private final Http3Connection connection;
    private final Http3Wire wire;
    private final StreamBody body;
    private final ChunkScanner chunks = new ChunkScanner();
    private final TimeoutQueue.Node headTimer = new TimeoutQueue.Node(this::headTooLate);
    private final TimeoutQueue.Node probeTimer = new TimeoutQueue.Node(this::probe);
    private @Nullable Http3Headers head;
    private @Nullable Exchange exchange;
    private boolean bodyAwaited;
    private boolean begun;
    private long declared = -1;
    private long received;
    private BodyFraming framing = BodyFraming.NONE;
    private boolean done;

    Http3Client(Loop loop, QuicStreamChannel stream, Http3Connection connection) {
        this.loop = loop;
        this.stream = stream;
        this.connection = connection;
        this.wire = new Http3Wire(loop, connection, this::refused);
        this.body = new StreamBody(loop, stream.config(), () -> exchange != null);
    }

    /** Adds everything that serves it to the stream's pipeline, which has its codec. */
    void start() {
        stream.pipeline().addFirst(wire);
        stream.pipeline().addLast(this);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        connection.opened(this);
        loop.clientHeads().join(headTimer, System.nanoTime());
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
        return HttpVersion.HTTP_3;
    }

    @Override
    public String certificate() {
        return connection.certificate();
    }

    // ---- the request ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Http3HeadersFrame first when !begun && head == null && !done -> head = first.headers();
            case Http3HeadersFrame trailers -> trailers(trailers.headers());
            case Http3DataFrame data -> data(data.content());
            default -> ReferenceCountUtil.release(message);
        }
    }

    /**
     * A head does not say whether a body follows: the stream's end may come with it or, in a packet of its own, a moment
     * later. Where a body is unlikely that moment is waited for, as not every application understands an empty one.
     */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        Http3Headers read = head;
        if (read == null || stream.isInputShutdown()) {
            return;
        }
        if (read.contains("content-length") || !Http3Messages.isUsuallyAlone(read)) {
            begin(true);
        } else if (!bodyAwaited) {
            bodyAwaited = true;
            stream.eventLoop().schedule(this::awaitNoLonger, END_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void awaitNoLonger() {
        if (head != null) {
            begin(true);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event != ChannelInputShutdownReadComplete.INSTANCE || done) {
            return;
        }
        if (head != null) {
            begin(false);
        } else if (!begun) {
            malformed(Http3ErrorCode.H3_REQUEST_INCOMPLETE);
        } else {
            end("");
        }
    }

    private void begin(boolean bodyFollows) {
        Http3Headers headers = Objects.requireNonNull(head);
        head = null;
        begun = true;
        headTimer.leave();
        Exchange started = loop.borrowExchange(this);
        FieldSection fields = loop.fieldSection().request();
        Http3Messages.read(headers, fields);
        boolean wellFormed = fields.write(started.request(), bodyFollows)
                && started.request().read(Integer.MAX_VALUE) == Verdict.COMPLETE;
        declared = wellFormed ? started.request().contentLength() : -1;
        if (!wellFormed || (!bodyFollows && declared > 0)) {
            started.end();
            malformed(Http3ErrorCode.H3_MESSAGE_ERROR);
            return;
        }
        exchange = started;
        if (!bodyFollows) {
            body.none();
        }
        loop.silentStreams().join(probeTimer, System.nanoTime());
        started.begin();
    }

    private void data(ByteBuf content) {
        if (head != null) {
            begin(true);
        }
        Exchange taker = exchange;
        if (taker == null) {
            content.release();
            return;
        }
        received += content.readableBytes();
        if (declared >= 0 && received > declared) {
            content.release();
            malformed(Http3ErrorCode.H3_MESSAGE_ERROR); // the length must be what was said (RFC 9114, 4.1.2)
            return;
        }
        body.add(content);
        body.pass(taker);
    }

    /** A second block of headers ends the request's body and has no pseudo-headers (RFC 9114, 4.1 and 4.3). */
    private void trailers(Http3Headers trailers) {
        if (head != null) {
            begin(true);
        }
        if (done) {
            return;
        }
        FieldSection fields = loop.fieldSection().trailers();
        Http3Messages.read(trailers, fields);
        if (fields.isWellFormed()) {
            end(fields.trailerLines());
        } else {
            malformed(Http3ErrorCode.H3_MESSAGE_ERROR);
        }
    }

    private void end(String trailers) {
        Exchange taker = exchange;
        if (taker == null || body.isComplete()) {
            return;
        }
        if (declared >= 0 && received < declared) {
            malformed(Http3ErrorCode.H3_MESSAGE_ERROR);
            return;
        }
        body.end(taker, trailers);
        body.pass(taker);
    }

    @Override
    public void resumeRequestBody() {
        body.read(true);
        Exchange taker = exchange;
        if (taker != null) {
            body.pass(taker);
        }
    }

    private void headTooLate() {
        reset(Http3ErrorCode.H3_REQUEST_INCOMPLETE);
    }

    // ---- the response ----

    private Exchange current() {
        return Objects.requireNonNull(exchange, "a stream that is answered has an exchange");
    }

    @Override
    public void answer(Answer answer) {
        ByteSink built = loop.head();
        ResponseWriter.answer(current(), answer, ResponseWriter.Connection.DEFAULT, built);
        ResponseHead own = read(built);
        stream.write(new DefaultHttp3HeadersFrame(Http3Messages.headers(own)));
        int bodyLength = built.length() - own.end();
        if (bodyLength > 0) {
            ByteBuf text = loop.allocator().directBuffer(bodyLength).writeBytes(built.bytes(), own.end(), bodyLength);
            stream.write(new DefaultHttp3DataFrame(text));
        }
        loop.giveBack(own);
        finish();
    }

    private ResponseHead read(ByteSink built) {
        ResponseHead own = loop.borrowResponseHead();
        Http2Messages.fill(own, built.bytes(), built.length());
        Verdict verdict = own.read(Integer.MAX_VALUE, Integer.MAX_VALUE);
        if (verdict != Verdict.COMPLETE) {
            throw new IllegalStateException("our own head reads as " + verdict);
        }
        return own;
    }

    private void write(ByteSink built) {
        ResponseHead own = read(built);
        stream.write(new DefaultHttp3HeadersFrame(Http3Messages.headers(own)));
        loop.giveBack(own);
    }

    @Override
    public void interim(ResponseHead interim) {
        ByteSink built = loop.head();
        ResponseWriter.interim(interim, built);
        write(built);
        stream.flush();
    }

    @Override
    public void continueRequest() {
        // Only HTTP/1 clients wait for it by a timer of ours.
    }

    @Override
    public void responseHead(ResponseHead response, BodyFraming bodyFraming) {
        framing = bodyFraming;
        chunks.reset();
        ByteSink built = loop.head();
        ResponseWriter.write(current(), response, bodyFraming, ResponseWriter.Connection.DEFAULT, built);
        write(built);
    }

    @Override
    public void responseBody(ByteBuf piece) {
        if (framing != BodyFraming.CHUNKED) {
            stream.write(new DefaultHttp3DataFrame(piece));
            return;
        }
        try {
            for (int amount = chunks.nextData(piece); amount > 0; amount = chunks.nextData(piece)) {
                stream.write(new DefaultHttp3DataFrame(piece.readRetainedSlice(amount)));
                chunks.consumed(amount);
            }
        } finally {
            piece.release();
        }
    }

    @Override
    public void flush() {
        stream.flush();
    }

    @Override
    public void responseEnd() {
        String trailers = framing == BodyFraming.CHUNKED ? chunks.trailers() : "";
        if (!trailers.isEmpty()) {
            stream.write(new DefaultHttp3HeadersFrame(Http3Messages.trailerHeaders(trailers)));
        }
        finish();
    }

    private void finish() {
        Exchange ended = exchange;
        leave();
        if (ended != null) {
            ended.end();
        }
        boolean whole = body.isComplete();
        body.read(true); // the stream's end may still have to be read
        wire.end().addListener(written -> {
            if (stream.isActive() && (!whole || !written.isSuccess())) {
                // The rest of the request is of no interest, which may be said once the response is out (RFC 9114,
                // 4.1).
                stream.shutdownInput(Http3ErrorCode.H3_NO_ERROR.code());
                connection.cutOff();
                stream.close();
            }
        });
    }

    @Override
    public void abort() {
        Exchange ended = exchange;
        leave();
        if (ended != null) {
            ended.end();
        }
        cut(Http3ErrorCode.H3_INTERNAL_ERROR);
    }

    @Override
    public boolean isWritable() {
        return stream.isWritable();
    }

    @Override
    public void becomeTunnel() {
        abort(); // no upgrade is ever asked for on this side
    }

    // ---- the stream ----

    private void malformed(Http3ErrorCode error) {
        loop.metrics().add(Counter.MALFORMED_REQUESTS);
        reset(error);
    }

    private void reset(Http3ErrorCode error) {
        gone();
        cut(error);
    }

    private void cut(Http3ErrorCode error) {
        wire.drop();
        connection.cutOff();
        stream.shutdown(error.code());
        stream.close();
    }

    private void gone() {
        Exchange left = exchange;
        leave();
        if (left != null) {
            left.clientGone();
        }
    }

    private void leave() {
        exchange = null;
        head = null;
        done = true;
        headTimer.leave();
        probeTimer.leave();
        body.drop();
    }

    /** The client wants no more of the response; told in the middle of writing it. */
    private void refused() {
        loop.eventLoop().execute(() -> {
            if (!done) {
                reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
            } else if (stream.isActive()) {
                cut(Http3ErrorCode.H3_REQUEST_CANCELLED);
            }
        });
    }

    /** Asks whether the client still listens, and will again. */
    void probe() {
        if (exchange != null) {
            loop.silentStreams().join(probeTimer, System.nanoTime());
            wire.probe();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null && stream.isWritable()) {
            exchange.responseWanted(true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone();
        connection.closed(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (done) {
            return;
        }
        switch (cause) {
            case Http3HeadersValidationException _, IllegalArgumentException _ ->
                malformed(Http3ErrorCode.H3_MESSAGE_ERROR);
            case Http3Exception violation -> malformed(violation.errorCode());
            case QuicException _ -> reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
            case DecoderException _ -> {
                malformed(Http3ErrorCode.QPACK_DECOMPRESSION_FAILED);
                connection.fail(Http3ErrorCode.QPACK_DECOMPRESSION_FAILED); // streams decode with one another's help
            }
            default -> reset(Http3ErrorCode.H3_INTERNAL_ERROR);
        }
    }
}
