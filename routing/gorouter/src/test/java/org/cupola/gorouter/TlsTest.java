package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TlsTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final CertificateAuthority OURS = CertificateAuthority.create("ours", DAY, Clock.systemUTC());
    /** Another authority of the same name, so that clients offer its certificates to those who trust ours. */
    private static final CertificateAuthority FOREIGN = CertificateAuthority.create("ours", DAY, Clock.systemUTC());

    private static final TlsIdentity CLIENT = OURS.issue("client", List.of("client.test"), DAY);

    private static RouterUnderTest router;

    @BeforeAll
    static void start() throws Exception {
        TlsIdentity first = OURS.issue("first", List.of("first.test"), DAY);
        TlsIdentity wild = OURS.issue("wild", List.of("*.wild.test"), DAY);
        router = RouterUnderTest.start(
                "enable_ssl: true",
                "ssl_port: 0",
                "max_tls_version: TLSv1.3",
                "cipher_suites: ECDHE-ECDSA-AES128-GCM-SHA256",
                "client_cert_validation: request",
                "only_trust_client_ca_certs: true",
                "client_ca_certs: " + yaml(Pem.write(OURS.certificate())),
                "forwarded_client_cert: sanitize_set",
                "tls_pem: [" + pair(first) + ", " + pair(wild) + "]",
                "ca_certs: [" + yaml(Pem.write(OURS.certificate())) + "]",
                "logging: {level: fatal}",
                "backends: {max_attempts: 3, " + pair(CLIENT).substring(1));
    }

    @AfterAll
    static void stop() {
        router.close();
    }

    private static String pair(TlsIdentity identity) {
        return "{cert_chain: " + yaml(Pem.write(identity.certificate())) + ", private_key: "
                + yaml(Pem.write(identity.key())) + "}";
    }

    private static String yaml(String text) {
        return "\"" + text.replace("\n", "\\n") + "\"";
    }

    private static RawClient tlsClient(String name, Optional<TlsIdentity> identity) throws IOException {
        SSLContext context = TlsContexts.jdk(identity, List.of(OURS.certificate()));
        var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", router.router.tlsPort());
        var parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new javax.net.ssl.SNIHostName(name)));
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return new RawClient(socket);
    }

    private static RawBackend tlsBackend(TlsIdentity identity, boolean wantsCertificate) throws IOException {
        SSLContext context = TlsContexts.jdk(Optional.of(identity), List.of(OURS.certificate()));
        var listener = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        listener.setNeedClientAuth(wantsCertificate);
        return new RawBackend(listener, connection -> {
            while (true) {
                connection.readHead();
                connection.send(RawBackend.ok("secret"));
            }
        });
    }

    private static void registerTls(String uri, RawBackend backend, String san) {
        router.register(RegistryMessage.builder("127.0.0.1", List.of(uri))
                .tlsPort(backend.port())
                .serverCertDomainSan(san)
                .privateInstanceId("i")
                .build());
    }

    @Test
    void servesClientsOverTlsWithTheCertificateOfTheirName() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("hi"))) {
            router.register(backend.port(), "over.tls");
            for (String name : List.of("first.test", "a.wild.test", "unknown.test")) {
                try (RawClient client = tlsClient(name, Optional.empty())) {
                    var shown = (X509Certificate)
                            ((SSLSocket) client.socket()).getSession().getPeerCertificates()[0];
                    client.send("GET / HTTP/1.1\r\nHost: over.tls\r\nX-Forwarded-Client-Cert: forged\r\n\r\n");

                    assertThat(client.readResponse()).endsWith("hi");
                    assertThat(shown.getSubjectX500Principal().getName())
                            .isEqualTo(name.equals("a.wild.test") ? "CN=wild" : "CN=first");
                    assertThat(backend.lastRequest())
                            .contains("\r\nX-Forwarded-Proto: https\r\n")
                            .doesNotContain("forged");
                }
            }
        }
    }

    @Test
    void passesTheClientsCertificateOn() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("hi"));
                RawClient client = tlsClient("first.test", Optional.of(CLIENT))) {
            router.register(backend.port(), "xfcc.tls");
            client.send("GET / HTTP/1.1\r\nHost: xfcc.tls\r\n\r\n");

            assertThat(client.readResponse()).endsWith("hi");
            assertThat(backend.lastRequest())
                    .contains("\r\nX-Forwarded-Client-Cert: "
                            + Base64.getEncoder()
                                    .encodeToString(CLIENT.certificate().getEncoded()) + "\r\n");
        }
    }

    @Test
    void refusesAClientsForeignCertificate() {
        TlsIdentity foreign = FOREIGN.issue("client", List.of("client.test"), DAY);

        assertThatThrownBy(() -> {
                    try (RawClient client = tlsClient("first.test", Optional.of(foreign))) {
                        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                        client.readHead();
                    }
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void speaksMutualTlsToABackendAndChecksItsName() throws Exception {
        try (var backend = tlsBackend(OURS.issue("app", List.of("instance-1"), DAY), true)) {
            registerTls("mutual.tls", backend, "instance-1");

            assertThat(router.get("mutual.tls", "/")).startsWith("HTTP/1.1 200").endsWith("secret");
        }
    }

    @Test
    void goesOnWhenAnEndpointIsSomeoneElseNow() throws Exception {
        try (var wrong = tlsBackend(OURS.issue("app", List.of("instance-2"), DAY), false);
                var right = tlsBackend(OURS.issue("app", List.of("instance-1"), DAY), false)) {
            registerTls("moved.tls", wrong, "instance-1");
            registerTls("moved.tls", right, "instance-1");

            for (int i = 0; i < 4; i++) {
                assertThat(router.get("moved.tls", "/")).startsWith("HTTP/1.1 200");
            }
            await().until(() -> !router.knows("moved.tls", "127.0.0.1:" + wrong.port()));
        }
    }

    @Test
    void tellsFailuresOfTlsApart() throws Exception {
        try (var wrongName = tlsBackend(OURS.issue("app", List.of("instance-2"), DAY), false);
                var untrusted = tlsBackend(FOREIGN.issue("app", List.of("instance-1"), DAY), false);
                var plain = new RawBackend(connection -> connection.send("HTTP/1.1 400 Bad Request\r\n\r\n"))) {
            registerTls("name.tls", wrongName, "instance-1");
            registerTls("trust.tls", untrusted, "instance-1");
            registerTls("plain.tls", plain, "instance-1");

            assertThat(router.get("name.tls", "/"))
                    .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                    .contains("X-Cf-Routererror: endpoint_failure (tls: failed to verify certificate: x509:"
                            + " certificate is valid for instance-2, not instance-1)\r\n")
                    .endsWith("\r\n\r\n503 Service Unavailable\n");
            assertThat(router.get("trust.tls", "/"))
                    .startsWith("HTTP/1.1 526 Invalid SSL Certificate\r\n")
                    .contains("certificate signed by unknown authority)\r\n")
                    .endsWith("\r\n\r\n526 Invalid SSL Certificate\n");
            assertThat(router.get("plain.tls", "/"))
                    .startsWith("HTTP/1.1 525 SSL Handshake Failed\r\n")
                    .contains("(tls: first record does not look like a TLS handshake)\r\n");
        }
    }
}
