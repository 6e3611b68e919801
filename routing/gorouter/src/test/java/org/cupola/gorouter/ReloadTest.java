package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.cupola.platform.lifecycle.Signals;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.testing.NatsServerProcess;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final CertificateAuthority OURS = CertificateAuthority.create("ours", DAY, Clock.systemUTC());
    private static final CertificateAuthority LATER = CertificateAuthority.create("later", DAY, Clock.systemUTC());
    private static final TlsIdentity OLD = OURS.issue("old", List.of("site.test"), DAY);
    private static final TlsIdentity NEW = OURS.issue("new", List.of("site.test"), DAY);

    @TempDir
    private Path folder;

    private Path file;
    private NatsServerProcess nats;
    private NatsBus bus;
    private GorouterComponent router;
    private int sslPort;
    private final int statusTlsPort = FreePorts.next();

    @BeforeEach
    void startNats() throws Exception {
        file = folder.resolve("gorouter.yml");
        nats = NatsServerProcess.start();
        bus = NatsBus.connect(NatsSettings.plain("test", List.of(nats.url())), new NatsBus.Listener() {});
    }

    @AfterEach
    void stop() {
        if (router != null) {
            router.close();
        }
        bus.close();
        nats.close();
    }

    /** Replaces the file as a whole, as those do who know that it is being watched. */
    private void write(TlsIdentity site, TlsIdentity client, CertificateAuthority trusted, String... more)
            throws IOException {
        String yaml = RouterUnderTest.yaml(
                nats.port(),
                "enable_ssl: true",
                "ssl_port: " + sslPort,
                "cipher_suites: ECDHE-ECDSA-AES128-GCM-SHA256",
                "client_cert_validation: none",
                "tls_pem: [" + pair(site) + "]",
                "ca_certs: [" + yaml(Pem.write(trusted.certificate())) + "]",
                "logging: {level: fatal}",
                "enable_envelope_v1_metrics: false",
                "backends: {max_attempts: 3, " + pair(client).substring(1),
                String.join("\n", more));
        Path written = folder.resolve("written.yml");
        Files.writeString(written, yaml);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String pair(TlsIdentity identity) {
        return "{cert_chain: " + yaml(Pem.write(identity.certificate())) + ", private_key: "
                + yaml(Pem.write(identity.key())) + "}";
    }

    private static String yaml(String text) {
        return "\"" + text.replace("\n", "\\n") + "\"";
    }

    private void start() throws Exception {
        router = new GorouterComponent(GorouterConfig.read(file));
        router.cameFrom(file);
        router.start();
    }

    private RawClient client() throws IOException {
        SSLContext context = TlsContexts.jdk(Optional.empty(), List.of(OURS.certificate()));
        return new RawClient(context.getSocketFactory().createSocket("127.0.0.1", router.tlsPort()));
    }

    private static X509Certificate shownTo(RawClient client) throws IOException {
        return (X509Certificate) ((SSLSocket) client.socket()).getSession().getPeerCertificates()[0];
    }

    private X509Certificate shown() throws IOException {
        try (RawClient client = client()) {
            return shownTo(client);
        }
    }

    private static void assertServes(RawClient client) throws IOException {
        client.send("GET / HTTP/1.1\r\nHost: nowhere.test\r\n\r\n");
        assertThat(client.readResponse()).startsWith("HTTP/1.1 404");
    }

    @Test
    void takesANewCertificateWhenTheFileChanges() throws Exception {
        write(OLD, OLD, OURS, "cupola: {watch_interval: 50ms}");
        start();
        try (RawClient before = client()) {
            assertThat(shownTo(before)).isEqualTo(OLD.certificate());

            write(NEW, OLD, OURS, "cupola: {watch_interval: 50ms}");

            await().until(() -> shown().equals(NEW.certificate()));
            assertServes(before);
        }
    }

    @Test
    void takesANewCertificateForHttp3Too() throws Exception {
        sslPort = FreePorts.next();
        String[] more = {"max_tls_version: TLSv1.3", "cupola: {enable_http3: true, watch_interval: 0s}"};
        write(OLD, OLD, OURS, more);
        start();
        try (Http3Peer before = http3()) {
            write(NEW, OLD, OURS, more);
            assertThat(router.reload()).isTrue();

            assertThat(before.get("nowhere.test", "/").status()).isEqualTo("404");
            assertThat(before.serverCertificate()).isEqualTo(OLD.certificate());
            try (Http3Peer after = http3()) {
                assertThat(after.get("nowhere.test", "/").status()).isEqualTo("404");
                assertThat(after.serverCertificate()).isEqualTo(NEW.certificate());
            }
        }
    }

    private Http3Peer http3() throws Exception {
        return new Http3Peer(router.tlsPort(), "site.test", Optional.empty(), OURS.certificate());
    }

    @Test
    void takesANewCertificateOnSighup() throws Exception {
        write(OLD, OLD, OURS, "cupola: {watch_interval: 0s}");
        start();
        assumeThat(Signals.on("HUP", router::reload))
                .as("NOT TESTED: this process was started with SIGHUP ignored, as nohup does")
                .isTrue();
        try (RawClient before = client()) {
            assertServes(before);
            write(NEW, OLD, OURS, "cupola: {watch_interval: 0s}");
            assertThat(shown()).as("nobody has looked").isEqualTo(OLD.certificate());

            var kill = new ProcessBuilder(
                            "kill", "-HUP", "" + ProcessHandle.current().pid())
                    .start();
            assertThat(kill.waitFor(30, TimeUnit.SECONDS)).isTrue();

            await().until(() -> shown().equals(NEW.certificate()));
            assertServes(before);
        }
    }

    @Test
    void staysWithWhatItHasWhenTheFileIsNoGood() throws Exception {
        write(OLD, OLD, OURS, "cupola: {watch_interval: 50ms}");
        start();
        for (String bad :
                List.of("tls_pem: [", "enable_ssl: true", "tls_pem: [{cert_chain: nonsense, private_key: x}]")) {
            Files.writeString(file, bad);
            assertThat(router.reload()).isFalse();
            assertThat(shown()).isEqualTo(OLD.certificate());
        }
        write(OLD, NEW, OURS, "enable_ssl: false");
        assertThat(router.reload())
                .as("a listener less is no change of certificates")
                .isFalse();

        write(NEW, OLD, OURS, "cupola: {watch_interval: 50ms}");
        await().until(() -> shown().equals(NEW.certificate()));
    }

    @Test
    void showsBackendsTheNewCertificateAndTrustsTheNewAuthority() throws Exception {
        var seen = new CopyOnWriteArrayList<String>();
        SSLContext context = TlsContexts.jdk(
                Optional.of(LATER.issue("backend", List.of("backend.test"), DAY)), List.of(OURS.certificate()));
        var listener = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        listener.setNeedClientAuth(true);
        write(OLD, OLD, OURS);
        start();
        try (var backend = new RawBackend(listener, connection -> {
            connection.readHead();
            var session = ((SSLSocket) connection.socket()).getSession();
            seen.add(((X509Certificate) session.getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName());
            connection.send(RawBackend.ok("x"));
            connection.readHead();
        })) {
            bus.publish(
                    "router.register",
                    RegistryMessage.builder("127.0.0.1", List.of("tls.test"))
                            .tlsPort(backend.port())
                            .serverCertDomainSan("backend.test")
                            .build()
                            .toEmitterJson());
            await().until(() -> router.table().lookup("tls.test") != null);
            assertThat(get()).startsWith("HTTP/1.1 526");

            write(OLD, NEW, LATER);
            assertThat(router.reload()).isTrue();
            bus.publish(
                    "router.register",
                    RegistryMessage.builder("127.0.0.1", List.of("tls.test"))
                            .tlsPort(backend.port())
                            .serverCertDomainSan("backend.test")
                            .build()
                            .toEmitterJson());

            await().until(() -> get().startsWith("HTTP/1.1 200"));
            assertThat(seen.getFirst()).contains("CN=new");
        }
    }

    private X509Certificate shownOn(int port, SSLContext context) throws IOException {
        try (var client = new RawClient(context.getSocketFactory().createSocket("127.0.0.1", port))) {
            client.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(client.readAll()).startsWith("HTTP/1.1 ");
            return shownTo(client);
        }
    }

    private String statusWith(TlsIdentity identity) {
        return "status: {port: 0, routes: {port: 0}, tls: {port: " + statusTlsPort + ", certificate: "
                + yaml(Pem.write(identity.certificate())) + ", key: " + yaml(Pem.write(identity.key())) + "}}";
    }

    @Test
    void theStatusListenerTakesANewCertificate() throws Exception {
        SSLContext context = TlsContexts.jdk(Optional.empty(), List.of(OURS.certificate()));
        write(OLD, OLD, OURS, statusWith(OLD));
        start();
        try (var before = new RawClient(context.getSocketFactory().createSocket("127.0.0.1", router.statusTlsPort()))) {
            assertThat(shownTo(before)).isEqualTo(OLD.certificate());

            write(OLD, OLD, OURS, statusWith(NEW));
            assertThat(router.reload()).isTrue();

            assertThat(shownOn(router.statusTlsPort(), context)).isEqualTo(NEW.certificate());
            before.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(before.readResponse()).startsWith("HTTP/1.1 200 ");
        }
    }

    private void writePrometheus(TlsIdentity identity, CertificateAuthority trusted) throws IOException {
        for (var part : Map.of(
                        "cert.pem", Pem.write(identity.certificate()),
                        "key.pem", Pem.write(identity.key()),
                        "ca.pem", Pem.write(trusted.certificate()))
                .entrySet()) {
            Path written = folder.resolve("written.pem");
            Files.writeString(written, part.getValue());
            Files.move(
                    written,
                    folder.resolve(part.getKey()),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void thePrometheusListenerTakesANewCertificateWhenItsFilesChange() throws Exception {
        SSLContext ours = TlsContexts.jdk(
                Optional.of(OURS.issue("scraper", List.of("scraper.test"), DAY)), List.of(OURS.certificate()));
        SSLContext later = TlsContexts.jdk(
                Optional.of(LATER.issue("scraper", List.of("scraper.test"), DAY)), List.of(OURS.certificate()));
        writePrometheus(OLD, OURS);
        write(
                OLD,
                OLD,
                OURS,
                "cupola: {watch_interval: 50ms}",
                "prometheus: {enabled: true, port: 0, cert_path: " + folder.resolve("cert.pem") + ", key_path: "
                        + folder.resolve("key.pem") + ", ca_path: " + folder.resolve("ca.pem") + "}");
        start();
        int port = router.prometheusPort();
        assertThat(shownOn(port, ours)).isEqualTo(OLD.certificate());
        assertThatThrownBy(() -> shownOn(port, later)).isInstanceOf(IOException.class);

        writePrometheus(NEW, LATER);

        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> shownOn(port, later).equals(NEW.certificate()));
        assertThatThrownBy(() -> shownOn(port, ours)).isInstanceOf(IOException.class);
    }

    private String get() throws IOException {
        try (var client = new RawClient(router.port())) {
            client.send("GET / HTTP/1.1\r\nHost: tls.test\r\nConnection: close\r\n\r\n");
            return client.readAll();
        }
    }
}
