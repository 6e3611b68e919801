package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import org.cupola.gorouter.head.ChunkScanner;
import org.cupola.gorouter.head.ResponseHead;
import org.cupola.gorouter.head.Verdict;
import org.jspecify.annotations.Nullable;

/** One stream of a client's HTTP/2 connection: one request and its response. Confined to its event loop. */
final class Http2Client extends ChannelInboundHandlerAdapter implements ClientStream {
    private static final int HEAD_ROOM_BYTES = 4096;

    private final Loop loop;
    private final Channel stream;
    private final Http2Connection connection;
    private final ChunkScanner chunks = new ChunkScanner();
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(2);
    private @Nullable Exchange exchange;
    private @Nullable ByteBuf lastChunk;
    private boolean requestComplete;
    private boolean requestPassed;
    private long declared = -1;
    private long received;
    private BodyFraming framing = BodyFraming.NONE;
    private boolean done;

    Http2Client(Loop loop, Channel stream, Http2Connection connection) {
        this.loop = loop;
        this.stream = stream;
        this.connection = connection;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return connection.remote();
    }

    @Override
    public byte[] remoteIp() {
        return connection.remoteIp();
    }

    @Override
    public boolean isTls() {
        return true;
    }

    @Override
    public boolean isHttp2() {
        return true;
    }

    @Override
    public @Nullable AltSvc altSvc() {
        return loop.altSvc(connection.channel());
    }

    @Override
    public String certificate() {
        return ClientCertificate.of(connection.channel());
    }

