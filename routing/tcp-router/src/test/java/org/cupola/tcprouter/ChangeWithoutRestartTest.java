package org.cupola.tcprouter;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator changes while connections are open: the certificates, or the router itself. */
class ChangeWithoutRestartTest {
    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("test", Duration.ofDays(1), Clock.systemUTC());

    @TempDir
    private Path folder;

    private final int port = FreePorts.next();
    private final int healthPort = FreePorts.next();
    private final List<TcpRouterComponent> routers = new ArrayList<>();
    private FakeRoutingApi api;
    private Backends backend;
    private Path file;

    @BeforeEach
    void startPeers() throws Exception {
        api = new FakeRoutingApi(HttpListener.plain(new InetSocketAddress("127.0.0.1", 0))).start();
        backend = Backends.greeting("one");
        file = folder.resolve("tcp_router.yml");
        Files.createDirectory(folder.resolve("frontend"));
        writeCertificate();
        write("");
    }

    private void write(String more) throws IOException {
        Files.writeString(file, """
                haproxy_pid_file: /nowhere
                listen_address: 127.0.0.1
                health_check_address: 127.0.0.1:%d
                drain_connections_timeout: 60s
                routing_api: {uri: 'http://127.0.0.1', port: %d, auth_disabled: true}
                frontend_tls_pem: [{enabled: true, cert_path: %s/frontend}]
                """.formatted(healthPort, api.port(), folder) + more);
    }

    @AfterEach
    void stop() throws Exception {
        backend.close(); // which ends what connections there are
        routers.forEach(TcpRouterComponent::close);
        api.close();
    }

    private X509Certificate writeCertificate() throws IOException {
        TlsIdentity identity = AUTHORITY.issue("frontend", List.of("app.example.org"), Duration.ofDays(1));
        Files.writeString(
                folder.resolve("frontend").resolve("app.pem"),
                Pem.write(identity.certificate()) + Pem.write(identity.key()));
        return identity.certificate();
    }

    private TcpRouterComponent start() throws Exception {
        return start(TcpRouterFlags.DEFAULT);
    }

    private TcpRouterComponent start(TcpRouterFlags flags) throws Exception {
        var router = new TcpRouterComponent(TcpRouterConfig.read(file, flags), Clock.systemUTC());
        router.cameFrom(file);
        routers.add(router);
        router.start();
        return router;
    }

    private Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static void greeted(Socket socket) throws IOException {
        assertThat(socket.getInputStream().readNBytes(4)).asString().isEqualTo("one\n");
    }

    private static void echoes(Socket socket) throws IOException {
        socket.getOutputStream().write('x');
        assertThat(socket.getInputStream().read()).isEqualTo('x');
    }

    private boolean serves() {
        try (Socket socket = connect()) {
            return socket.getInputStream().read() == 'o';
        } catch (IOException e) {
            return false;
        }
    }

