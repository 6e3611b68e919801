package org.cupola.gorouter;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/** Reads certificates and cipher suites out of a configuration, with the original's complaints. */
final class TlsKeys {
    private static final List<String> VERSIONS = List.of("", "TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1.0");

    /** OpenSSL's names of the suites that can be configured, and their IANA names. */
    private static final Map<String, String> SUITES = Map.ofEntries(
            Map.entry("RC4-SHA", "TLS_RSA_WITH_RC4_128_SHA"),
            Map.entry("DES-CBC3-SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
            Map.entry("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"),
            Map.entry("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"),
            Map.entry("AES128-SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256"),
            Map.entry("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
            Map.entry("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
            Map.entry("ECDHE-ECDSA-RC4-SHA", "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA"),
            Map.entry("ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
            Map.entry("ECDHE-ECDSA-AES256-SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
            Map.entry("ECDHE-RSA-RC4-SHA", "TLS_ECDHE_RSA_WITH_RC4_128_SHA"),
            Map.entry("ECDHE-RSA-DES-CBC3-SHA", "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"),
            Map.entry("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
            Map.entry("ECDHE-RSA-AES256-SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
            Map.entry("ECDHE-ECDSA-AES128-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
            Map.entry("ECDHE-RSA-AES128-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
            Map.entry("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
            Map.entry("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
            Map.entry("ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
            Map.entry("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
            Map.entry("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
            Map.entry("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
            Map.entry("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
            Map.entry("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"));

    /** Known, but always on where the version is. */
    private static final List<String> TLS_1_3 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private TlsKeys() {}

    /** The pair under {@code cert_chain} and {@code private_key}; {@code null} unless both are there. */
    static @Nullable TlsIdentity pair(ConfigReader section, String complaint) {
        return pair(section, section.string("cert_chain", ""), section.string("private_key", ""), complaint);
    }

    static @Nullable TlsIdentity pair(ConfigReader section, String certificate, String key, String complaint) {
        if (certificate.isEmpty() || key.isEmpty()) {
            return null;
        }
        try {
            return TlsIdentity.parse(certificate, key);
        } catch (IllegalArgumentException e) {
            section.note(complaint + ": " + e.getMessage());
            return null;
        }
    }

    /** The text's certificates; complains, and returns none, when there are none. */
    static List<X509Certificate> certificates(ConfigReader section, String pem, String complaint) {
        try {
            return Pem.certificates(pem);
        } catch (IllegalArgumentException e) {
            section.note(complaint + e.getMessage());
            return List.of();
        }
    }

    /** The colon-separated suites as IANA names; complains of unknown ones and of none at all. */
    static List<String> ciphers(ConfigReader root) {
        String configured = root.string("cipher_suites", "").strip();
        if (configured.isEmpty()) {
            root.note("must specify list of cipher suite when ssl is enabled");
            return List.of();
        }
        List<String> suites = new ArrayList<>();
        for (String name : configured.split(":", -1)) {
            if (SUITES.containsKey(name)) {
                suites.add(SUITES.get(name));
            } else if (SUITES.containsValue(name) || TLS_1_3.contains(name)) {
                suites.add(name);
            } else {
                root.note("Invalid cipher string configuration: " + name + ", please choose from "
                        + SUITES.keySet().stream().sorted().toList());
            }
        }
        return suites;
    }

    static GorouterConfig.TlsLimits limits(ConfigReader root, boolean sslEnabled) {
        String min = root.string("min_tls_version", "TLSv1.2");
        String max = root.string("max_tls_version", "TLSv1.2");
        List<String> ciphers = List.of();
        if (sslEnabled) {
            if (!VERSIONS.contains(min)) {
                root.note("router.min_tls_version should be one of \"\", \"TLSv1.3\", \"TLSv1.2\", \"TLSv1.1\","
                        + " \"TLSv1.0\"");
            }
            if (!VERSIONS.subList(0, 3).contains(max)) {
                root.note("router.max_tls_version should be one of \"TLSv1.2\" or \"TLSv1.3\"");
            }
            ciphers = ciphers(root);
        } else {
            root.value("cipher_suites");
        }
        return new GorouterConfig.TlsLimits(ciphers, known(min), known(max));
    }

    /** Without the HTTPS listener nobody checks what is said of its versions. */
    private static String known(String version) {
        return version.isEmpty() || !VERSIONS.contains(version) ? "TLSv1.2" : version;
    }
}
