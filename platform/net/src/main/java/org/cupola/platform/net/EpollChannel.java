package org.cupola.platform.net;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What our channels on Netty's epoll loops have in common: being registered there. Confined to the event loop. */
abstract class EpollChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    private @Nullable IoRegistration registration;

    EpollChannel(@Nullable EpollChannel parent) {
        super(parent);
    }

    @Override
    public final ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected final boolean isCompatible(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isCompatible(EpollIoHandle.class);
    }

    /** On the event loop, where this is done at once; epoll knows of the socket from the first {@link #watch} on. */
    final void register() throws IOException {
        Future<IoRegistration> done = ((IoEventLoop) eventLoop()).register((EpollIoHandle) unsafe());
        if (!done.isSuccess()) {
            throw new IOException("cannot be registered", done.cause());
        }
        registration = done.getNow();
    }

    final void watch(EpollIoOps interest) {
        IoRegistration made = registration;
        if (made != null) {
            made.submit(interest);
        }
    }

    /** A socket that has been closed before has left epoll with that, which saves a system call. */
    @Override
    protected void doDeregister() {
        IoRegistration made = registration;
        if (made != null) {
            registration = null;
            made.cancel();
        }
    }

    @Override
    protected final void doDisconnect() throws Exception {
        doClose();
    }
}
