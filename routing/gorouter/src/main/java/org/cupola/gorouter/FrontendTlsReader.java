package org.cupola.gorouter;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cupola.gorouter.GorouterConfig.CertificateRule;
import org.cupola.gorouter.GorouterConfig.ClientCertificate;
import org.cupola.gorouter.GorouterConfig.FrontendTls;
import org.cupola.gorouter.GorouterConfig.Subject;
import org.cupola.gorouter.GorouterConfig.TlsLimits;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.tls.TlsIdentity;

/** Reads what {@code gorouter.yml} says of the HTTPS listener. */
final class FrontendTlsReader {
    private final ConfigReader root;
    private final boolean ssl;
    private final TlsLimits limits;

    FrontendTlsReader(ConfigReader root, boolean ssl, TlsLimits limits) {
        this.root = root;
        this.ssl = ssl;
        this.limits = limits;
    }

    Optional<FrontendTls> read() {
        int port = root.integer("ssl_port", 443, 0, 65535);
        List<ConfigReader> pairs = root.objects("tls_pem");
        List<TlsIdentity> identities = new ArrayList<>();
        for (ConfigReader pair : pairs) {
            String certificate = pair.string("cert_chain", "");
            String key = pair.string("private_key", "");
            if (ssl && (certificate.isEmpty() || key.isEmpty())) {
                root.note("Error parsing PEM blocks of router.tls_pem, missing cert or key.");
            } else if (ssl) {
                TlsIdentity identity = TlsKeys.pair(root, certificate, key, "Error loading key pair");
                if (identity != null) {
                    identities.add(identity);
                }
            }
        }
        String validation = root.string("client_cert_validation", "");
        String authorities = root.string("client_ca_certs", "");
        boolean onlyTheirs = root.bool("only_trust_client_ca_certs", false);
        List<CertificateRule> rules = certificateRules(authorities);
        if (!ssl) {
            return Optional.empty();
        }
        if (pairs.isEmpty()) {
            root.note("router.tls_pem must be provided if router.enable_ssl is set to true");
        }
        ClientCertificate clientCertificate = ClientCertificate.NONE;
        switch (validation) {
            case "none" -> {}
            case "request" -> clientCertificate = ClientCertificate.REQUEST;
            case "require" -> clientCertificate = ClientCertificate.REQUIRE;
            default -> root.note("router.client_cert_validation must be one of 'none', 'request' or 'require'.");
        }
        if (authorities.isEmpty() && onlyTheirs && clientCertificate != ClientCertificate.NONE) {
            root.note("router.client_ca_certs cannot be empty if router.only_trust_client_ca_certs is 'true' and"
                    + " router.client_cert_validation is set to 'request' or 'require'.");
        }
        if (!authorities.isEmpty()) {
            TlsKeys.certificates(
                    root, authorities, "Error while adding ClientCACerts to gorouter's client cert pool: ");
        }
        return Optional.of(
                new FrontendTls(port, identities, limits, clientCertificate, authorities, onlyTheirs, rules));
    }

    private List<CertificateRule> certificateRules(String authorities) {
        boolean enabled = root.bool("enable_verify_client_certificate_metadata", false);
        List<CertificateRule> rules = new ArrayList<>();
        for (ConfigReader rule : root.objects("verify_client_certificate_metadata")) {
            var issuer = subject(rule.object("issuer_in_chain"));
            List<Subject> subjects = rule.objects("valid_cert_subjects").stream()
                    .map(FrontendTlsReader::subject)
                    .toList();
            rules.add(new CertificateRule(issuer, subjects));
        }
        if (!enabled) {
            return List.of();
        }
        List<X509Certificate> known = authorities.isEmpty() ? List.of() : TlsKeys.certificates(root, authorities, "");
        for (CertificateRule rule : rules) {
            if (known.stream().noneMatch(authority -> SubjectNames.matches(rule.issuerInChain(), authority))) {
                root.note(
                        "no CA certificate found for rule with ca subject " + SubjectNames.text(rule.issuerInChain()));
            }
        }
        return rules;
    }

    private static Subject subject(ConfigReader section) {
        return new Subject(
                section.strings("country"),
                section.strings("organization"),
                section.strings("organizational_unit"),
                section.string("common_name", ""),
                section.string("serial_number", ""),
                section.strings("locality"),
                section.strings("province"),
                section.strings("street_address"),
                section.strings("postal_code"));
    }
}
