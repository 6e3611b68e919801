package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The certificates of the HTTPS listener: by the name the client asks for, exactly, then as a wildcard, else the first.
 * They can be replaced while serving; connections that exist keep theirs. Any thread.
 */
public final class FrontendTls implements AutoCloseable {
    private volatile ByServerName<SslContext> certificates;

    // Also those that were replaced: a connection may have been given one a moment ago.
    private final List<SslContext> made = new CopyOnWriteArrayList<>();

    /** One certificate and the names it is for. */
    public record Certificate(SslContext context, List<String> names) {}

    /** @param all at least one; of several for the same name the last counts */
    public FrontendTls(List<Certificate> all) {
        certificates = certificates(all);
    }

    public void replace(List<Certificate> all) {
        certificates = certificates(all);
    }

    private ByServerName<SslContext> certificates(List<Certificate> all) {
        all.forEach(certificate -> made.add(certificate.context()));
        return ByServerName.of(all, Certificate::context, Certificate::names);
    }

    /** To be called when no connection comes any more: its memory is the TLS library's. */
    @Override
    public void close() {
        made.forEach(ReferenceCountUtil::release);
        made.clear();
    }

    ChannelHandler handler(ByteBufAllocator allocator) {
        ByServerName<SslContext> now = certificates;
        return now.single() ? now.first().newHandler(allocator) : new SniHandler(now::find);
    }
}
