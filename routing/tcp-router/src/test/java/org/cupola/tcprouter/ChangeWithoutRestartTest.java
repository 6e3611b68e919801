package org.cupola.tcprouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import org.cupola.platform.config.ConfigException;
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
        Files.writeString(file, """
                haproxy_pid_file: /nowhere
                listen_address: 127.0.0.1
                health_check_address: 127.0.0.1:%d
                drain_connections_timeout: 60s
                routing_api: {uri: 'http://127.0.0.1', port: %d, auth_disabled: true}
                frontend_tls_pem: [{enabled: true, cert_path: %s/frontend}]
                """.formatted(healthPort, api.port(), folder));
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
        var router = new TcpRouterComponent(TcpRouterConfig.read(file), Clock.systemUTC());
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
        TcpRouterComponent router = start();
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> shown() != null);
        X509Certificate before = shown();
        X509Certificate after = writeCertificate();
        assertThat(shown()).isEqualTo(before);

        router.reloadCertificates(TcpRouterConfig.read(file));
        assertThat(shown()).isEqualTo(after);

        Files.writeString(folder.resolve("frontend").resolve("app.pem"), "not PEM");
        assertThatThrownBy(() -> TcpRouterConfig.read(file)).isInstanceOf(ConfigException.class);
        assertThat(shown()).isEqualTo(after);
    }

    @Test
    void tlsToBackendsCannotBeTurnedOnByAReload() throws Exception {
        TcpRouterComponent router = start();
        Path ca = folder.resolve("ca.pem");
        Files.writeString(ca, Pem.write(AUTHORITY.certificate()));
        Files.writeString(file, Files.readString(file) + "backend_tls: {enabled: true, ca_cert_path: " + ca + "}\n");
        TcpRouterConfig fresh = TcpRouterConfig.read(file);

        assertThatThrownBy(() -> router.reloadCertificates(fresh))
                .hasMessageStartingWith("backend_tls.enabled: true (expected: false");
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
        Thread clients = Thread.ofVirtual().start(() -> {
            while (!ended.get()) {
                (serves() ? served : failed).incrementAndGet();
            }
        });

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
        clients.join();

        assertThat(servedBefore).isGreaterThanOrEqualTo(servedByBoth);
        // The kernel resets a client that is in the accept queue of a socket at the moment when that is closed.
        assertThat(failed.get()).isLessThanOrEqualTo(1);
        assertThat(draining.isAlive()).isTrue();
        await().atMost(Duration.ofSeconds(30)).until(() -> health() == 200 && health() == 200);
        for (Socket socket : open) {
            echoes(socket);
            socket.close();
        }
        assertThat(draining.join(Duration.ofSeconds(60))).isTrue();
    }
}
