package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The certificates of the HTTPS listener: by the name the client asks for, exactly, then as a wildcard, else the first.
 * They can be replaced while serving; connections that exist keep theirs. Any thread.
 */
public final class FrontendTls implements AutoCloseable {
    private volatile Certificates certificates;

    // Also those that were replaced: a connection may have been given one a moment ago.
    private final List<SslContext> made = new CopyOnWriteArrayList<>();

    private record Certificates(SslContext first, Map<String, SslContext> byName, boolean single) {
        private SslContext of(String name) {
            String wanted = name == null ? "" : name.toLowerCase(Locale.ROOT);
            SslContext exact = byName.get(wanted);
            if (exact != null) {
                return exact;
            }
            int dot = wanted.indexOf('.');
            return byName.getOrDefault(dot < 0 ? "" : "*" + wanted.substring(dot), first);
        }
    }

    /** One certificate and the names it is for. */
    public record Certificate(SslContext context, List<String> names) {}

    /** @param all at least one; of several for the same name the last counts */
    public FrontendTls(List<Certificate> all) {
        certificates = certificates(all);
    }

    public void replace(List<Certificate> all) {
        certificates = certificates(all);
    }

    private Certificates certificates(List<Certificate> all) {
        all.forEach(certificate -> made.add(certificate.context()));
        Map<String, SslContext> byName = new HashMap<>();
        for (Certificate certificate : all) {
            certificate.names().forEach(name -> byName.put(name.toLowerCase(Locale.ROOT), certificate.context()));
        }
        return new Certificates(all.getFirst().context(), Map.copyOf(byName), all.size() == 1);
    }

    /** To be called when no connection comes any more: its memory is the TLS library's. */
    @Override
    public void close() {
        made.forEach(ReferenceCountUtil::release);
        made.clear();
    }

    ChannelHandler handler(ByteBufAllocator allocator) {
        Certificates now = certificates;
        return now.single() ? now.first().newHandler(allocator) : new SniHandler(now::of);
    }
}
