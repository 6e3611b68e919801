package org.cupola.nats;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.cupola.nats.NatsConfig.Tls;
import org.cupola.platform.tls.TlsContexts;
import org.jspecify.annotations.Nullable;

/** Turns a connection into a TLS one, normally after INFO went out in the clear. Immutable, any thread. */
final class ServerTls {
    private static final int HANDSHAKE_RECORD = 0x16;
    private static final List<String> TLS13_SUITES =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private static final String TLS_REQUIRED = "-ERR 'Secure Connection - TLS Required'\r\n";

    private final Tls settings;
    private final SslContext context;

    ServerTls(Tls settings) {
        this.settings = settings;
        this.context = TlsContexts.build(builder(settings));
    }

    private static SslContextBuilder builder(Tls settings) {
        SslContextBuilder builder = TlsContexts.server(settings.identity());
        if (settings.verify()) {
            builder.clientAuth(ClientAuth.REQUIRE).trustManager(settings.clientAuthorities());
        }
        if (!settings.cipherSuites().isEmpty()) {
            List<String> suites = new ArrayList<>(TLS13_SUITES); // these are not for configurations to choose
            suites.addAll(settings.cipherSuites());
            builder.ciphers(suites, SupportedCipherSuiteFilter.INSTANCE);
        }
        if (!settings.curves().isEmpty() && TlsContexts.provider() != SslProvider.JDK) {
            builder.option(OpenSslContextOption.GROUPS, settings.curves().toArray(String[]::new));
        }
        return builder;
    }

    boolean handshakeFirst() {
        return settings.handshakeFirst();
    }

    /** TLS from the first byte on. */
    void begin(Channel channel, Runnable onTimeout) {
        SslHandler tls = newHandler(channel);
        channel.pipeline().addFirst(tls);
        watch(channel, tls, onTimeout);
    }

    /** TLS now that INFO is out, or, where that is allowed, whatever the client's first byte says. */
    void begin(Channel channel, Runnable onTimeout, Runnable onPlain) {
        if (settings.allowPlain()) {
            channel.pipeline().addFirst(new FirstByte(onTimeout, onPlain));
        } else {
            begin(channel, onTimeout);
        }
    }

    private SslHandler newHandler(Channel channel) {
        SslHandler tls = context.newHandler(channel.alloc());
        tls.setHandshakeTimeoutMillis(0); // ours says why before it closes
        SSLEngine engine = tls.engine();
        if (!settings.curves().isEmpty() && TlsContexts.provider() == SslProvider.JDK) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setNamedGroups(settings.curves().stream()
                    .map(curve -> switch (curve) {
                        case "P-256" -> "secp256r1";
                        case "P-384" -> "secp384r1";
                        case "P-521" -> "secp521r1";
                        default -> curve.toLowerCase(java.util.Locale.ROOT);
                    })
                    .toArray(String[]::new));
            engine.setSSLParameters(parameters);
        }
        return tls;
    }

    private void watch(Channel channel, SslHandler tls, Runnable onTimeout) {
        channel.eventLoop()
                .schedule(
                        () -> {
                            if (channel.isActive() && !tls.handshakeFuture().isDone()) {
                                // In the clear: this peer does not speak TLS.
                                channel.pipeline()
                                        .context(tls)
                                        .writeAndFlush(ByteBufUtil.writeAscii(channel.alloc(), TLS_REQUIRED));
                                onTimeout.run();
                            }
                        },
                        settings.timeout().toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    private final class FirstByte extends ByteToMessageDecoder {
        private final Runnable onTimeout;
        private final Runnable onPlain;

        FirstByte(Runnable onTimeout, Runnable onPlain) {
            this.onTimeout = onTimeout;
            this.onPlain = onPlain;
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            if (in.getUnsignedByte(in.readerIndex()) == HANDSHAKE_RECORD) {
                SslHandler tls = newHandler(ctx.channel());
                ctx.pipeline().replace(this, "tls", tls);
                watch(ctx.channel(), tls, onTimeout);
            } else {
                onPlain.run();
                ctx.pipeline().remove(this);
            }
        }
    }

    /** The client's certificate, when it showed one. */
    static @Nullable X509Certificate peer(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return null;
        }
        try {
            Certificate[] chain = tls.engine().getSession().getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate certificate ? certificate : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }
}
