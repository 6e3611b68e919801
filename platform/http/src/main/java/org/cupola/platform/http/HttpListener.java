package org.cupola.platform.http;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * Where and how a control plane listens. Immutable.
 *
 * @param address           port 0 picks a free one
 * @param identity          none means plain text
 * @param clientAuthorities not empty means that clients must show a certificate issued by one of them
 */
public record HttpListener(
        InetSocketAddress address, @Nullable TlsIdentity identity, List<X509Certificate> clientAuthorities) {
    public HttpListener {
        clientAuthorities = List.copyOf(clientAuthorities);
        if (identity == null && !clientAuthorities.isEmpty()) {
            throw new IllegalArgumentException("client authorities without an own identity");
        }
    }

    public static HttpListener plain(InetSocketAddress address) {
        return new HttpListener(address, null, List.of());
    }

    public static HttpListener tls(InetSocketAddress address, TlsIdentity identity) {
        return new HttpListener(address, identity, List.of());
    }

    public static HttpListener mutualTls(
            InetSocketAddress address, TlsIdentity identity, List<X509Certificate> clientAuthorities) {
        return new HttpListener(address, identity, clientAuthorities);
    }
}
