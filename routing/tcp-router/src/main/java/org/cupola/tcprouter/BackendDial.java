package org.cupola.tcprouter;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for a backend that takes a client's connection: each in turn without a pause, then, while there is time, all again
 * after a second. A backend whose TLS does not come about counts as one that does not answer: the client's bytes are still
 * with us, so trying the next is safe.
 *
 * <p>Confined to the client's event loop; used once.
 */
final class BackendDial {
    private static final Logger log = LoggerFactory.getLogger(BackendDial.class);
    private static final int ROUNDS = 4;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** While others are left to try, one that does not even refuse is not waited for longer. */
    private static final Duration IMPATIENT_TIMEOUT = Duration.ofSeconds(5);

    private final Context context;
    private final PortListener port;
    private final EventLoop loop;
    private final List<Backend> order;
    private final Supplier<ByteBuf> preface;
    private final Listener listener;
    private final long deadlineNanos;
    private int next;
    private int round = 1;

    /** Told once, unless it says that the client is gone. */
    interface Listener {
        /** Looked at before each attempt. */
        boolean clientIsGone();

        /** The backend counts as used by this connection. */
        void connected(Backend backend, Channel channel);

        void failed(Throwable lastReason);
    }

    /** @param preface sent to a backend before anything else, TLS included */
    BackendDial(
            Context context,
            PortListener port,
            EventLoop loop,
            List<Backend> order,
            Supplier<ByteBuf> preface,
            Listener listener) {
        this.context = context;
        this.port = port;
        this.loop = loop;
        this.order = order;
        this.preface = preface;
        this.listener = listener;
        this.deadlineNanos =
                Context.nanos(loop) + context.settings().connectTimeout().toNanos() * ROUNDS;
    }

    void start() {
        tryNext(null);
    }

    private void tryNext(@Nullable Throwable lastReason) {
        if (listener.clientIsGone()) {
            return;
        }
        if (next < order.size()) {
            attempt(order.get(next++));
        } else if (order.isEmpty() || round == ROUNDS || Context.nanos(loop) - deadlineNanos >= -PAUSE.toNanos()) {
            listener.failed(
                    lastReason != null
                            ? lastReason
                            : new ConnectException("the route has no backend that can be used"));
        } else {
            round++;
            next = 0;
            loop.schedule(() -> tryNext(lastReason), PAUSE.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void attempt(Backend backend) {
        long began = Context.nanos(loop);
        Duration timeout = timeout();
        backend.opened();
        context.connector().connect(loop, backend.address(), timeout).addListener((Future<Channel> connected) -> {
            if (!connected.isSuccess()) {
                failed(backend, null, connected.cause());
                return;
            }
            Channel channel = connected.getNow();
            ByteBuf first = preface.get();
            if (first.isReadable()) {
                channel.writeAndFlush(first, channel.voidPromise());
            } else {
                first.release();
            }
            BackendTls tls = context.tls().backend();
            if (backend.key().tls() && tls != null) {
                tls.handshake(channel, backend.key(), timeout.toMillis())
                        .addListener(done -> finish(backend, channel, began, done.cause()));
            } else {
                finish(backend, channel, began, null);
            }
        });
    }

    private Duration timeout() {
        Duration longest = context.settings().connectTimeout();
        boolean last = next == order.size();
        return last || longest.compareTo(IMPATIENT_TIMEOUT) < 0 ? longest : IMPATIENT_TIMEOUT;
    }

    private void finish(Backend backend, Channel channel, long began, @Nullable Throwable problem) {
        if (problem != null) {
            failed(backend, channel, problem);
            return;
        }
        if (listener.clientIsGone()) {
            channel.close();
            backend.closed();
            return;
        }
        backend.succeeded();
        port.counters().connects.increment();
        port.counters().connectNanos.add(Context.nanos(loop) - began);
        listener.connected(backend, channel);
    }

    private void failed(Backend backend, @Nullable Channel channel, Throwable reason) {
        if (channel != null) {
            channel.close();
        }
        backend.closed();
        backend.failed(Context.nanos(loop));
        port.counters().connectErrors.increment();
        log.atDebug()
                .addKeyValue("port", port.port())
                .addKeyValue("backend", backend.address())
                .addKeyValue("error", reason.toString())
                .log("backend-connect-failed");
        tryNext(reason);
    }
}
