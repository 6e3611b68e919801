package org.cupola.gorouter;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A router that serves HTTP/3, with a connection to it for each test. One router for all tests of a class. */
@Timeout(120)
abstract class Http3Fixture {
    static final Duration DAY = Duration.ofDays(1);
    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final CertificateAuthority OURS = CertificateAuthority.create("ours", DAY, Clock.systemUTC());
    static final TlsIdentity CLIENT = OURS.issue("client", List.of("client.test"), DAY);

    @TempDir
    static Path folder;

    static RouterUnderTest router;
    Http3Peer peer;

    @BeforeAll
    static void start() throws Exception {
        TlsIdentity first = OURS.issue("first", List.of("first.test"), DAY);
        TlsIdentity wild = OURS.issue("wild", List.of("*.wild.test"), DAY);
        router = start(
                "tls_pem: [" + pair(first) + ", " + pair(wild) + "]",
                "client_cert_validation: request",
                "only_trust_client_ca_certs: true",
                "client_ca_certs: " + yaml(Pem.write(OURS.certificate())),
                "forwarded_client_cert: sanitize_set",
                "max_request_header_bytes: 16384",
                RouterUnderTest.accessLog(folder.resolve("access.log")));
    }

    @BeforeEach
    void connect() throws Exception {
        peer = connect("first.test");
    }

    @AfterEach
    void disconnect() {
        peer.close();
    }

    static RouterUnderTest start(String... more) throws Exception {
        List<String> lines = new ArrayList<>(List.of(
                "enable_ssl: true",
                "ssl_port: " + FreePorts.next(),
                "max_tls_version: TLSv1.3",
                "cipher_suites: ECDHE-ECDSA-AES128-GCM-SHA256",
                "cupola: {enable_http3: true}",
                "logging: {level: fatal}"));
        lines.addAll(List.of(more));
        return RouterUnderTest.start(lines.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        router.close();
    }

    static String pair(TlsIdentity identity) {
        return "{cert_chain: " + yaml(Pem.write(identity.certificate())) + ", private_key: "
                + yaml(Pem.write(identity.key())) + "}";
    }

    static String yaml(String text) {
        return "\"" + text.replace("\n", "\\n") + "\"";
    }

    static Http3Peer connect(String name) throws Exception {
        return new Http3Peer(router.router.tlsPort(), name, Optional.empty(), OURS.certificate());
    }
}
