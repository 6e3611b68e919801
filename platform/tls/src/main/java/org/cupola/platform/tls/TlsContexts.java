package org.cupola.platform.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Contexts for Netty, by BoringSSL where it is there (the JDK's own TLS costs several times more per handshake), and
 * for the JDK. TLS 1.2 and 1.3 only. Immutable, any thread.
 */
public final class TlsContexts {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private TlsContexts() {}

    public static SslProvider provider() {
        return OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
    }

    /** A server that asks nobody for a certificate. */
    public static SslContextBuilder server(TlsIdentity identity) {
        return SslContextBuilder.forServer(identity.key(), identity.chain())
                .sslProvider(provider())
                .protocols(PROTOCOLS);
    }

    /** A server that refuses clients without a certificate of one of the given authorities. */
    public static SslContextBuilder mutualServer(TlsIdentity identity, Collection<X509Certificate> clientAuthorities) {
        return server(identity).clientAuth(ClientAuth.REQUIRE).trustManager(clientAuthorities);
    }

    /** A client; without authorities it trusts those of the JDK. Host names are verified by the caller's engine. */
    public static SslContextBuilder client(
            @Nullable TlsIdentity identity, Collection<X509Certificate> serverAuthorities) {
        var builder = SslContextBuilder.forClient().sslProvider(provider()).protocols(PROTOCOLS);
        if (!serverAuthorities.isEmpty()) {
            builder.trustManager(serverAuthorities);
        }
        if (identity != null) {
            builder.keyManager(identity.key(), identity.chain());
        }
        return builder;
    }

    public static SslContext build(SslContextBuilder builder) {
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalArgumentException("unusable TLS settings: " + e.getMessage(), e);
        }
    }

    /** For clients that want the JDK's own type, such as the NATS client. */
    public static SSLContext jdk(Optional<TlsIdentity> identity, Collection<X509Certificate> authorities) {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(keyStore(identity), new char[0]);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities.isEmpty() ? null : trustStore(authorities));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("unusable TLS settings: " + e.getMessage(), e);
        }
    }

    private static KeyStore keyStore(Optional<TlsIdentity> identity) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        if (identity.isPresent()) {
            X509Certificate[] chain = identity.get().chain().toArray(X509Certificate[]::new);
            store.setKeyEntry("identity", identity.get().key(), new char[0], chain);
        }
        return store;
    }

    private static KeyStore trustStore(Collection<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        int number = 0;
        for (X509Certificate authority : authorities) {
            store.setCertificateEntry("authority-" + number++, authority);
        }
        return store;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
