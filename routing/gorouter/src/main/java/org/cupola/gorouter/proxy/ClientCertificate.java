package org.cupola.gorouter.proxy;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Base64;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** The certificate a client has shown, as {@code X-Forwarded-Client-Cert} carries it. */
final class ClientCertificate {
    private ClientCertificate() {}

    /** Base64 of the leaf's DER; empty when there is none. */
    static String of(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        return tls == null ? "" : of(tls.engine().getSession());
    }

    /** Likewise. */
    static String of(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length == 0 ? "" : Base64.getEncoder().encodeToString(chain[0].getEncoded());
        } catch (SSLPeerUnverifiedException e) {
            return "";
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read has its bytes", e);
        }
    }
}
