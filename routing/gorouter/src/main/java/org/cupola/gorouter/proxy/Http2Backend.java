package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.cupola.gorouter.head.ChunkScanner;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.ResponseHead;
import org.cupola.gorouter.head.Verdict;
import org.jspecify.annotations.Nullable;

/** One stream of an HTTP/2 connection to a backend: one request and its response. Confined to its event loop. */
final class Http2Backend extends ChannelInboundHandlerAdapter implements BackendStream {
    private final Loop loop;
    private final Channel stream;
    private final ChunkScanner requestChunks = new ChunkScanner();
    private @Nullable Exchange exchange;
    private boolean requestChunked;
    private BodyFraming framing = BodyFraming.NONE;
    private boolean headSeen;

    Http2Backend(Loop loop, Channel stream) {
        this.loop = loop;
        this.stream = stream;
    }

    /** Sends the exchange's request on this stream. */
    void begin(Exchange newExchange, boolean reused) {
        exchange = newExchange;
        requestChunked = newExchange.request().isChunked();
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
        stream.write(new DefaultHttp2HeadersFrame(Http2Messages.headers(head, true), !hasBody));
        if (hasBody) {
            newExchange.client().resumeRequestBody();
        } else {
            stream.flush();
        }
    }

    @Override
    public void requestBody(ByteBuf piece, boolean last) {
        if (!requestChunked) {
            stream.write(new DefaultHttp2DataFrame(piece, last));
            return;
        }
        try {
            for (int amount = requestChunks.nextData(piece); amount > 0; amount = requestChunks.nextData(piece)) {
                stream.write(new DefaultHttp2DataFrame(piece.readRetainedSlice(amount), false));
                requestChunks.consumed(amount);
            }
        } finally {
            piece.release();
        }
        if (!last) {
            return;
        }
        String trailers = requestChunks.trailers();
        if (trailers.isEmpty()) {
            stream.write(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
        } else {
            stream.write(new DefaultHttp2HeadersFrame(Http2Messages.trailerHeaders(trailers), true));
        }
    }

    @Override
    public void flush() {
        stream.flush();
    }

    @Override
    public boolean isWritable() {
        return stream.isWritable();
    }

    @Override
    public void readable(boolean wanted) {
        stream.config().setAutoRead(wanted);
    }

    @Override
    public void abort() {
        exchange = null;
        stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
    }

    @Override
    public String localAddress() {
        return Addresses.text(stream.parent().localAddress());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Http2HeadersFrame headers
            when exchange != null -> {
                if (headSeen) {
                    trailers(headers);
                } else {
                    head(headers);
                }
            }
            case Http2DataFrame data when exchange != null -> data(data);
            default -> ReferenceCountUtil.release(message);
        }
    }

    private Exchange current() {
        return Objects.requireNonNull(exchange, "a stream that is read serves an exchange");
    }

    private void head(Http2HeadersFrame frame) {
        Exchange served = current();
        boolean needsLength = !served.client().isHttp2() && !served.request().methodIs("HEAD");
        String text = Http2Messages.response(frame.headers(), !frame.isEndStream(), needsLength);
        ResponseHead head = loop.borrowResponseHead();
        byte[] bytes = (text == null ? "" : text).getBytes(StandardCharsets.ISO_8859_1);
        Http2Messages.fill(head, bytes, bytes.length);
        Verdict verdict = head.read(loop.settings().maxResponseHeaderBytes(), Integer.MAX_VALUE);
        if (verdict != Verdict.COMPLETE || head.status() == 101) {
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
        framing = frame.isEndStream() ? BodyFraming.NONE : head.isChunked() ? BodyFraming.CHUNKED : BodyFraming.LENGTH;
        served.responseHead(head, framing);
        loop.giveBack(head);
        if (frame.isEndStream() && exchange != null) {
            exchange = null;
            served.responseEnd();
        }
    }

    private void data(Http2DataFrame frame) {
        Exchange served = current();
        ByteBuf content = frame.content();
        int amount = content.readableBytes();
        boolean last = frame.isEndStream();
        if (amount == 0) {
            content.release();
        } else {
            served.responseBody(
                    framing == BodyFraming.CHUNKED ? Http2Messages.chunk(loop.allocator(), content) : content, amount);
        }
        if (last && exchange != null) {
            end("");
        } else if (exchange != null && !served.client().isWritable()) {
            readable(false);
        }
    }

    private void trailers(Http2HeadersFrame frame) {
        String lines = frame.isEndStream() ? Http2Messages.trailers(frame.headers()) : null;
        if (lines == null) {
            fail(new Failure(FailureKind.OTHER, "malformed HTTP trailers"));
        } else {
            end(lines);
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
        stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
        if (failing != null) {
            failing.failed(failure);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (exchange != null && headSeen) {
            exchange.flushResponse();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null && stream.isWritable()) {
            exchange.client().resumeRequestBody();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame reset) {
            Exchange failing = exchange;
            exchange = null;
            if (failing != null) {
                boolean refused = reset.errorCode() == Http2Error.REFUSED_STREAM.code();
                failing.failed(new Failure(
                        refused ? FailureKind.INCOMPLETE_REQUEST : FailureKind.OTHER,
                        "stream error: " + Http2Error.valueOf(reset.errorCode())));
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Exchange failing = exchange;
        exchange = null;
        if (failing != null) {
            failing.failed(
                    headSeen
                            ? Failure.UNEXPECTED_EOF
                            : failing.request().isRepeatable() ? Failure.EOF_REPEATABLE : Failure.EOF);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(new Failure(FailureKind.OTHER, String.valueOf(cause.getMessage())));
    }
}
