package org.cupola.gorouter;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.X509TrustManager;
import org.cupola.gorouter.GorouterConfig.ClientCertificate;
import org.cupola.gorouter.GorouterConfig.TlsLimits;
import org.cupola.gorouter.proxy.FrontendTls;
import org.cupola.gorouter.proxy.TrustStores;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;

/** Turns configured certificates into what the HTTPS listeners serve with. */
final class FrontendCertificates {
    private static final List<String> VERSIONS = List.of("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3");
    private static final List<String> TLS_1_3 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private FrontendCertificates() {}

    static List<FrontendTls.Certificate> of(GorouterConfig.FrontendTls config, boolean http2) {
        List<FrontendTls.Certificate> certificates = new ArrayList<>();
        for (TlsIdentity identity : config.identities()) {
            SslContextBuilder builder = server(identity, config.limits(), http2);
            if (config.clientCertificate() != ClientCertificate.NONE) {
                builder.clientAuth(
                                config.clientCertificate() == ClientCertificate.REQUIRE
                                        ? ClientAuth.REQUIRE
                                        : ClientAuth.OPTIONAL)
                        .trustManager(clientTrust(config));
            }
            certificates.add(new FrontendTls.Certificate(TlsContexts.build(builder), names(identity.certificate())));
        }
        return certificates;
    }

    static X509TrustManager clientTrust(GorouterConfig.FrontendTls config) {
        List<X509Certificate> authorities =
                config.clientAuthorities().isEmpty() ? List.of() : Pem.certificates(config.clientAuthorities());
        X509TrustManager chains = TrustStores.trusting(authorities, !config.onlyTheirs());
        return config.certificateRules().isEmpty() ? chains : new RuledTrust(chains, config.certificateRules());
    }

    /** A server's context with the configured versions and suites. */
    static SslContextBuilder server(TlsIdentity identity, TlsLimits limits, boolean http2) {
        SslContextBuilder builder = TlsContexts.server(identity).protocols(versions(limits));
        if (!limits.ciphers().isEmpty()) {
            List<String> all = new ArrayList<>(limits.ciphers());
            all.addAll(TLS_1_3);
            builder.ciphers(all, SupportedCipherSuiteFilter.INSTANCE);
        }
        List<String> protocols = http2
                ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
                : List.of(ApplicationProtocolNames.HTTP_1_1);
        return builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE,
                SelectedListenerFailureBehavior.ACCEPT,
                protocols));
    }

    static List<String> versions(TlsLimits limits) {
        int from = VERSIONS.indexOf(limits.minVersion());
        int to = VERSIONS.indexOf(limits.maxVersion());
        return VERSIONS.subList(Math.min(from, to), to + 1).stream()
                .map(version -> version.equals("TLSv1.0") ? "TLSv1" : version)
                .toList();
    }

    /** Names it is for; the common name where it has no others. */
    static List<String> names(X509Certificate certificate) {
        List<String> names = TrustStores.namesOf(certificate);
        if (!names.isEmpty()) {
            return names;
        }
        try {
            for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (rdn.getType().equalsIgnoreCase("CN")) {
                    return List.of(String.valueOf(rdn.getValue()));
                }
            }
        } catch (InvalidNameException e) {
            return List.of();
        }
        return List.of();
    }
}
