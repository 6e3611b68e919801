package org.cupola.tcprouter;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.cupola.platform.net.ProxyHeader;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.Test;

/** Over real sockets. */
class DataPlaneTest extends DataPlaneFixture {
    @Test
    void carriesBytesBothWaysAndAnswersAfterTheClientHasFinished() throws Exception {
        start(settings());
        route(to(keep(Backends.greeting("one"))));
        Socket socket = connect();

        assertThat(line(socket)).isEqualTo("one");
        send(socket, "hello\n");
        assertThat(line(socket)).isEqualTo("hello");
        send(socket, "last\n");
        socket.shutdownOutput();
        assertThat(line(socket)).isEqualTo("last");
        assertThat(line(socket)).isEqualTo("<end>");
        await().until(() -> dataPlane.openConnections() == 0);
        assertThat(dataPlane.ports().get(port).counters().bytesFromClients.sum())
                .isEqualTo(11);
        assertThat(dataPlane.ports().get(port).counters().bytesFromBackends.sum())
                .isEqualTo(15);
    }

    @Test
    void takesTurnsBetweenBackends() throws Exception {
        start(settings());
        route(to(keep(Backends.greeting("one"))), to(keep(Backends.greeting("two"))));

        Set<String> seen = new HashSet<>(List.of(greeting(), greeting()));

        assertThat(seen).containsExactlyInAnyOrder("one", "two");
    }

    @Test
    void refusesConnectionsToPortsWithoutRoutes() throws Exception {
        start(settings());
        route(to(keep(Backends.greeting("one"))));
        assertThat(greeting()).isEqualTo("one");

        route();

        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    }

    @Test
    void changesOfRoutesLeaveOpenConnectionsAlone() throws Exception {
        start(settings());
        Backends first = keep(Backends.greeting("one"));
        Backends second = keep(Backends.greeting("two"));
        route(to(first));
        Socket before = connect();
        assertThat(line(before)).isEqualTo("one");

        route(to(second));
        assertThat(greeting()).isEqualTo("two");
        send(before, "still here\n");
        assertThat(line(before)).isEqualTo("still here");

        route();
        send(before, "and now\n");
        assertThat(line(before)).isEqualTo("and now");
    }

