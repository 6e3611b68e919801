package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.util.Objects;
import org.cupola.gorouter.head.ChunkScanner;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.ResponseHead;
import org.cupola.gorouter.head.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a backend in HTTP/1.1: writes one request at a time and reads its response. Confined to its event loop.
 */
final class Http1Backend extends ChannelInboundHandlerAdapter implements BackendStream {
    // A head is copied in steps, so that of a large body that came with it little is copied in vain.
    private static final int HEAD_COPY_BYTES = 1024;

    private enum State {
        IDLE,
        HEAD,
        BODY,
        TUNNEL,
        CLOSED
    }

    private final Loop loop;
    private final BackendConnections home;
    private final DuplexChannel channel;
    private final TimeoutQueue.Node timer = new TimeoutQueue.Node(this::close);
    private final ChunkScanner chunks = new ChunkScanner();
    private State state = State.IDLE;
    private @Nullable Exchange exchange;
    private @Nullable ResponseHead head;
    private BodyFraming framing = BodyFraming.NONE;
    private long remaining;
    private boolean requestComplete;
    private boolean keepAlive;
    private boolean answered;

    Http1Backend(Loop loop, BackendConnections home, DuplexChannel channel) {
        this.loop = loop;
        this.home = home;
        this.channel = channel;
    }

    boolean isUsable() {
        return state == State.IDLE && channel.isActive();
    }

    /** Sends the exchange's request on this connection. */
    void begin(Exchange newExchange, boolean reused) {
        timer.leave();
        exchange = newExchange;
        state = State.HEAD;
        answered = false;
        RequestHead request = newExchange.request();
        requestComplete = !request.hasBody();
        newExchange.connected(this, reused);
        ByteSink built = loop.head();
        RequestWriter.write(newExchange, Objects.requireNonNull(newExchange.endpoint()), built);
        channel.write(loop.buffer(built, 0), channel.voidPromise());
        if (requestComplete) {
            channel.flush();
        } else {
            newExchange.client().resumeRequestBody(); // which flushes, with what there is of the body
        }
    }

    @Override
    public void requestBody(ByteBuf piece, boolean last) {
        requestComplete |= last;
        channel.write(piece, channel.voidPromise());
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void readable(boolean wanted) {
        if (channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
        }
    }

    @Override
    public void abort() {
        exchange = null;
        close();
    }

    @Override
    public String localAddress() {
        return Addresses.text(channel.localAddress());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            read(in);
        } finally {
            in.release();
        }
    }

    private void read(ByteBuf in) {
        while (in.isReadable()) {
            switch (state) {
                case HEAD -> readHead(in);
                case BODY -> readBody(in);
                case TUNNEL -> pass(in, in.readableBytes(), 0);
                case IDLE -> {
                    close(); // an answer that nobody asked for
                    return;
                }
                case CLOSED -> {
                    return;
                }
            }
        }
    }

    private Exchange current() {
        return Objects.requireNonNull(exchange, "a connection that is not idle serves an exchange");
    }

    private void readHead(ByteBuf in) {
        ResponseHead reading = head;
        if (reading == null) {
            reading = loop.borrowResponseHead();
            head = reading;
        }
        int before = reading.filled();
        int amount = Math.min(in.readableBytes(), HEAD_COPY_BYTES);
        in.getBytes(in.readerIndex(), reading.room(amount), before, amount);
        reading.added(amount);
        ProxySettings settings = loop.settings();
        int maxLines = settings.maxResponseHeaders() == 0 ? Integer.MAX_VALUE : settings.maxResponseHeaders();
        Verdict verdict = reading.read(settings.maxResponseHeaderBytes(), maxLines);
        if (verdict == Verdict.INCOMPLETE) {
            in.skipBytes(amount);
            return;
        }
        if (verdict != Verdict.COMPLETE) {
            fail(refusal(verdict));
            return;
        }
        answered = true;
        in.skipBytes(reading.end() - before);
        if (reading.status() < 200 && reading.status() != 101) {
            current().interim(reading);
            reading.clear();
            return;
        }
        if (reading.status() == 101 && !current().request().isUpgrade()) {
            fail(new Failure(FailureKind.OTHER, "backend switched protocols without being asked"));
            return;
        }
        startBody(reading);
        current().responseHead(reading, framing);
        dropHead();
        if (exchange != null && framing == BodyFraming.NONE && state == State.BODY) {
            finish(in.isReadable());
        }
    }

