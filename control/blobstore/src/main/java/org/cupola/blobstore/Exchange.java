package org.cupola.blobstore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One request and its response, as blocking code sees it. Confined to the thread that serves it. */
final class Exchange {
    private static final int CHUNK_BYTES = 64 * 1024;
    private static final int REGION_BYTES = 1024 * 1024;
    private static final long PATIENCE_SECONDS = 60;
    private static final long DRAIN_BYTES = 1024 * 1024;
    private final Channel channel;
    private final HttpRequest request;
    private final BodyStream body;
    private int status;

    Exchange(Channel channel, HttpRequest request, BodyStream body) {
        this.channel = channel;
        this.request = request;
        this.body = body;
    }

    String method() {
        return request.method().name();
    }

    /** As sent. */
    String target() {
        return request.uri();
    }

    /** Empty when absent. */
    String header(CharSequence name) {
        String value = request.headers().get(name);
        return value == null ? "" : value;
    }

    InetSocketAddress peer() {
        return (InetSocketAddress) channel.remoteAddress();
    }

    BodyStream body() {
        return body;
    }

    boolean hasBody() {
        return HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0;
    }

    /** Of the body; -1 when it is not known before. */
    long contentLength() {
        return HttpUtil.isTransferEncodingChunked(request) ? -1 : HttpUtil.getContentLength(request, 0L);
    }

    /** Of the response; 0 before it. */
    int status() {
        return status;
    }

    void respond(int code, Map<String, String> headers, String text) throws IOException {
        ByteBuf content = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code), content);
        if (code != 204 && code != 304) {
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        }
        begin(response, code, headers);
        await(channel.writeAndFlush(response));
        finish(response);
    }

    /** Headers that speak of a content which is not sent: the answer to {@code HEAD}. */
    void respondHead(int code, Map<String, String> headers, long length) throws IOException {
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code));
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
        begin(response, code, headers);
        await(channel.writeAndFlush(response));
        finish(response);
    }

    /** A part of a file; stays the caller's to close. Without TLS the kernel copies it. */
    void respondFile(int code, Map<String, String> headers, FileChannel file, long offset, long length)
            throws IOException {
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code));
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
        begin(response, code, headers);
        channel.write(response);
        boolean encrypted = channel.pipeline().get(SslHandler.class) != null;
        long position = offset;
        long end = offset + length;
        while (position < end) {
            long count = Math.min(encrypted ? CHUNK_BYTES : REGION_BYTES, end - position);
            await(channel.writeAndFlush(
                    encrypted ? chunk(file, position, (int) count) : region(file, position, count)));
            position += count;
        }
        await(channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
        finish(response);
    }

    private static DefaultFileRegion region(FileChannel file, long position, long count) {
        var region = new DefaultFileRegion(file, position, count);
        region.retain(); // its last release would close the file, which is the caller's
        return region;
    }

    private ByteBuf chunk(FileChannel file, long position, int count) throws IOException {
        ByteBuf chunk = channel.alloc().buffer(count);
        try {
            ByteBuffer target = chunk.nioBuffer(0, count);
            while (target.hasRemaining()) {
                if (file.read(target, position + target.position()) < 0) {
                    throw new IOException("the file ended before its length");
                }
            }
            return chunk.writerIndex(count);
        } catch (IOException | RuntimeException e) {
            chunk.release();
            throw e;
        }
    }

    private void begin(HttpResponse response, int code, Map<String, String> headers) {
        status = code;
        headers.forEach((name, value) -> response.headers().set(name, value));
        boolean unread = !body.ended();
        HttpUtil.setKeepAlive(response, HttpUtil.isKeepAlive(request) && !(unread && hasBody()));
        if (unread && hasBody() && HttpUtil.is100ContinueExpected(request)) {
            response.headers().set(HttpHeaderNames.CONNECTION, "close"); // the body was never asked for
        }
    }

    /** A client that is still sending reads our answer only if we go on listening for a while. */
    private void finish(HttpResponse response) {
        boolean keepAlive = HttpUtil.isKeepAlive(response) && (body.ended() || body.drained(DRAIN_BYTES));
        if (!keepAlive) {
            boolean expected = HttpUtil.is100ContinueExpected(request);
            if (!expected && !body.ended()) {
                body.drained(DRAIN_BYTES);
            }
            channel.close();
        }
    }

    private static void await(ChannelFuture sent) throws IOException {
        try {
            if (!sent.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                sent.channel().close();
                throw new IOException("the client took nothing for " + PATIENCE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        if (!sent.isSuccess()) {
            throw new IOException("the client is gone", sent.cause());
        }
    }

    void abort() {
        channel.close();
    }
}
