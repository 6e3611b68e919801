package org.cupola.gorouter.proxy;

import io.netty.channel.Channel;
import org.cupola.gorouter.http2.Http2Session;
import org.cupola.gorouter.http2.Http2Stream;

/**
 * A connection to a backend in HTTP/2, shared by the requests of one event loop that run at the same time. Confined to that
 * loop.
 */
final class Http2Upstream implements Http2Session.Owner {
    private static final int STREAM_WINDOW_BYTES = 256 * 1024;
    private static final int WINDOW_BYTES = 4 * 1024 * 1024;

    private final Loop loop;
    private final Channel channel;
    private final Http2Session session;
    private boolean used;

    Http2Upstream(Loop loop, Channel channel) {
        this.loop = loop;
        this.channel = channel;
        this.session = Http2Session.ofClient(
                channel,
                this,
                new Http2Session.Limits(
                        0, STREAM_WINDOW_BYTES, WINDOW_BYTES, loop.settings().maxResponseHeaderBytes()));
        channel.pipeline().addLast(session);
    }

    /** Whether another request may be put on it. */
    boolean isUsable() {
        return channel.isActive() && session.canOpen();
    }

    /** Another takes its place: it goes when its requests have been answered. */
    void retire() {
        session.sayGoodbye();
    }

    /** Sends the exchange's request on a stream of its own. */
    void begin(Exchange exchange) {
        var stream = new Http2Backend(loop, channel);
        session.open(stream);
        boolean reused = used;
        used = true;
        stream.begin(exchange, reused);
    }

    @Override
    public Http2Stream accept() {
        throw new IllegalStateException("a backend opens no streams");
    }

    @Override
    public void violated() {
        // The streams' exchanges tell what came of it.
    }

    @Override
    public void openStreams(int count) {
        // Kept as long as the backend keeps it.
    }

    @Override
    public void headersPending(boolean pending) {
        // Each request has its own time.
    }

    @Override
    public void closed() {
        // The streams were told, and isUsable says so.
    }
}
