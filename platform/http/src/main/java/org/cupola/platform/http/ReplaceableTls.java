package org.cupola.platform.http;

import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.TlsProvider;
import java.security.cert.X509Certificate;
import java.util.List;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * An identity and authorities that can be replaced while a server or clients use them: new connections use the new ones,
 * open connections go on with what they began with. Any thread.
 */
public final class ReplaceableTls {
    private volatile Material material;

    private record Material(@Nullable TlsKeyPair identity, List<X509Certificate> authorities) {}

    /**
     * @param identity    none for clients that show none
     * @param authorities whom clients trust; empty means the JDK's own list
     */
    public ReplaceableTls(@Nullable TlsIdentity identity, List<X509Certificate> authorities) {
        this.material = material(identity, authorities);
    }

    private static Material material(@Nullable TlsIdentity identity, List<X509Certificate> authorities) {
        return new Material(
                identity == null ? null : TlsKeyPair.of(identity.key(), identity.chain()), List.copyOf(authorities));
    }

    public void replace(@Nullable TlsIdentity identity, List<X509Certificate> authorities) {
        material = material(identity, authorities);
    }

    TlsProvider provider() {
        return new TlsProvider() {
            @Override
            public @Nullable TlsKeyPair keyPair(String hostname) {
                return material.identity();
            }

            @Override
            public @Nullable List<X509Certificate> trustedCertificates(String hostname) {
                List<X509Certificate> trusted = material.authorities();
                return trusted.isEmpty() ? null : trusted;
            }
        };
    }
}