    @Test
    void closesConnectionsToRemovedBackendsAfterAWhileIfToldTo() throws Exception {
        var base = settings();
        start(new DataPlaneSettings(
                LOOPBACK,
                0,
                base.connectTimeout(),
                base.idleTimeout(),
                base.clientHelloTimeout(),
                1000,
                1000,
                false,
                null,
                Duration.ofMillis(50),
                null));
        Backends stays = keep(Backends.greeting("stays"));
        Backends goes = keep(Backends.greeting("goes"));
        route(to(goes));
        Socket old = connect();
        assertThat(line(old)).isEqualTo("goes");
        route(to(stays), to(goes));
        Socket other = connect();
        String which = line(other);
        Socket another = connect();
        Socket kept = which.equals("stays") ? other : another;
        Socket ended = which.equals("stays") ? another : other;
        line(another);

        route(to(stays));

        assertThatThrownBy(() -> line(old)).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> line(ended)).isInstanceOf(SocketException.class);
        send(kept, "still here\n");
        assertThat(line(kept)).isEqualTo("still here");
    }

    @Test
    void goesOnToTheNextBackendWhenOneRefuses() throws Exception {
        start(settings());
        var dead = TcpRouteMapping.builder("group", 1, "127.0.0.1", FreePorts.next());
        route(dead, to(keep(Backends.greeting("alive"))));

        for (int i = 0; i < 6; i++) {
            assertThat(greeting()).isEqualTo("alive");
        }
        assertThat(dataPlane.ports().get(port).counters().connectErrors.sum()).isBetween(1L, 2L);
    }

    @Test
    void triesALoneBackendAgainThatComesUpASecondLater() throws Exception {
        start(settings());
        int later = FreePorts.next();
        route(TcpRouteMapping.builder("group", 1, "127.0.0.1", later));
        Socket socket = connect();
        await().until(() -> dataPlane.ports().get(port).counters().connectErrors.sum() == 1);

        keep(new Backends(new ServerSocket(later, 10, LOOPBACK), "late"));

        assertThat(line(socket)).isEqualTo("late");
    }

    @Test
    void closesTheClientWithoutDataWhenNoBackendIsUsable() throws Exception {
        start(settings());
        compiler = new RouteCompiler(false, Balancing.ROUND_ROBIN, Map.of());
        route(to(keep(Backends.greeting("one"))).backendTlsPort(1234));

        assertThat(greeting()).isEqualTo("<end>");
    }

    @Test
    void aPortThatCannotBeOpenedHurtsNoOther() throws Exception {
        start(settings());
        int taken = FreePorts.next();
        try (var occupant = new ServerSocket(taken, 1, LOOPBACK)) {
            route(taken, to(keep(Backends.greeting("one"))));
            route(to(keep(Backends.greeting("two"))));

            assertThat(greeting()).isEqualTo("two");
            assertThat(dataPlane.ports().get(taken).isListening()).isFalse();
            assertThat(dataPlane.ports().get(taken).problem()).contains("in use");
            assertThat(occupant.isBound()).isTrue();
        }
        await().until(() -> dataPlane.ports().get(taken).isListening());
    }

    @Test
    void closesIdleConnections() throws Exception {
        var base = settings();
        start(new DataPlaneSettings(
                LOOPBACK,
                0,
                base.connectTimeout(),
                Duration.ofMillis(100),
                base.clientHelloTimeout(),
                10,
                10,
                false,
                null,
                Duration.ZERO,
                null));
        route(to(keep(Backends.greeting("one"))));
        Socket socket = connect();
        assertThat(line(socket)).isEqualTo("one");

        assertThatThrownBy(() -> line(socket)).isInstanceOf(SocketException.class);
        await().until(() -> dataPlane.ports().get(port).counters().idleTimeouts.sum() == 1);
    }

    @Test
    void beyondTheLimitClientsWaitUntilOthersLeave() throws Exception {
        var base = settings();
        start(new DataPlaneSettings(
                LOOPBACK,
                1,
                base.connectTimeout(),
                base.idleTimeout(),
                base.clientHelloTimeout(),
                2,
                2,
                false,
                null,
                Duration.ZERO,
                null));
        Backends backend = keep(Backends.greeting("one"));
        route(to(backend));
        Socket first = connect();
        line(first);
        Socket second = connect();
        line(second);

        Socket third = connect();
        third.setSoTimeout(200);
        assertThatThrownBy(() -> line(third)).isInstanceOf(SocketTimeoutException.class);
        assertThat(backend.accepted.get()).isEqualTo(2);

        first.close();
        third.setSoTimeout(30_000);
        assertThat(line(third)).isEqualTo("one");
    }

    @Test
    void tellsBackendsWhoTheClientIs() throws Exception {
        var base = settings();
        for (ProxyHeader.Version version : ProxyHeader.Version.values()) {
            start(new DataPlaneSettings(
                    LOOPBACK,
                    0,
                    base.connectTimeout(),
                    base.idleTimeout(),
                    base.clientHelloTimeout(),
                    10,
                    10,
                    false,
                    version,
                    Duration.ZERO,
                    null));
            route(to(keep(Backends.silent())));
            Socket socket = connect();
            send(socket, "x");
            byte[] header = socket.getInputStream().readNBytes(version == ProxyHeader.Version.V1 ? 6 : 12);
            assertThat(new String(header, US_ASCII))
                    .isEqualTo(version == ProxyHeader.Version.V1 ? "PROXY " : "\r\n\r\n\0\r\nQUIT\n");
            dataPlane.close();
        }
    }

    @Test
    void passesOnWhatAPrecedingProxySays() throws Exception {
        var base = settings();
        start(new DataPlaneSettings(
                LOOPBACK,
                0,
                base.connectTimeout(),
                base.idleTimeout(),
                Duration.ofMillis(200),
                10,
                10,
                true,
                ProxyHeader.Version.V1,
                Duration.ZERO,
                null));
        route(to(keep(Backends.silent())));
        Socket socket = connect();
        send(socket, "PROXY TCP4 192.0.2.1 198.51.100.1 1234 5000\r\nhello\n");

        assertThat(line(socket)).isEqualTo("PROXY TCP4 192.0.2.1 198.51.100.1 1234 5000\r");
        assertThat(line(socket)).isEqualTo("hello");
        Socket liar = connect();
        send(liar, "GET / HTTP/1.1\r\n");
        assertThatThrownBy(() -> assertThat(line(liar)).isEqualTo("never"))
                .isInstanceOfAny(SocketException.class, AssertionError.class);
        Socket silent = connect();
        assertThat(line(silent)).isEqualTo("<end>");
    }

    @Test
    void routesBySniWithoutEndingTls() throws Exception {
        start(settings());
        TlsIdentity a = authority.issue("a", List.of("a.example.com"), Duration.ofDays(1));
        TlsIdentity b = authority.issue("b", List.of("b.example.com"), Duration.ofDays(1));
        route(
                to(tlsBackend("one", a, false)).backendSniHostname("a.example.com"),
                to(tlsBackend("two", b, false)).backendSniHostname("b.example.com"),
                to(keep(Backends.greeting("plain"))));

        assertThat(line(tlsClient("a.example.com"))).isEqualTo("one");
        assertThat(line(tlsClient("B.example.com"))).isEqualTo("two");
        Socket other = connect();
        send(other, "not TLS at all\n");
        assertThat(line(other)).isEqualTo("plain");
        assertThat(line(other)).isEqualTo("not TLS at all");
    }

    @Test
    void aSilentClientOfAPortWithSniHostsGetsThePlainRouteAfterAWhile() throws Exception {
        var base = settings();
        start(new DataPlaneSettings(
                LOOPBACK,
                0,
                base.connectTimeout(),
                base.idleTimeout(),
                Duration.ofMillis(150),
                10,
                10,
                false,
                null,
                Duration.ZERO,
                null));
        Backends plain = keep(Backends.greeting("plain"));
        route(to(keep(Backends.greeting("sni"))).backendSniHostname("a.example.com"), to(plain));

        assertThat(greeting()).isEqualTo("plain");

        route(to(keep(Backends.greeting("sni"))).backendSniHostname("a.example.com"));
        assertThat(greeting()).isEqualTo("<end>");
    }

    @Test
    void aClientThatHalfClosesBeforeItsHelloGetsThePlainRouteAtOnce() throws Exception {
        start(settings());
        route(
                to(keep(Backends.greeting("sni"))).backendSniHostname("a.example.com"),
                to(keep(Backends.greeting("plain"))));
        Socket socket = connect();
        socket.setSoTimeout(3_000);

        socket.shutdownOutput();

        assertThat(line(socket)).isEqualTo("plain");
        assertThat(line(socket)).isEqualTo("<end>");
    }

    @Test
    void endsTlsWhereTheRouteSaysSo() throws Exception {
        TlsIdentity fallback = authority.issue("x", List.of("x.example.com"), Duration.ofDays(1));
        TlsIdentity wanted = authority.issue("a", List.of("*.example.com"), Duration.ofDays(1));
        start(settings(), List.of(fallback, wanted), null);
        route(to(keep(Backends.greeting("one"))).terminateFrontendTls(true).alpns("h2,http/1.1"));

        SSLSocket client = tlsClient("a.example.com", parameters -> {
            parameters.setApplicationProtocols(new String[] {"http/1.1"});
            return parameters;
        });

        assertThat(line(client)).isEqualTo("one");
        assertThat(((X509Certificate) client.getSession().getPeerCertificates()[0])
                        .getSubjectX500Principal()
                        .getName())
                .isEqualTo("CN=a");
        assertThat(client.getApplicationProtocol()).isEqualTo("http/1.1");
        send(client, "hello\n");
        assertThat(line(client)).isEqualTo("hello");
        client.shutdownOutput();
        assertThat(line(client)).isEqualTo("<end>");
    }

    @Test
    void speaksTlsToBackendsThatAreWhoTheyShouldBe() throws Exception {
        start(settings());
        TlsIdentity right = authority.issue("guid-1", List.of("guid-1"), Duration.ofDays(1));
        Backends backend = tlsBackend("one", right, false);
        route(tls(backend, "guid-1"));
        assertThat(greeting()).isEqualTo("one");

        route(tls(backend, "guid-2"));
        assertThat(dataPlane.ports().get(port).counters().connectErrors.sum()).isZero();
        Socket wrong = connect();
        await().until(() -> dataPlane.ports().get(port).counters().connectErrors.sum() > 0);

        route(
                tls(backend, "guid-2"),
                tls(tlsBackend("two", authority.issue("guid-2", List.of(), Duration.ofDays(1)), false), "guid-2"));
        assertThat(greeting()).isEqualTo("two");
        assertThat(wrong.isConnected()).isTrue();
    }

    @Test
    void encryptsAgainTowardsTheBackendAndShowsACertificateOnlyWhereAsked() throws Exception {
        TlsIdentity frontend = authority.issue("f", List.of("a.example.com"), Duration.ofDays(1));
        TlsIdentity ours = authority.issue("router", List.of(), Duration.ofDays(1));
        start(settings(), List.of(frontend), ours);
        TlsIdentity identity = authority.issue("guid", List.of("guid"), Duration.ofDays(1));
        Backends demanding = tlsBackend("mutual", identity, true);

        route(tls(demanding, "guid")
                .terminateFrontendTls(true)
                .enableBackendMtls(true)
                .sniRewriteHostname("inner.example.com"));
        assertThat(line(tlsClient("a.example.com"))).isEqualTo("mutual");

        route(tls(demanding, "").terminateFrontendTls(true));
        SSLSocket refused = tlsClient("a.example.com");
        await().until(() -> dataPlane.ports().get(port).counters().connects.sum() >= 1);
        assertThatThrownBy(() -> assertThat(line(refused)).isEqualTo("mutual"))
                .isInstanceOfAny(IOException.class, AssertionError.class);
    }

    @Test
    void anotherProcessCanTakeOverThePort() throws Exception {
        start(settings());
        route(to(keep(Backends.greeting("old"))));
        Socket old = connect();
        assertThat(line(old)).isEqualTo("old");
        DataPlane before = keep(dataPlane);

        start(settings());
        route(to(keep(Backends.greeting("new"))));
        before.stopListening();

        for (int i = 0; i < 20; i++) {
            assertThat(greeting()).isEqualTo("new");
        }
        send(old, "still here\n");
        assertThat(line(old)).isEqualTo("still here");
    }

    @Test
    void carriesManyConnectionsWhileRoutesChange() throws Exception {
        start(settings());
        Backends steady = keep(Backends.greeting("steady"));
        Backends flapping = keep(Backends.greeting("flapping"));
        route(to(steady));
        List<Thread> clients = new ArrayList<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 30; i++) {
            clients.add(Thread.ofVirtual().start(() -> {
                try {
                    for (int round = 0; round < 30; round++) {
                        try (Socket socket = new Socket(LOOPBACK, port)) {
                            socket.setSoTimeout(30_000);
                            var reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
                            assertThat(reader.readLine()).isIn("steady", "flapping");
                            send(socket, "ping\n");
                            assertThat(reader.readLine()).isEqualTo("ping");
                        }
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
        }
        while (clients.stream().anyMatch(Thread::isAlive)) {
            route(to(steady), to(flapping));
            route(to(steady));
        }

        assertThat(failures).isEmpty();
        await().until(() -> dataPlane.openConnections() == 0);
        assertThat(dataPlane.ports().get(port).counters().accepted.sum()).isEqualTo(900);
    }

    private static TcpRouteMapping.Builder tls(Backends backend, String instanceId) {
        return TcpRouteMapping.builder("group", 1, "127.0.0.1", 1)
                .backendTlsPort(backend.port())
                .instanceId(instanceId);
    }

    private Backends tlsBackend(String name, TlsIdentity identity, boolean mutual) throws Exception {
        var context = TlsContexts.jdk(Optional.of(identity), List.of(authority.certificate()));
        var server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 100, LOOPBACK);
        server.setNeedClientAuth(mutual);
        return keep(new Backends(server, name));
    }

    private SSLSocket tlsClient(String host) throws Exception {
        return tlsClient(host, parameters -> parameters);
    }

    private SSLSocket tlsClient(String host, UnaryOperator<SSLParameters> with) throws Exception {
        var context = TlsContexts.jdk(Optional.empty(), List.of(authority.certificate()));
        var socket = (SSLSocket) context.getSocketFactory().createSocket(connect(), host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(host)));
        socket.setSSLParameters(with.apply(parameters));
        return keep(socket);
    }
}