    private boolean answersHealthChecks() {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), healthPort)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write("GET /health HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
            return socket.getInputStream().read() == 'H';
        } catch (IOException e) {
            return false;
        }
    }

    private int health() throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + healthPort + "/health"))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private X509Certificate shown() throws Exception {
        SSLContext context = TlsContexts.jdk(Optional.empty(), List.of(AUTHORITY.certificate()));
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(connect(), "app.example.org", port, true)) {
            greeted(socket);
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    @Test
    void newCertificatesAreShownToNewClients() throws Exception {
        api.routes.add(TcpRouteMapping.builder("group", port, "127.0.0.1", backend.port())
                .backendSniHostname("app.example.org")
                .terminateFrontendTls(true)
                .build());
        write("watch_interval: 0s\n");
        TcpRouterComponent router = start();
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> shown() != null);
        X509Certificate before = shown();
        X509Certificate after = writeCertificate();
        assertThat(shown()).isEqualTo(before);

        assertThat(router.reload()).isTrue();
        assertThat(shown()).isEqualTo(after);

        Files.writeString(folder.resolve("frontend").resolve("app.pem"), "not PEM");
        assertThat(router.reload()).isFalse();
        assertThat(shown()).isEqualTo(after);
    }

    @Test
    void changedFilesAreNoticed() throws Exception {
        api.routes.add(TcpRouteMapping.builder("group", port, "127.0.0.1", backend.port())
                .backendSniHostname("app.example.org")
                .terminateFrontendTls(true)
                .build());
        write("watch_interval: 20ms\n");
        start();
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> shown() != null);

        Files.writeString(folder.resolve("frontend").resolve("app.pem"), "not PEM");
        assertThat(shown()).isNotNull();
        X509Certificate after = writeCertificate();

        await().atMost(Duration.ofSeconds(30)).until(() -> shown().equals(after));
    }

    @Test
    void theRoutingApiIsShownTheNewCertificateAndCheckedAgainstTheNewAuthority() throws Exception {
        var later = CertificateAuthority.create("later", Duration.ofDays(1), Clock.systemUTC());
        Path cert = folder.resolve("client.pem");
        Path ca = folder.resolve("ca.pem");
        writeIdentity(cert, AUTHORITY.issue("tcp-router", List.of(), Duration.ofDays(1)));
        Files.writeString(ca, Pem.write(AUTHORITY.certificate()));
        var listener = HttpListener.mutualTls(
                new InetSocketAddress("127.0.0.1", 0),
                later.issue("api", List.of("localhost"), Duration.ofDays(1)),
                List.of(later.certificate()));
        try (var secure = new FakeRoutingApi(listener).start()) {
            secure.routes.add(TcpRouteMapping.of("group", port, "127.0.0.1", backend.port()));
            Files.writeString(file, """
                    haproxy_pid_file: /nowhere
                    listen_address: 127.0.0.1
                    watch_interval: 20ms
                    routing_api:
                      uri: https://localhost
                      port: %1$d
                      auth_disabled: true
                      client_cert_path: %2$s
                      client_private_key_path: %2$s
                      ca_cert_path: %3$s
                    """.formatted(secure.port(), cert, ca));
            start();
            assertThat(secure.lists.get()).isZero();

            Files.writeString(ca, Pem.write(later.certificate()));
            writeIdentity(cert, later.issue("tcp-router", List.of(), Duration.ofDays(1)));

            await().atMost(Duration.ofSeconds(30)).until(this::serves);
        }
    }

    private static void writeIdentity(Path to, TlsIdentity identity) throws IOException {
        Files.writeString(to, Pem.write(identity.certificate()) + Pem.write(identity.key()));
    }

    @Test
    void healthListenersShowTheNewCertificate() throws Exception {
        Path pem = folder.resolve("health.pem");
        writeIdentity(pem, AUTHORITY.issue("old", List.of("localhost"), Duration.ofDays(1)));
        int securePort = FreePorts.next();
        Path head = folder.resolve("haproxy.conf");
        Files.writeString(head, """
                global
                listen health_check_https_url
                  mode http
                  bind :%d ssl crt %s
                  monitor-uri /health
                """.formatted(securePort, pem));
        write("watch_interval: 20ms\n");
        start(new TcpRouterFlags(
                head,
                TcpRouterFlags.DEFAULT.subscriptionRetryInterval(),
                TcpRouterFlags.DEFAULT.syncInterval(),
                TcpRouterFlags.DEFAULT.staleRouteCheckInterval(),
                TcpRouterFlags.DEFAULT.defaultRouteExpiry(),
                false,
                0,
                TcpRouterFlags.DEFAULT.tokenFetchRetryInterval(),
                TcpRouterFlags.DEFAULT.tokenExpirationBuffer(),
                TcpRouterFlags.DEFAULT.statsCollectionInterval(),
                TcpRouterFlags.DEFAULT.dropsondePort()));
        assertThat(shownBy(securePort)).isEqualTo("CN=old");

        writeIdentity(pem, AUTHORITY.issue("new", List.of("localhost"), Duration.ofDays(1)));

        await().atMost(Duration.ofSeconds(30)).until(() -> shownBy(securePort).equals("CN=new"));
    }

    private static String shownBy(int healthPort) throws Exception {
        SSLContext context = TlsContexts.jdk(Optional.empty(), List.of(AUTHORITY.certificate()));
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), healthPort)) {
            socket.setSoTimeout(30_000);
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }
    }

    @Test
    void tlsToBackendsCannotBeTurnedOnByAReload() throws Exception {
        TcpRouterComponent router = start();
        Path ca = folder.resolve("ca.pem");
        Files.writeString(ca, Pem.write(AUTHORITY.certificate()));

        write("backend_tls: {enabled: true, ca_cert_path: " + ca + "}\n");
        assertThat(router.reload()).isFalse();

        write("");
        assertThat(router.reload()).isTrue();
    }

    @Test
    void aSecondRouterTakesOverWhileTheFirstDrains() throws Exception {
        api.routes.add(TcpRouteMapping.of("group", port, "127.0.0.1", backend.port()));
        TcpRouterComponent first = start();
        await().atMost(Duration.ofSeconds(30)).until(this::serves);
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Socket socket = connect();
            greeted(socket);
            open.add(socket);
        }
        var ended = new AtomicBoolean();
        var served = new AtomicInteger();
        var failed = new AtomicInteger();
        var failedChecks = new AtomicInteger();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(Thread.ofVirtual().start(() -> {
                while (!ended.get()) {
                    (serves() ? served : failed).incrementAndGet();
                }
            }));
        }
        clients.add(Thread.ofVirtual().start(() -> {
            while (!ended.get()) {
                failedChecks.addAndGet(answersHealthChecks() ? 0 : 1);
            }
        }));

        TcpRouterComponent second = start();
        await().atMost(Duration.ofSeconds(30)).until(() -> second.openPorts() == 1);
        int servedByBoth = served.get();
        Thread draining = Thread.ofVirtual().start(() -> {
            try {
                first.drain();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        await().atMost(Duration.ofSeconds(30)).until(() -> first.openPorts() == 0);
        int servedBefore = served.get();
        await().atMost(Duration.ofSeconds(30)).until(() -> served.get() > servedBefore + 50);
        ended.set(true);
        for (Thread client : clients) {
            client.join();
        }

        assertThat(servedBefore).isGreaterThanOrEqualTo(servedByBoth);
        assertThat(failed.get()).as("connections lost").isZero();
        assertThat(failedChecks.get()).as("health checks lost").isZero();
        assertThat(draining.isAlive()).isTrue();
        await().atMost(Duration.ofSeconds(30)).until(() -> health() == 200 && health() == 200);
        for (Socket socket : open) {
            echoes(socket);
            socket.close();
        }
        assertThat(draining.join(Duration.ofSeconds(60))).isTrue();
    }
}
