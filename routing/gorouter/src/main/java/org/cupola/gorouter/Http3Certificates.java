package org.cupola.gorouter;

import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManager;
import org.cupola.gorouter.GorouterConfig.ClientCertificate;
import org.cupola.gorouter.proxy.Http3Tls;
import org.cupola.gorouter.proxy.TrustStores;
import org.cupola.platform.tls.TlsIdentity;

/**
 * Turns configured certificates into what the HTTP/3 listener serves with. QUIC is TLS 1.3, whose suites are not to be
 * configured. Early data is refused: it can be replayed, and nobody could tell which requests bear that.
 */
final class Http3Certificates {
    private Http3Certificates() {}

    static List<Http3Tls.Certificate> of(GorouterConfig.FrontendTls config) {
        TrustManager trust = config.clientCertificate() == ClientCertificate.NONE
                ? TrustStores.trusting(List.of(), false)
                : FrontendCertificates.clientTrust(config);
        return config.identities().stream()
                .map(identity -> new Http3Tls.Certificate(
                        () -> settings(identity, config.clientCertificate(), trust),
                        FrontendCertificates.names(identity.certificate())))
                .toList();
    }

    private static QuicSslContextBuilder settings(TlsIdentity identity, ClientCertificate wanted, TrustManager trust) {
        X509Certificate[] chain = identity.chain().toArray(X509Certificate[]::new);
        return QuicSslContextBuilder.forServer(identity.key(), null, chain)
                .applicationProtocols("h3")
                .earlyData(false)
                .trustManager(trust)
                .clientAuth(
                        switch (wanted) {
                            case NONE -> ClientAuth.NONE;
                            case REQUEST -> ClientAuth.OPTIONAL;
                            case REQUIRE -> ClientAuth.REQUIRE;
                        });
    }
}
