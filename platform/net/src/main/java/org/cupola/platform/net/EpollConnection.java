package org.cupola.platform.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannelUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection on an event loop of Netty's epoll transport, for less system calls than Netty's own channel takes.
 *
 * <p>The socket is put into epoll once, edge-triggered, and leaves it by being closed. What epoll has told is remembered:
 * that there is {@link #input} while nobody wants it, and that output is {@link #writeBlocked} until told
 * otherwise. So switching reading off and on, and waiting to write, cost no system call. A short read or write means that
 * there is no more for now, as epoll(7) has it; what comes later is a new edge.
 *
 * <p>Confined to its event loop as any channel; connect makes the socket, whose family depends on the address.
 */
final class EpollConnection extends EpollChannel implements DuplexChannel {
    private static final EpollIoOps INPUT =
            EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLRDHUP).with(EpollIoOps.EPOLLET);
    private static final EpollIoOps ALL = INPUT.with(EpollIoOps.EPOLLOUT);
    private static final int BROKEN = EpollIoOps.EPOLLERR.value();
    private static final int END = BROKEN | EpollIoOps.EPOLLRDHUP.value();
    private static final int READABLE = END | EpollIoOps.EPOLLIN.value();
    private static final int WRITABLE = BROKEN | EpollIoOps.EPOLLOUT.value();

    private final EpollConnectionConfig config;
    private final EpollInput input = new EpollInput(this);
    private volatile @Nullable EpollSocket socket;
    private volatile @Nullable InetSocketAddress remote;
    private volatile boolean open = true;
    private volatile boolean active;
    private volatile boolean outputEnded;
    private @Nullable Attempt attempt;
    private boolean watchesOutput;
    private boolean writeBlocked;

    /** A connect under way. */
    private record Attempt(
            InetSocketAddress to,
            ChannelPromise promise,
            @Nullable Future<?> timer) {
        void stopTimer() {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }

    /** To be connected, which epoll is to tell. */
    EpollConnection() {
        super(null);
        this.watchesOutput = true;
        this.config = new EpollConnectionConfig(this);
    }

    /** One that was accepted; epoll need not say that it can be written to, which goes without saying. */
    EpollConnection(EpollListener listener, EpollSocket accepted, InetSocketAddress remote) {
        super(listener);
        this.config = new EpollConnectionConfig(this);
        this.socket = accepted;
        this.remote = remote;
        this.active = true;
    }

    @Nullable
    EpollSocket socket() {
        return socket;
    }

    private EpollSocket connected() throws ClosedChannelException {
        EpollSocket now = socket;
        if (now == null) {
            throw new ClosedChannelException();
        }
        return now;
    }

    @Override
    public EpollConnectionConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        EpollSocket now = socket;
        return now == null ? null : now.localAddress();
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remote;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new Handle();
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        try {
            if (socket != null) {
                watch();
            }
            promise.setSuccess();
        } catch (IOException | RuntimeException e) {
            promise.setFailure(e);
        }
    }

    private void watch() throws IOException {
        register();
        watch(watchesOutput ? ALL : INPUT);
    }

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException("to be given with the address to connect to");
    }

    @Override
    protected void doClose() throws IOException {
        open = false;
        active = false;
        input.end();
        outputEnded = true;
        Attempt pending = attempt;
        if (pending != null) {
            attempt = null;
            pending.stopTimer();
            pending.promise.tryFailure(new ClosedChannelException());
        }
        try {
            EpollSocket now = socket;
            if (now != null) {
                now.close();
            }
        } finally {
            doDeregister(); // after the close, which has told epoll
        }
    }

    @Override
    protected void doBeginRead() {
        input.want();
    }

    void autoReadCleared() {
        if (!isRegistered() || eventLoop().inEventLoop()) {
            input.wantNoMore();
        } else {
            eventLoop().execute(() -> {
                if (!config.isAutoRead()) {
                    input.wantNoMore();
                }
            });
        }
    }

    /** Lets others have their turn; once moved to another loop, where epoll tells all anew, nothing is done. */
    void later(Runnable action) {
        eventLoop().execute(() -> {
            if (isRegistered() && eventLoop().inEventLoop()) {
                action.run();
            } else {
                input.moved();
            }
        });
    }

    void closeNow() {
        unsafe().close(voidPromise());
    }

    @Override
    protected Object filterOutboundMessage(Object message) throws IOException {
        if (outputEnded) {
            throw new ChannelOutputShutdownException("the output has ended");
        }
        if (!(message instanceof ByteBuf buffer)) {
            throw new UnsupportedOperationException(message.getClass().getName() + " (expected: ByteBuf)");
        }
        if (!UnixChannelUtil.isBufferCopyNeededForWrite(buffer)) {
            return buffer;
        }
        ByteBuf direct = alloc().directBuffer(buffer.readableBytes());
        direct.writeBytes(buffer, buffer.readerIndex(), buffer.readableBytes());
        ReferenceCountUtil.release(buffer);
        return direct;
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer messages) throws IOException {
        EpollSocket to = connected();
        for (int calls = config.getWriteSpinCount(); calls > 0; calls--) {
            if (messages.isEmpty()) {
                return;
            }
            if (to.send(messages)) {
                awaitWritable();
                return;
            }
        }
        if (!messages.isEmpty()) {
            later(((Handle) unsafe())::flush0);
        }
    }

    private void awaitWritable() {
        writeBlocked = true;
        if (!watchesOutput) {
            watchesOutput = true;
            watch(ALL); // tells at once if it has become so in the meantime
        }
    }

    @Override
    protected void doShutdownOutput() throws IOException {
        outputEnded = true;
        connected().shutdown(false, true);
    }

    @Override
    public boolean isInputShutdown() {
        return input.isEnded();
    }

    @Override
    public boolean isOutputShutdown() {
        return outputEnded;
    }

    @Override
    public boolean isShutdown() {
        return input.isEnded() && outputEnded;
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    /** What still arrives is dropped by the kernel, and the end of the input told as if the peer had ended it. */
    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        return onLoop(promise, () -> {
            try {
                connected().shutdown(true, false);
                promise.setSuccess();
            } catch (IOException e) {
                promise.setFailure(e);
            }
        });
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        return onLoop(promise, () -> endOutput(promise));
    }

    /** With nothing left to fail there is no need for an exception, whose stack trace would be dearer than the call. */
    private void endOutput(ChannelPromise promise) {
        ChannelOutboundBuffer messages = unsafe().outboundBuffer();
        if (outputEnded || messages == null || messages.totalPendingWriteBytes() > 0 || !messages.isEmpty()) {
            ((Handle) unsafe()).shutdownOutput(promise);
            return;
        }
        try {
            doShutdownOutput();
            promise.trySuccess();
        } catch (IOException e) {
            promise.tryFailure(e);
        }
        pipeline().fireUserEventTriggered(ChannelOutputShutdownEvent.INSTANCE);
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        return onLoop(promise, () -> {
            shutdownInput();
            shutdownOutput(promise);
        });
    }

    private ChannelFuture onLoop(ChannelPromise promise, Runnable action) {
        if (eventLoop().inEventLoop()) {
            action.run();
        } else {
            eventLoop().execute(action);
        }
        return promise;
    }

    private final class Handle extends AbstractUnsafe implements EpollIoHandle {
        @Override
        public FileDescriptor fd() {
            EpollSocket now = socket;
            if (now == null) {
                throw new IllegalStateException("no socket before connect");
            }
            return now.file();
        }

        /** By the event loop, when that ends. */
        @Override
        public void close() {
            close(voidPromise());
        }

        /**
         * The event may be of an earlier socket that had our number and was closed while events were told; so it is only
         * ever a reason to look.
         */
        @Override
        public void handle(IoRegistration told, IoEvent event) {
            int ops = ((EpollIoEvent) event).ops().value();
            if ((ops & WRITABLE) != 0) {
                if (attempt != null) {
                    lookAtAttempt(attempt);
                } else if (writeBlocked) {
                    writeBlocked = false;
                    super.flush0();
                }
            }
            if ((ops & READABLE) == 0 || !active) {
                return;
            }
            if (input.isEnded()) {
                if ((ops & BROKEN) != 0) {
                    close(voidPromise()); // reading would tell the end again
                }
                return;
            }
            input.arrived((ops & END) != 0);
        }

        @Override
        protected void flush0() {
            if (!writeBlocked) {
                super.flush0();
            }
        }

        @Override
        public void connect(SocketAddress remoteAddress, @Nullable SocketAddress localAddress, ChannelPromise promise) {
            if (promise.isDone() || !ensureOpen(promise)) {
                return;
            }
            if (attempt != null || socket != null) {
                promise.tryFailure(
                        attempt != null ? new ConnectionPendingException() : new AlreadyConnectedException());
                return;
            }
            if (!(remoteAddress instanceof InetSocketAddress to) || to.isUnresolved()) {
                promise.tryFailure(new UnresolvedAddressException());
                return;
            }
            try {
                EpollSocket made = EpollSocket.connecting(to);
                socket = made;
                config.applyTo(made);
                if (localAddress instanceof InetSocketAddress from) {
                    made.bind(from);
                }
                boolean connected = made.connect(to);
                watch();
                attempt = new Attempt(to, promise, connected ? null : timer(to, promise));
                if (connected) {
                    succeed(attempt);
                } else {
                    promise.addListener(done -> {
                        if (done.isCancelled()) {
                            close(voidPromise());
                        }
                    });
                }
            } catch (IOException | RuntimeException e) {
                promise.tryFailure(annotateConnectException(e, to));
                close(voidPromise());
            }
        }

        private @Nullable Future<?> timer(InetSocketAddress to, ChannelPromise promise) {
            int millis = config.getConnectTimeoutMillis();
            if (millis <= 0) {
                return null;
            }
            return eventLoop()
                    .schedule(
                            () -> {
                                if (promise.tryFailure(new ConnectTimeoutException(
                                        "connection timed out after " + millis + " ms: " + to))) {
                                    close(voidPromise());
                                }
                            },
                            millis,
                            TimeUnit.MILLISECONDS);
        }

        private void lookAtAttempt(Attempt pending) {
            try {
                if (connected().connect(pending.to)) {
                    succeed(pending);
                }
            } catch (ConnectionPendingException e) {
                return; // the event was not ours
            } catch (IOException | RuntimeException e) {
                attempt = null;
                pending.stopTimer();
                pending.promise.tryFailure(annotateConnectException(e, pending.to));
                close(voidPromise());
            }
        }

        private void succeed(Attempt pending) {
            attempt = null;
            pending.stopTimer();
            remote = pending.to;
            active = true;
            boolean accepted = pending.promise.trySuccess(); // a listener may close us
            pipeline().fireChannelActive();
            if (!accepted) {
                close(voidPromise());
            }
        }
    }
}