    private Failure refusal(Verdict verdict) {
        ProxySettings settings = loop.settings();
        return switch (verdict) {
            case TOO_LARGE ->
                new Failure(
                        FailureKind.HEADER_LIMITS,
                        "net/http: HTTP/1.x transport connection broken: net/http: server response headers exceeded "
                                + settings.maxResponseHeaderBytes() + " bytes; aborted");
            case TOO_MANY_HEADERS -> new Failure(FailureKind.HEADER_LIMITS, "Too many response headers");
            default ->
                new Failure(
                        FailureKind.OTHER, "net/http: HTTP/1.x transport connection broken: malformed HTTP response");
        };
    }

    private void startBody(ResponseHead response) {
        int status = response.status();
        keepAlive = response.isKeepAlive();
        if (status == 101) {
            state = State.TUNNEL;
            framing = BodyFraming.UNTIL_CLOSE;
            return;
        }
        state = State.BODY;
        if (current().request().methodIs("HEAD") || status == 204 || status == 304) {
            framing = BodyFraming.NONE;
        } else if (response.isChunked()) {
            framing = BodyFraming.CHUNKED;
            chunks.reset();
        } else if (response.contentLength() >= 0) {
            remaining = response.contentLength();
            framing = remaining == 0 ? BodyFraming.NONE : BodyFraming.LENGTH;
        } else {
            framing = BodyFraming.UNTIL_CLOSE;
            keepAlive = false;
        }
    }

    private void dropHead() {
        ResponseHead used = head;
        if (used != null) {
            head = null;
            loop.giveBack(used);
        }
    }

    private void readBody(ByteBuf in) {
        switch (framing) {
            case LENGTH -> {
                int amount = (int) Math.min(remaining, in.readableBytes());
                remaining -= amount;
                pass(in, amount, amount);
                if (remaining == 0 && exchange != null) {
                    finish(in.isReadable());
                }
            }
            case CHUNKED -> {
                long before = chunks.dataBytes();
                int amount = chunks.scan(in);
                if (chunks.isBroken()) {
                    fail(new Failure(FailureKind.OTHER, "malformed chunked encoding"));
                    return;
                }
                pass(in, amount, (int) (chunks.dataBytes() - before));
                if (chunks.isDone() && exchange != null) {
                    finish(in.isReadable());
                }
            }
            case UNTIL_CLOSE -> pass(in, in.readableBytes(), in.readableBytes());
            case NONE -> close();
        }
    }

    private void pass(ByteBuf in, int amount, int dataBytes) {
        Exchange taker = current();
        taker.responseBody(in.readRetainedSlice(amount), dataBytes);
        if (exchange == taker && !taker.client().isWritable()) {
            readable(false);
        }
    }

    /** The response is complete. */
    private void finish(boolean excess) {
        Exchange served = current();
        exchange = null;
        boolean reusable = keepAlive && requestComplete && !excess && RequestWriter.keepsAlive(served);
        if (reusable) {
            keep();
        } else {
            close();
        }
        served.responseEnd();
    }

    /** Keeps this connection for later requests. */
    void keep() {
        state = State.IDLE;
        readable(true);
        loop.idleBackends().join(timer, loop.recently());
        home.keep(this);
    }

    private void fail(Failure failure) {
        Exchange failing = exchange;
        exchange = null;
        close();
        if (failing != null) {
            failing.failed(failure);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (exchange != null && (state == State.BODY || state == State.TUNNEL)) {
            exchange.flushResponse();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null && channel.isWritable()) {
            exchange.client().resumeRequestBody();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        State was = state;
        state = State.CLOSED;
        timer.leave();
        if (was == State.IDLE) {
            home.forget(this);
        }
        boolean partial = head != null;
        dropHead();
        Exchange served = exchange;
        exchange = null;
        if (served == null) {
            return;
        }
        if (was == State.TUNNEL || (was == State.BODY && framing == BodyFraming.UNTIL_CLOSE)) {
            served.responseEnd();
        } else if (was == State.BODY || answered || partial) {
            served.failed(Failure.UNEXPECTED_EOF);
        } else {
            served.failed(served.request().isRepeatable() ? Failure.EOF_REPEATABLE : Failure.EOF);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (state == State.HEAD && Failure.isLateRejection(cause)) {
            fail(Failure.handshake(cause));
        } else if (cause instanceof IOException && state != State.BODY && state != State.TUNNEL) {
            boolean unanswered = head == null && !answered;
            Exchange failing = exchange;
            boolean repeatable = failing != null && failing.request().isRepeatable();
            fail(Failure.broken(home.backend(), cause, unanswered, repeatable));
        } else {
            fail(new Failure(FailureKind.OTHER, String.valueOf(cause.getMessage())));
        }
    }

    void close() {
        if (state != State.CLOSED) {
            boolean wasIdle = state == State.IDLE;
            state = State.CLOSED;
            timer.leave();
            dropHead();
            if (wasIdle) {
                home.forget(this);
            }
        }
        channel.close();
    }
}
