package org.cupola.platform.http;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.ClientFactoryBuilder;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.client.WebClientBuilder;
import com.linecorp.armeria.common.TlsKeyPair;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * Makes HTTP clients that share connections and one trust: an own identity or none, given authorities or the JDK's. Any
 * thread. Close it when the last client is done.
 */
public final class HttpClients implements AutoCloseable {
    private final ClientFactory factory;

    private HttpClients(ClientFactory factory) {
        this.factory = factory;
    }

    /** @param authorities whom to trust; empty means the JDK's own list */
    public static HttpClients create(@Nullable TlsIdentity identity, List<X509Certificate> authorities) {
        return new HttpClients(builder(identity, authorities).build());
    }

    /** With an identity and authorities that can be replaced. */
    public static HttpClients create(ReplaceableTls tls) {
        return new HttpClients(builder().tlsProvider(tls.provider()).build());
    }

    /** Trusts any server. Only for configurations that say so ({@code skip_ssl_validation}). */
    public static HttpClients trustingAnyone(@Nullable TlsIdentity identity) {
        return new HttpClients(builder(identity, List.of()).tlsNoVerify().build());
    }

    private static ClientFactoryBuilder builder() {
        return ClientFactory.builder().connectTimeout(Duration.ofSeconds(5)).idleTimeout(Duration.ofSeconds(30));
    }

    private static ClientFactoryBuilder builder(@Nullable TlsIdentity identity, List<X509Certificate> authorities) {
        ClientFactoryBuilder builder = builder();
        if (identity != null) {
            builder.tls(TlsKeyPair.of(identity.key(), identity.chain()));
        }
        if (!authorities.isEmpty()) {
            builder.tlsCustomizer(tls -> tls.trustManager(authorities));
        }
        return builder;
    }

    /** A client for one base URL; {@code .blocking()} of it suits virtual threads. HTTP/2 is tried first. */
    public WebClientBuilder client(URI base, Duration responseTimeout) {
        return WebClient.builder(base).factory(factory).responseTimeout(responseTimeout);
    }

    /** For Armeria's other clients (gRPC). */
    public ClientFactory factory() {
        return factory;
    }

    @Override
    public void close() {
        factory.close();
    }
}
