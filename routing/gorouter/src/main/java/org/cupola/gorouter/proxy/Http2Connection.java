package org.cupola.gorouter.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import java.net.InetSocketAddress;
import org.cupola.gorouter.http2.Http2Session;
import org.cupola.gorouter.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** A client's HTTP/2 connection, bounded in what one client can make it hold or do. Confined to its event loop. */
final class Http2Connection implements Http2Session.Owner {
    private static final int MAX_STREAMS = 250;
    private static final int STREAM_WINDOW_BYTES = 256 * 1024;
    private static final int WINDOW_BYTES = 1024 * 1024;

    private final Loop loop;
    private final Channel channel;
    private final ClientAddress remote;
    private final Http2Session session;
    private final TimeoutQueue.Node idle = new TimeoutQueue.Node(this::leave);
    private final TimeoutQueue.Node slow = new TimeoutQueue.Node(this::leave);
    private @Nullable String certificate;

    Http2Connection(Loop loop, Channel channel, InetSocketAddress remote) {
        this.loop = loop;
        this.channel = channel;
        this.remote = new ClientAddress(remote);
        this.session = Http2Session.ofServer(
                channel,
                this,
                new Http2Session.Limits(
                        MAX_STREAMS,
                        STREAM_WINDOW_BYTES,
                        WINDOW_BYTES,
                        loop.settings().maxRequestHeaderBytes()));
    }

    /** Adds what serves it to the end of the pipeline. */
    void start(ChannelPipeline pipeline) {
        loop.clientCame();
        loop.http2Connections().add(this);
        loop.metrics().add(Counter.CONNECTIONS_ACCEPTED);
        loop.idleClients().join(idle, System.nanoTime());
        pipeline.addLast(session);
    }

    ClientAddress remote() {
        return remote;
    }

    Channel channel() {
        return channel;
    }

    /** Base64 of the certificate the client has shown, empty for none. */
    String certificate() {
        String known = certificate;
        if (known == null) {
            known = ClientCertificate.of(channel);
            certificate = known;
        }
        return known;
    }

    /** Takes no more streams, and closes when those there are have ended. */
    void drain() {
        session.sayGoodbye();
    }

    private void leave() {
        if (loop.isDraining()) {
            session.sayGoodbye();
        } else {
            session.close();
        }
    }

    @Override
    public Http2Stream accept() {
        return new Http2Client(loop, this);
    }

    @Override
    public void violated() {
        loop.metrics().add(Counter.MALFORMED_REQUESTS);
    }

    @Override
    public void openStreams(int count) {
        if (count == 0) {
            loop.idleClients().join(idle, System.nanoTime());
        } else if (count == 1) {
            idle.leave();
        }
    }

    @Override
    public void headersPending(boolean pending) {
        if (pending) {
            loop.clientHeads().join(slow, System.nanoTime());
        } else {
            slow.leave();
        }
    }

    @Override
    public void closed() {
        idle.leave();
        slow.leave();
        loop.clientWent();
        loop.http2Connections().remove(this);
    }
}
