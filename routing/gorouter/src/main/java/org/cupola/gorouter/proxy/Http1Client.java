package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.ResponseHead;
import org.cupola.gorouter.head.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection in HTTP/1.0 or 1.1: reads one request at a time, and writes its response. Requests that come
 * before the response to the one before has gone out wait in the socket. Confined to its event loop.
 */
final class Http1Client extends ChannelInboundHandlerAdapter implements ClientStream {
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private enum State {
        /** Between requests. */
        IDLE,
        HEAD,
        BODY,
        /** The request is here as a whole, its response is not out yet. */
        RESPONSE,
        /** The response is out, the rest of the request's body is of no interest. */
        DISCARD,
        TUNNEL,
        CLOSING
    }

    private final Loop loop;
    private final Channel channel;
    private final boolean tls;
    private final ClientAddress remote;
    private final TimeoutQueue.Node timer = new TimeoutQueue.Node(this::idleTooLong);
    private final Http1Body body = new Http1Body();
    private final Http1Output output;
    private final ContinueTimer continueTimer;

    private State state = State.IDLE;
    private @Nullable ByteBuf pending;
    private @Nullable Exchange exchange;
    private boolean advancing;
    private boolean closeAfter;

    Http1Client(Loop loop, Channel channel, boolean tls, InetSocketAddress remote) {
        this.loop = loop;
        this.channel = channel;
        this.output = new Http1Output(loop, channel);
        this.continueTimer = new ContinueTimer(channel.eventLoop(), this::continueAnyway);
        this.tls = tls;
        this.remote = new ClientAddress(remote);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        loop.clientCame();
        loop.metrics().add(Counter.CONNECTIONS_ACCEPTED);
        loop.idleClients().join(timer, loop.recently());
    }

    @Override
    public ClientAddress remote() {
        return remote;
    }

    @Override
    public boolean isTls() {
        return tls;
    }

    @Override
    public @Nullable AltSvc altSvc() {
        return loop.altSvc(channel);
    }

    @Override
    public HttpVersion version() {
        return HttpVersion.HTTP_1;
    }

    @Override
    public String certificate() {
        return tls ? ClientCertificate.of(channel) : "";
    }

