package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import java.util.List;
import java.util.function.Supplier;

/**
 * The certificates of the HTTP/3 listener, chosen and replaced as those of {@link FrontendTls}. QUIC has its own TLS
 * library and thus its own contexts, which the garbage collector frees. Any thread.
 */
public final class Http3Tls {
    private volatile Certificates certificates;

    /**
     * One certificate and the names it is for.
     *
     * @param settings makes a builder of a server's context; each builder is used once
     */
    public record Certificate(Supplier<QuicSslContextBuilder> settings, List<String> names) {}

    /** @param entrance what every connection begins with, before the client has said a name */
    private record Certificates(QuicSslContext entrance, ByServerName<QuicSslContext> named) {}

    private record Named(QuicSslContext context, List<String> names) {}

    /** @param all at least one; of several for the same name the last counts */
    public Http3Tls(List<Certificate> all) {
        certificates = certificates(all);
    }

    /**
     * Asks for what HTTP/3 cannot do without.
     *
     * @throws IllegalStateException when this platform has no QUIC library
     */
    public static void requireLibrary() {
        if (!Quic.isAvailable()) {
            throw new IllegalStateException(
                    "cupola.enable_http3: true (expected: false, as there is no QUIC library for "
                            + System.getProperty("os.name") + " on " + System.getProperty("os.arch") + ")",
                    Quic.unavailabilityCause());
        }
    }

    /** What puts others in their place; connections that exist keep theirs. */
    public Runnable replacement(List<Certificate> all) {
        Certificates read = certificates(all);
        return () -> certificates = read;
    }

    private static Certificates certificates(List<Certificate> all) {
        List<Named> contexts = all.stream()
                .map(one -> new Named(one.settings().get().build(), one.names()))
                .toList();
        ByServerName<QuicSslContext> named = ByServerName.of(contexts, Named::context, Named::names);
        return new Certificates(all.getFirst().settings().get().sni(named::find).build(), named);
    }

    QuicSslEngine engine(ByteBufAllocator allocator) {
        return certificates.entrance().newEngine(allocator);
    }
}
