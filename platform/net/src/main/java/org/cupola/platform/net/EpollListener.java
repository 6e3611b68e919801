package org.cupola.platform.net;

import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.NativeInetAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Accepts {@link EpollConnection}s, as many as {@link AcceptQuota} says each time epoll says that there are some.
 * TCP_NODELAY is set here for all of them. When accepting fails, as it does without file descriptors, its handlers are told
 * and decide when to go on, by switching reading off and on.
 *
 * <p>Confined to its event loop as any channel.
 */
final class EpollListener extends EpollChannel implements ServerChannel {
    /** A length, then an address with its scope and port at most. */
    private static final int ADDRESS_BYTES = 1 + 24;

    private final Socket socket;
    private final EpollListenerConfig config;
    private final byte[] peer = new byte[ADDRESS_BYTES];
    private final AcceptQuota quota = new AcceptQuota();
    private volatile boolean active;
    private boolean wanted;
    private boolean watching;

    /** @param family absent for both, where the system has them */
    EpollListener(@Nullable SocketProtocolFamily family) {
        super(null);
        this.socket = family == null ? Socket.newSocketStream() : EpollSocket.FamilySocket.open(family);
        this.config = new EpollListenerConfig(this, socket);
    }

    @Override
    public EpollListenerConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return active ? socket.localAddress() : null;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new Handle();
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        try {
            register();
            promise.setSuccess();
        } catch (IOException e) {
            promise.setFailure(e);
        }
    }

    @Override
    protected void doDeregister() {
        watching = false;
        super.doDeregister();
    }

    @Override
    protected void doBind(SocketAddress address) throws IOException {
        socket.bind(address);
        socket.setTcpNoDelay(true);
        socket.listen(config.backlog());
        active = true;
    }

    @Override
    protected void doClose() throws IOException {
        localAddress(); // SharedPort and logs may want to know later
        active = false;
        try {
            socket.close();
        } finally {
            doDeregister();
        }
    }

    @Override
    protected void doBeginRead() {
        wanted = true;
        watch(true);
    }

    void autoReadCleared() {
        if (!isRegistered()) {
            wanted = false;
        } else if (eventLoop().inEventLoop()) {
            wanted = false;
            watch(false);
        } else {
            eventLoop().execute(() -> {
                if (!config.isAutoRead()) {
                    wanted = false;
                    watch(false);
                }
            });
        }
    }

    private void watch(boolean on) {
        if (on != watching) {
            watching = on;
            watch(on ? EpollIoOps.EPOLLIN : EpollIoOps.EPOLLERR);
        }
    }

    private void accept() {
        Throwable problem = null;
        try {
            int left = quota.get();
            while (left > 0 && acceptOne()) {
                left--;
            }
            if (left == 0) {
                quota.filled();
            } else {
                quota.notFilled();
            }
        } catch (IOException e) {
            quota.notFilled();
            problem = e;
        }
        pipeline().fireChannelReadComplete();
        if (problem != null) {
            pipeline().fireExceptionCaught(problem);
        }
        if (!wanted && !config.isAutoRead()) {
            watch(false);
        }
    }

    /** False when nobody waits, and when a handler has switched reading off or closed this meanwhile. */
    private boolean acceptOne() throws IOException {
        if (!active || !watching) {
            return false;
        }
        int fd = socket.accept(peer);
        if (fd < 0) {
            return false;
        }
        wanted = false;
        pipeline()
                .fireChannelRead(new EpollConnection(
                        this, EpollSocket.accepted(fd), NativeInetAddress.address(peer, 1, peer[0])));
        return true;
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer messages) {
        throw new UnsupportedOperationException("a listening socket has nobody to write to");
    }

    private final class Handle extends AbstractUnsafe implements EpollIoHandle {
        @Override
        public FileDescriptor fd() {
            return socket;
        }

        /** By the event loop, when that ends. */
        @Override
        public void close() {
            close(voidPromise());
        }

        @Override
        public void handle(IoRegistration told, IoEvent event) {
            if (active && watching && ((EpollIoEvent) event).ops().contains(EpollIoOps.EPOLLIN)) {
                accept();
            }
        }

        @Override
        public void connect(SocketAddress remoteAddress, @Nullable SocketAddress localAddress, ChannelPromise promise) {
            promise.setFailure(new UnsupportedOperationException("a listening socket connects to nobody"));
        }
    }
}
