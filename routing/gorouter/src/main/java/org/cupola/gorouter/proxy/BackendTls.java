package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.X509TrustManager;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * How backends, or route services, are spoken to over TLS. Any thread.
 *
 * <p>The TLS library's memory is counted by references: the maker's own, one for a moment by each who makes a handler, and
 * one by each handler until its connection ends.
 */
public final class BackendTls implements AutoCloseable {
    private static final List<String> TLS_1_3 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private final SslContext http1;
    private final SslContext http2;
    private final long handshakeMillis;
    private final AtomicInteger references = new AtomicInteger(1);

    /**
     * @param identity    our client certificate, if there is one
     * @param authorities whom to trust besides the system's authorities
     * @param ciphers     IANA names for TLS 1.2, empty for the library's choice
     * @param protocols   versions, such as {@code TLSv1.3}
     * @param skipChecks  whether any certificate will do
     */
    public BackendTls(
            @Nullable TlsIdentity identity,
            List<X509Certificate> authorities,
            List<String> ciphers,
            List<String> protocols,
            boolean skipChecks,
            long handshakeMillis) {
        X509TrustManager chains = TrustStores.trusting(authorities, true);
        this.http1 = context(identity, chains, ciphers, protocols, skipChecks, false);
        this.http2 = context(identity, chains, ciphers, protocols, skipChecks, true);
        this.handshakeMillis = handshakeMillis;
    }

    private static SslContext context(
            @Nullable TlsIdentity identity,
            X509TrustManager chains,
            List<String> ciphers,
            List<String> protocols,
            boolean skipChecks,
            boolean offerHttp2) {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(TlsContexts.provider())
                .protocols(protocols)
                .endpointIdentificationAlgorithm(null) // BackendTrust checks names, by SANs alone
                .trustManager(new BackendTrust(chains, skipChecks));
        if (identity != null) {
            builder.keyManager(identity.key(), identity.chain());
        }
        if (!ciphers.isEmpty()) {
            List<String> all = new ArrayList<>(ciphers);
            all.addAll(TLS_1_3);
            builder.ciphers(all, SupportedCipherSuiteFilter.INSTANCE);
        }
        if (offerHttp2) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2,
                    ApplicationProtocolNames.HTTP_1_1));
        }
        return TlsContexts.build(builder);
    }

    /** Holds it until {@link #close}; false when everybody has let go of it. */
    boolean retain() {
        return references.getAndUpdate(held -> held == 0 ? 0 : held + 1) > 0;
    }

    /** Lets go of it, once for its making and once for each {@link #retain}. Handlers that were made go on. */
    @Override
    public void close() {
        if (references.decrementAndGet() == 0) {
            ReferenceCountUtil.release(http1);
            ReferenceCountUtil.release(http2);
        }
    }

    /** @param name what the certificate must bear */
    SslHandler handler(ByteBufAllocator allocator, String name, int port, boolean offerHttp2) {
        SslHandler handler = (offerHttp2 ? http2 : http1).newHandler(allocator, name, port);
        if (handshakeMillis > 0) {
            handler.setHandshakeTimeoutMillis(handshakeMillis);
        }
        return handler;
    }
}
