package org.cupola.blobstore;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the requests of a connection, one after the other, to threads that may block.
 *
 * <p>Confined to the event loop of its channel. Reading is by demand: of the body's reader, and of this handler between two
 * requests. What one read brought beyond the current request waits in a short backlog.
 */
final class ExchangeHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ExchangeHandler.class);
    private static final byte[] CONTINUE =
            "HTTP/1.1 100 Continue\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private final Service service;
    private final Executor threads;
    private final Deque<HttpObject> backlog = new ArrayDeque<>();
    private @Nullable BodyStream body;
    private boolean busy;
    private boolean bodyEnded;

    /** Answers one exchange; what it throws ends the connection. */
    interface Service {
        void serve(Exchange exchange) throws IOException;
    }

    ExchangeHandler(Service service, Executor threads) {
        this.service = service;
        this.threads = threads;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpObject object) {
            backlog.add(object);
        } else {
            ReferenceCountUtil.release(message);
        }
        work(ctx);
    }

    /** The codec asks again by itself for what was half a message. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!busy) {
            ctx.read();
        }
    }

    private void work(ChannelHandlerContext ctx) {
        while (!backlog.isEmpty()) {
            HttpObject next = backlog.peek();
            if (next instanceof HttpRequest request) {
                if (busy) {
                    return;
                }
                backlog.remove();
                begin(ctx, request);
            }
            if (next instanceof HttpContent content) {
                if (!(next instanceof HttpRequest)) {
                    backlog.remove();
                }
                take(content);
            }
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        if (!request.decoderResult().isSuccess()) {
            refuse(ctx, request.decoderResult().cause());
            return;
        }
        boolean expects = HttpUtil.is100ContinueExpected(request);
        var stream = new BodyStream(ctx.channel(), () -> {
            if (expects) {
                ctx.channel().eventLoop().execute(() -> sendContinue(ctx));
            }
        });
        body = stream;
        busy = true;
        bodyEnded = false;
        var exchange = new Exchange(ctx.channel(), request, stream);
        threads.execute(() -> {
            try {
                service.serve(exchange);
            } catch (IOException e) {
                log.atDebug().addKeyValue("target", request.uri()).setCause(e).log("exchange-broken");
                exchange.abort();
            } catch (RuntimeException e) {
                log.atError().addKeyValue("target", request.uri()).setCause(e).log("exchange-failed");
                exchange.abort();
            } finally {
                ctx.channel().eventLoop().execute(() -> done(ctx, stream));
            }
        });
    }

    /** Below the codec, which would take an interim response for the final one. */
    private static void sendContinue(ChannelHandlerContext ctx) {
        var codec = ctx.pipeline().context(io.netty.handler.codec.http.HttpServerCodec.class);
        if (codec != null) {
            codec.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE));
        }
    }

    private void take(HttpContent content) {
        BodyStream stream = body;
        if (stream == null || bodyEnded) {
            content.release();
            return;
        }
        if (!content.decoderResult().isSuccess()) {
            content.release();
            bodyEnded = true;
            stream.fail(new IOException("the body is malformed"));
            return;
        }
        if (content.content().isReadable()) {
            stream.offer(content.content());
        } else {
            content.release();
        }
        if (content instanceof LastHttpContent) {
            bodyEnded = true;
            stream.end();
        }
    }

    private void done(ChannelHandlerContext ctx, BodyStream finished) {
        finished.close();
        body = null;
        busy = false;
        if (ctx.channel().isActive()) {
            work(ctx);
            if (!busy) {
                ctx.read();
            }
        } else {
            dropBacklog();
        }
    }

    private static void refuse(ChannelHandlerContext ctx, Throwable cause) {
        HttpResponseStatus status = cause instanceof TooLongHttpHeaderException
                ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                : HttpResponseStatus.BAD_REQUEST;
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status);
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0).set(HttpHeaderNames.CONNECTION, "close");
        ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent && !busy) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        BodyStream stream = body;
        if (stream != null && !bodyEnded) {
            bodyEnded = true;
            stream.fail(new IOException("the client is gone"));
        }
        dropBacklog();
    }

    private void dropBacklog() {
        HttpObject left = backlog.poll();
        while (left != null) {
            ReferenceCountUtil.release(left);
            left = backlog.poll();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.atDebug().setCause(cause).log("connection-broken");
        ctx.close();
    }
}