    // ---- the request ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Http2HeadersFrame headers when exchange == null && !done -> begin(headers);
            case Http2HeadersFrame trailers -> trailers(trailers);
            case Http2DataFrame data -> data(data);
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void begin(Http2HeadersFrame frame) {
        Exchange started = loop.borrowExchange(this);
        String text = Http2Messages.request(frame.headers(), !frame.isEndStream());
        if (text == null) {
            started.end();
            reset(Http2Error.PROTOCOL_ERROR);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        Http2Messages.fill(started.request(), bytes, bytes.length);
        Verdict verdict = started.request().read(loop.settings().maxRequestHeaderBytes() + HEAD_ROOM_BYTES);
        declared = started.request().contentLength();
        if (verdict != Verdict.COMPLETE || (frame.isEndStream() && declared > 0)) {
            started.end();
            loop.metrics().add(Counter.MALFORMED_REQUESTS);
            reset(Http2Error.PROTOCOL_ERROR);
            return;
        }
        exchange = started;
        requestComplete = frame.isEndStream();
        requestPassed = requestComplete;
        started.begin();
    }

    private void data(Http2DataFrame frame) {
        Exchange taker = exchange;
        if (taker == null) {
            frame.release();
            return;
        }
        ByteBuf content = frame.content();
        received += content.readableBytes();
        if (declared >= 0 && (received > declared || (frame.isEndStream() && received < declared))) {
            frame.release();
            reset(Http2Error.PROTOCOL_ERROR); // the length must be what was said (RFC 9113, 8.1.1)
            return;
        }
        waiting.add(content);
        if (frame.isEndStream()) {
            end("");
        } else {
            pass();
        }
    }

    /** A second block of headers ends the request and has no pseudo-headers (RFC 9113, 8.1 and 8.3). */
    private void trailers(Http2HeadersFrame trailers) {
        if (done) {
            return;
        }
        String lines = trailers.isEndStream() ? Http2Messages.trailers(trailers.headers()) : null;
        if (lines == null) {
            loop.metrics().add(Counter.MALFORMED_REQUESTS);
            reset(Http2Error.PROTOCOL_ERROR);
        } else {
            end(lines);
        }
    }

    private void end(String trailers) {
        requestComplete = true;
        if (declared < 0 && exchange != null && exchange.request().isChunked()) {
            lastChunk = Http2Messages.lastChunk(loop.allocator(), trailers);
        }
        pass();
    }

    private void pass() {
        Exchange taker = exchange;
        if (taker == null || requestPassed) {
            return;
        }
        if (!taker.takesBody()) {
            stream.config().setAutoRead(false);
            return;
        }
        boolean chunked = taker.request().isChunked();
        for (ByteBuf piece = waiting.poll(); piece != null && exchange != null; piece = waiting.poll()) {
            int data = piece.readableBytes();
            boolean last = requestComplete && waiting.isEmpty() && lastChunk == null;
            requestPassed |= last;
            taker.requestBody(chunked ? Http2Messages.chunk(loop.allocator(), piece) : piece, data, last);
        }
        ByteBuf end = lastChunk;
        if (end != null && exchange != null && !requestPassed) {
            lastChunk = null;
            requestPassed = true;
            taker.requestBody(end, 0, true);
        } else if (requestComplete && !requestPassed && exchange != null) {
            requestPassed = true;
            taker.requestBody(Unpooled.EMPTY_BUFFER, 0, true);
        }
        if (exchange != null) {
            taker.flushRequest();
            stream.config().setAutoRead(taker.isBackendWritable());
        }
    }

    @Override
    public void resumeRequestBody() {
        stream.config().setAutoRead(true);
        pass();
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
        ChannelFuture last = stream.write(new DefaultHttp2HeadersFrame(Http2Messages.headers(head), bodyLength == 0));
        if (bodyLength > 0) {
            ByteBuf body = loop.allocator().buffer(bodyLength).writeBytes(built.bytes(), head.end(), bodyLength);
            last = stream.write(new DefaultHttp2DataFrame(body, true));
        }
        loop.giveBack(head);
        finish(last);
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

    @Override
    public void interim(ResponseHead head) {
        ByteSink built = loop.head();
        ResponseWriter.interim(head, built);
        ResponseHead own = read(built);
        stream.writeAndFlush(new DefaultHttp2HeadersFrame(Http2Messages.headers(own), false));
        loop.giveBack(own);
    }

    @Override
    public void continueRequest() {
        // Only HTTP/1 clients wait for it by a timer of ours.
    }

    @Override
    public void responseHead(ResponseHead head, BodyFraming bodyFraming) {
        framing = bodyFraming;
        chunks.reset();
        ByteSink built = loop.head();
        ResponseWriter.write(current(), head, bodyFraming, ResponseWriter.Connection.DEFAULT, built);
        ResponseHead own = read(built);
        stream.write(new DefaultHttp2HeadersFrame(Http2Messages.headers(own), bodyFraming == BodyFraming.NONE));
        loop.giveBack(own);
    }

    @Override
    public void responseBody(ByteBuf piece) {
        if (framing != BodyFraming.CHUNKED) {
            stream.write(new DefaultHttp2DataFrame(piece, false));
            return;
        }
        try {
            for (int amount = chunks.nextData(piece); amount > 0; amount = chunks.nextData(piece)) {
                stream.write(new DefaultHttp2DataFrame(piece.readRetainedSlice(amount), false));
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
        ChannelFuture last = stream.newSucceededFuture();
        if (!trailers.isEmpty()) {
            last = stream.write(new DefaultHttp2HeadersFrame(Http2Messages.trailerHeaders(trailers), true));
        } else if (framing != BodyFraming.NONE) {
            last = stream.write(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
        }
        finish(last);
    }

    /** @param last what the response ends with */
    private void finish(ChannelFuture last) {
        Exchange ended = exchange;
        exchange = null;
        done = true;
        dropWaiting();
        if (ended != null) {
            ended.end();
        }
        stream.flush();
        if (!requestComplete) {
            // The rest of the request is of no interest (RFC 9113, 8.1), which may be said once the response is out: a
            // reset drops what still waits for the client's window.
            last.addListener(_ -> stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)));
        }
    }

    @Override
    public void abort() {
        Exchange ended = exchange;
        exchange = null;
        done = true;
        dropWaiting();
        if (ended != null) {
            ended.end();
        }
        stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
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

    private void reset(Http2Error error) {
        gone();
        stream.writeAndFlush(new DefaultHttp2ResetFrame(error));
    }

    private void gone() {
        Exchange left = exchange;
        exchange = null;
        done = true;
        dropWaiting();
        if (left != null) {
            left.clientGone();
        }
    }

    private void dropWaiting() {
        for (ByteBuf piece = waiting.poll(); piece != null; piece = waiting.poll()) {
            piece.release();
        }
        ByteBuf end = lastChunk;
        if (end != null) {
            lastChunk = null;
            end.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null && stream.isWritable()) {
            exchange.responseWanted(true);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame) {
            gone();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
            reset(Http2Error.INTERNAL_ERROR);
        } else {
            gone(); // the codec ends the stream with the right error code once it has told us
        }
    }
}