    // ---- the request ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        ByteBuf before = pending;
        pending = before == null ? in : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(channel.alloc(), before, in);
        advance();
    }

    private void advance() {
        if (advancing) {
            return;
        }
        advancing = true;
        try {
            while (step()) {
                // as long as there is something to read and someone to take it
            }
        } finally {
            advancing = false;
        }
        ByteBuf rest = pending;
        if (rest != null && !rest.isReadable()) {
            pending = null;
            rest.release();
        }
        if (state == State.BODY && exchange != null) {
            exchange.flushRequest();
        }
    }

    private boolean step() {
        ByteBuf in = pending;
        if (in == null || !in.isReadable()) {
            reading(wantsMore());
            return false;
        }
        return switch (state) {
            case IDLE -> startHead();
            case HEAD -> readHead(in);
            case BODY -> passBody(in);
            case DISCARD -> discardBody(in);
            case TUNNEL -> {
                takeAll(in);
                yield false;
            }
            case RESPONSE -> {
                reading(false); // the next request waits in the socket
                yield false;
            }
            case CLOSING -> {
                in.skipBytes(in.readableBytes());
                yield false;
            }
        };
    }

    private boolean wantsMore() {
        return switch (state) {
            case BODY, TUNNEL -> exchange != null && exchange.takesBody() && exchange.isBackendWritable();
            default -> true;
        };
    }

    private void reading(boolean wanted) {
        if (channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
        }
    }

    private boolean startHead() {
        state = State.HEAD;
        exchange = loop.borrowExchange(this);
        loop.clientHeads().join(timer, loop.recently());
        closeAfter = false;
        return true;
    }

    private Exchange current() {
        return Objects.requireNonNull(exchange, "a request that is being read has an exchange");
    }

    private boolean readHead(ByteBuf in) {
        RequestHead head = current().request();
        Verdict verdict = Http1HeadReader.read(in, head, loop.settings().maxRequestHeaderBytes());
        if (verdict == Verdict.INCOMPLETE) {
            return true;
        }
        if (verdict != Verdict.COMPLETE) {
            refuse(verdict);
            return false;
        }
        timer.leave();
        startBody(head);
        current().begin();
        return true;
    }

    private void startBody(RequestHead head) {
        closeAfter = !head.isKeepAlive();
        if (!head.hasBody()) {
            state = State.RESPONSE;
            return;
        }
        state = State.BODY;
        body.start(head);
        if (head.has(Names.EXPECT)) {
            continueTimer.start();
        }
    }

    private void continueAnyway() {
        if (state == State.BODY && exchange != null) {
            exchange.continueAnyway();
        }
    }

    private boolean passBody(ByteBuf in) {
        Exchange taker = current();
        if (!taker.takesBody()) {
            reading(false);
            return false;
        }
        int amount = body.scan(in);
        int data = body.data();
        boolean last = body.isDone();
        if (body.isBroken()) {
            malformedBody();
            return false;
        }
        if (last) {
            state = State.RESPONSE;
            continueTimer.stop();
        }
        taker.requestBody(take(in, amount), data, last);
        if (last) {
            taker.flushRequest();
        } else if (!taker.isBackendWritable()) {
            reading(false);
        }
        return true;
    }

    /** The bytes as a buffer of their own; the buffer itself when they are all it has. */
    private ByteBuf take(ByteBuf in, int amount) {
        if (amount == in.readableBytes()) {
            pending = null;
            return in;
        }
        return in.readRetainedSlice(amount);
    }

    private void takeAll(ByteBuf in) {
        pending = null;
        Exchange taker = current();
        taker.requestBody(in, 0, false);
        taker.flushRequest();
        if (!taker.isBackendWritable()) {
            reading(false);
        }
    }

    private void malformedBody() {
        loop.metrics().add(Counter.MALFORMED_REQUESTS);
        Exchange gone = current();
        boolean silent = !gone.isWaiting();
        state = State.CLOSING;
        exchange = null;
        gone.clientGone();
        if (silent) {
            channel.close();
        } else {
            writeAndClose(Refusals.of(Verdict.MALFORMED));
        }
    }

    private boolean discardBody(ByteBuf in) {
        if (!body.discard(in)) {
            state = State.CLOSING;
            channel.close();
            return false;
        }
        if (body.isDone()) {
            becomeIdle();
        }
        return true;
    }

    /** Refuses what cannot be understood, before it is a request that could be logged. */
    private void refuse(Verdict verdict) {
        loop.metrics().add(Counter.MALFORMED_REQUESTS);
        state = State.CLOSING;
        Exchange unused = current();
        exchange = null;
        unused.end();
        writeAndClose(Refusals.of(verdict));
    }

    private void writeAndClose(String bytes) {
        timer.leave();
        dropPending();
        channel.writeAndFlush(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1))
                .addListener(ChannelFutureListener.CLOSE);
    }

    // ---- the response ----

    @Override
    public void answer(Answer answer) {
        Exchange answered = current();
        closeAfter |= answer.status() == 413; // more of it may come than anybody wants to read
        ByteSink built = loop.head();
        ResponseWriter.answer(answered, answer, connection(answered, true), built);
        output.whole(built);
        finishResponse();
    }

    /** What to say of the connection, after deciding what becomes of it. */
    private ResponseWriter.Connection connection(Exchange served, boolean bounded) {
        // After a final answer a client that waited to be told to go on may send its body, or its next request: nobody
        // could tell which.
        boolean ambiguous = state == State.BODY && served.request().has(Names.EXPECT);
        closeAfter |= !bounded || ambiguous || loop.isDraining();
        if (closeAfter) {
            return served.request().minorVersion() == 0
                    ? ResponseWriter.Connection.DEFAULT
                    : ResponseWriter.Connection.CLOSE;
        }
        return served.request().minorVersion() == 0
                ? ResponseWriter.Connection.KEEP_ALIVE
                : ResponseWriter.Connection.DEFAULT;
    }

    @Override
    public void interim(ResponseHead head) {
        if (current().request().minorVersion() == 1) {
            ByteSink built = loop.head();
            ResponseWriter.interim(head, built);
            channel.writeAndFlush(loop.buffer(built, 0), channel.voidPromise());
        }
    }

    @Override
    public void continueRequest() {
        channel.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE), channel.voidPromise());
    }

    @Override
    public void responseHead(ResponseHead head, BodyFraming framing) {
        Exchange served = current();
        continueTimer.stop();
        BodyFraming shown = output.choose(framing, served.request().minorVersion() == 0, head.status());
        boolean bounded = shown != BodyFraming.UNTIL_CLOSE || head.status() == 101;
        ByteSink built = loop.head();
        ResponseWriter.write(served, head, shown, connection(served, bounded), built);
        output.head(built, framing, head);
    }

    @Override
    public void responseBody(ByteBuf piece) {
        output.body(piece);
    }

    @Override
    public void flush() {
        output.flush();
    }

    @Override
    public void responseEnd() {
        if (state == State.TUNNEL) {
            closeAfter = true;
        } else {
            output.end();
        }
        finishResponse();
    }

    private void finishResponse() {
        continueTimer.stop();
        Exchange done = exchange;
        exchange = null;
        if (done != null) {
            done.end();
        }
        boolean wholeRequest = state == State.RESPONSE;
        if (closeAfter || loop.isDraining()) {
            closeAfterFlush(wholeRequest || state == State.TUNNEL);
            return;
        }
        flush();
        if (wholeRequest) {
            becomeIdle();
        } else {
            state = State.DISCARD;
        }
        if (!advancing) {
            advance();
        }
    }

    private void closeAfterFlush(boolean wholeRequest) {
        state = State.CLOSING;
        dropPending();
        ByteBuf last = output.takeGathered();
        if (wholeRequest) {
            channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
        } else {
            // Closing with unread bytes would reset the connection and might cost the client the response.
            reading(true);
            channel.writeAndFlush(last)
                    .addListener(_ -> channel.eventLoop().schedule(() -> channel.close(), 500, TimeUnit.MILLISECONDS));
        }
    }

    private void becomeIdle() {
        state = State.IDLE;
        loop.idleClients().join(timer, loop.recently());
        reading(true);
    }

    @Override
    public void abort() {
        output.drop();
        Exchange done = exchange;
        exchange = null;
        state = State.CLOSING;
        if (done != null) {
            done.end();
        }
        dropPending();
        channel.close();
    }

    @Override
    public void resumeRequestBody() {
        if (state == State.BODY || state == State.TUNNEL) {
            reading(true);
            advance();
        }
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void becomeTunnel() {
        flush();
        state = State.TUNNEL;
        reading(true);
        advance();
    }

    // ---- the connection ----

    private void idleTooLong() {
        state = State.CLOSING;
        Exchange unused = exchange;
        exchange = null;
        if (unused != null) {
            unused.end();
        }
        channel.close();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null && channel.isWritable()) {
            exchange.responseWanted(true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        state = State.CLOSING;
        loop.clientWent();
        timer.leave();
        continueTimer.stop();
        output.drop();
        dropPending();
        Exchange gone = exchange;
        exchange = null;
        if (gone != null) {
            gone.clientGone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        channel.close();
    }

    private void dropPending() {
        ByteBuf rest = pending;
        if (rest != null) {
            pending = null;
            rest.release();
        }
    }
}
