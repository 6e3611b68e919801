package org.cupola.tcprouter;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/** Speaks TLS to backends and checks who answers. Immutable, any thread. */
final class BackendTls implements AutoCloseable {
    private static final int DNS_NAME = 2;

    private final SslContext anonymous;
    private final SslContext identified;

    /** @param identity shown where a route asks for it, and always when the client's own TLS is passed through; or none */
    BackendTls(List<X509Certificate> authorities, @Nullable TlsIdentity identity) {
        this.anonymous = build(TlsContexts.client(null, authorities));
        this.identified = identity == null ? anonymous : build(TlsContexts.client(identity, authorities));
    }

    private static SslContext build(SslContextBuilder builder) {
        // Names are checked by us: the original compares one name, which need not be a host's, against SAN and CN.
        return TlsContexts.build(builder.endpointIdentificationAlgorithm(""));
    }

    /** Adds TLS to a connected channel; the future succeeds when the peer is who the key says. */
    Future<Channel> handshake(Channel channel, BackendKey key, long timeoutMillis) {
        boolean showIdentity = !key.terminateFrontendTls() || key.enableBackendMtls();
        SSLEngine engine = (showIdentity ? identified : anonymous).newEngine(channel.alloc());
        if (!key.sniRewriteHostname().isEmpty()) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(key.sniRewriteHostname())));
            engine.setSSLParameters(parameters);
        }
        var handler = new SslHandler(engine);
        handler.setHandshakeTimeout(timeoutMillis, TimeUnit.MILLISECONDS);
        channel.pipeline().addFirst(handler);
        channel.read();
        var verified = channel.eventLoop().<Channel>newPromise();
        handler.handshakeFuture().addListener(done -> {
            if (!done.isSuccess()) {
                verified.tryFailure(done.cause());
                return;
            }
            try {
                if (!key.instanceId().isEmpty()) {
                    checkName((X509Certificate) engine.getSession().getPeerCertificates()[0], key.instanceId());
                }
                verified.trySuccess(channel);
            } catch (CertificateException | SSLPeerUnverifiedException e) {
                verified.tryFailure(e);
            }
        });
        return verified;
    }

    /** @throws CertificateException when the certificate bears the name neither as alternative name nor as common name */
    static void checkName(X509Certificate certificate, String name) throws CertificateException {
        if (!alternativeNames(certificate).contains(name.toLowerCase(Locale.ROOT))
                && !name.equalsIgnoreCase(commonName(certificate))) {
            throw new CertificateException("the backend's certificate is not for " + name + " but for "
                    + certificate.getSubjectX500Principal());
        }
    }

    private static Collection<String> alternativeNames(X509Certificate certificate) throws CertificateParsingException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        return names == null
                ? List.of()
                : names.stream()
                        .filter(name -> name.getFirst().equals(DNS_NAME))
                        .map(name -> String.valueOf(name.get(1)).toLowerCase(Locale.ROOT))
                        .toList();
    }

    private static String commonName(X509Certificate certificate) {
        try {
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    return String.valueOf(part.getValue());
                }
            }
        } catch (InvalidNameException e) {
            return ""; // such a name matches nothing
        }
        return "";
    }

    /** To be called when no connection uses it any more. */
    @Override
    public void close() {
        ReferenceCountUtil.release(anonymous);
        if (!identified.equals(anonymous)) {
            ReferenceCountUtil.release(identified);
        }
    }
}
