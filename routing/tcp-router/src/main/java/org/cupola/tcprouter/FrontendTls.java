package org.cupola.tcprouter;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;

/**
 * The certificates that clients are shown where a route ends their TLS: the one whose names match the client's SNI, else the
 * first. Immutable but for a cache of contexts; any thread.
 */
final class FrontendTls implements AutoCloseable {
    private final List<TlsIdentity> identities;
    private final Map<Choice, SslContext> contexts = new ConcurrentHashMap<>();

    private record Choice(TlsIdentity identity, List<String> protocols) {}

    FrontendTls(List<TlsIdentity> identities) {
        this.identities = List.copyOf(identities);
    }

    /** @throws IllegalArgumentException when TLS cannot be spoken with one of them */
    static FrontendTls checked(List<TlsIdentity> identities) {
        for (TlsIdentity identity : identities) {
            ReferenceCountUtil.release(build(new Choice(identity, List.of())));
        }
        return new FrontendTls(identities);
    }

    boolean isEmpty() {
        return identities.isEmpty();
    }

    /**
     * Asks for at least one identity.
     *
     * @param protocols offered by ALPN; none when empty
     */
    SslContext context(String sniHost, List<String> protocols) {
        return contexts.computeIfAbsent(new Choice(identity(sniHost), protocols), FrontendTls::build);
    }

    private static SslContext build(Choice choice) {
        SslContextBuilder builder = TlsContexts.server(choice.identity());
        if (!choice.protocols().isEmpty()) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    choice.protocols()));
        }
        return TlsContexts.build(builder);
    }

    TlsIdentity identity(String sniHost) {
        String host = sniHost.toLowerCase(Locale.ROOT);
        int dot = host.indexOf('.');
        String wildcard = dot < 0 ? "" : "*" + host.substring(dot);
        TlsIdentity byWildcard = null;
        for (TlsIdentity identity : identities) {
            List<String> names = names(identity.certificate());
            if (names.contains(host)) {
                return identity;
            }
            if (byWildcard == null && names.contains(wildcard)) {
                byWildcard = identity;
            }
        }
        return byWildcard == null ? identities.getFirst() : byWildcard;
    }

    static List<String> names(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.getFirst().equals(2))
                            .map(name -> String.valueOf(name.get(1)).toLowerCase(Locale.ROOT))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /** To be called when no connection uses it any more. */
    @Override
    public void close() {
        contexts.values().forEach(ReferenceCountUtil::release);
        contexts.clear();
    }
}
