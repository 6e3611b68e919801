package org.cupola.nats;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.cupola.platform.json.Json;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** TLS as Cloud Foundry's nats-tls job sets it up: INFO in the clear, client certificates required, only curve P-384. */
@SuppressWarnings("try") // the client may be interrupted while it closes; then the test fails
class TlsContractTest {
    @TempDir
    static Path folder;

    private static CertificateAuthority authority;
    private static TlsIdentity client;

    @BeforeAll
    static void makeCertificates() throws IOException {
        authority = CertificateAuthority.create("nats-ca", Duration.ofDays(1), Clock.systemUTC());
        TlsIdentity server = authority.issue("nats", List.of(), List.of("localhost", "127.0.0.1"), Duration.ofDays(1));
        client = authority.issue("gorouter", List.of(), List.of("alice"), Duration.ofDays(1));
        Files.writeString(folder.resolve("ca.pem"), Pem.write(authority.certificate()));
        Files.writeString(folder.resolve("cert.pem"), Pem.write(server.chain().toArray()));
        Files.writeString(folder.resolve("key.pem"), Pem.write(server.key()));
    }

    private static String configuration(String more) {
        return """
                tls {
                  cert_file: "%1$s/cert.pem"
                  key_file: "%1$s/key.pem"
                  ca_file: "%1$s/ca.pem"
                  timeout: 0.5
                  %2$s
                }
                """.formatted(folder, more);
    }

    private static final String CLOUD_FOUNDRY = """
            verify: true
            cipher_suites: ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
              "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]
            curve_preferences: [ "CurveP384" ]
            """;

    private static Options.Builder options(Server.Running server, Optional<TlsIdentity> identity) {
        return new Options.Builder()
                .server("nats://127.0.0.1:" + server.port())
                .sslContext(TlsContexts.jdk(identity, List.of(authority.certificate())))
                .noReconnect()
                .connectionTimeout(Duration.ofSeconds(2));
    }

    /** The first line after CONNECT; empty when the server refuses the certificate. */
    private static String answerTo(Optional<TlsIdentity> identity, Server.Running server) throws Exception {
        try (RawClient plain = RawClient.connect(server.port());
                SSLSocket socket = (SSLSocket) TlsContexts.jdk(identity, List.of(authority.certificate()))
                        .getSocketFactory()
                        .createSocket(plain.socket(), "127.0.0.1", server.port(), true)) {
            socket.getOutputStream().write("CONNECT {\"verbose\":false}\r\nPING\r\n".getBytes(US_ASCII));
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII)).readLine();
            return line == null ? "" : line;
        } catch (SSLException | SocketException e) {
            return "";
        }
    }

    @ParameterizedTest
    @EnumSource
    void servesClientsWithACertificate(Server kind) throws Exception {
        try (Server.Running server = kind.start(configuration(CLOUD_FOUNDRY));
                Connection connection =
                        Nats.connect(options(server, Optional.of(client)).build())) {
            var subscription = connection.subscribe("secure");
            connection.publish("secure", new byte[200_000]);

            assertThat(subscription.nextMessage(Duration.ofSeconds(5)).getData())
                    .hasSize(200_000);
            assertThat(connection.getServerInfo().isTLSRequired()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesClientsWithoutACertificate(Server kind) throws Exception {
        try (Server.Running server = kind.start(configuration(CLOUD_FOUNDRY))) {
            assertThatThrownBy(
                            () -> Nats.connect(options(server, Optional.empty()).build())
                                    .flush(Duration.ofSeconds(2)))
                    .isInstanceOf(Exception.class);
            assertThat(answerTo(Optional.of(client), server)).isEqualTo("PONG");
        }
    }

    @ParameterizedTest
    @EnumSource
    void asksForNoCertificateUnlessToldTo(Server kind) throws Exception {
        try (Server.Running server = kind.start(configuration(""));
                Connection connection =
                        Nats.connect(options(server, Optional.empty()).build())) {
            connection.flush(Duration.ofSeconds(5));
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysInTheClearThatTlsComesNext(Server kind) throws Exception {
        try (Server.Running server = kind.start(configuration(CLOUD_FOUNDRY));
                RawClient plain = RawClient.connect(server.port())) {
            JsonNode info = Json.tree(plain.info().substring(5));
            assertThat(info.get("tls_required").asBoolean()).isTrue();
            assertThat(info.get("tls_verify").asBoolean()).isTrue();

            plain.send("CONNECT {\"verbose\":false}\r\nPING\r\n");
            assertThat(plain.line()).doesNotContain("PONG");
        }
    }

    @ParameterizedTest
    @EnumSource
    void doesNotWaitLongForTheHandshake(Server kind) throws Exception {
        try (Server.Running server = kind.start(configuration(""));
                RawClient silent = RawClient.connect(server.port())) {
            if (kind == Server.EMBEDDED) { // nats-server means to say it too, but into the TLS that is not there
                silent.expect("-ERR 'Secure Connection - TLS Required'\r\n");
            }
            silent.expectClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void negotiatesOnlyTheConfiguredCurve(Server kind) throws Exception {
        try (Server.Running server = kind.start(configuration(CLOUD_FOUNDRY));
                RawClient plain = RawClient.connect(server.port())) {
            SSLSocket socket = (SSLSocket) TlsContexts.jdk(Optional.of(client), List.of(authority.certificate()))
                    .getSocketFactory()
                    .createSocket(plain.socket(), "127.0.0.1", server.port(), true);
            var parameters = socket.getSSLParameters();
            parameters.setNamedGroups(new String[] {"secp256r1"});
            socket.setSSLParameters(parameters);

            assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void mapsCertificatesToUsers(Server kind) throws Exception {
        String users = "authorization { users: [ {user: alice, permissions: {publish: \"a.>\"}}, {user: bob} ] }\n";
        try (Server.Running server = kind.start(users + configuration("verify_and_map: true"))) {
            try (Connection connection =
                    Nats.connect(options(server, Optional.of(client)).build())) {
                connection.publish("b", new byte[0]);
                connection.flush(Duration.ofSeconds(5));
                assertThat(connection.getLastError()).containsIgnoringCase("permissions violation");
            }
            TlsIdentity stranger = authority.issue("eve", List.of(), List.of("eve"), Duration.ofDays(1));
            assertThat(answerTo(Optional.of(stranger), server)).isEqualTo("-ERR 'Authorization Violation'");
        }
    }

    @ParameterizedTest
    @EnumSource
    void servesBothKindsWhenAllowed(Server kind) throws Exception {
        try (Server.Running server = kind.start("allow_non_tls: true\n" + configuration(""));
                RawClient plain = RawClient.connected(server.port());
                Connection secure =
                        Nats.connect(options(server, Optional.empty()).build())) {
            assertThat(Json.tree(plain.info().substring(5)).get("tls_available").asBoolean())
                    .isTrue();
            plain.send("SUB both 1\r\n");
            plain.sync();
            secure.publish("both", new byte[] {'x'});

            plain.expect("MSG both 1 1\r\nx\r\n");
        }
    }

    @Test
    void canStartWithTheHandshake() throws Exception {
        try (Server.Running server = Server.EMBEDDED.start(configuration("handshake_first: true"));
                SSLSocket socket = (SSLSocket) TlsContexts.jdk(Optional.empty(), List.of(authority.certificate()))
                        .getSocketFactory()
                        .createSocket("127.0.0.1", server.port())) {
            socket.setSoTimeout(30_000);
            byte[] first = socket.getInputStream().readNBytes(6);

            assertThat(new String(first, java.nio.charset.StandardCharsets.US_ASCII))
                    .isEqualTo("INFO {");
        }
    }
}
