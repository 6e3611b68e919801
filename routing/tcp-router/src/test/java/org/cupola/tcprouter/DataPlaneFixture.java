package org.cupola.tcprouter;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cupola.platform.net.Transport;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.AfterEach;

/** A data plane over real sockets, with one external port. */
abstract class DataPlaneFixture {
    static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    final CertificateAuthority authority =
            CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
    private final List<AutoCloseable> open = new ArrayList<>();
    final int port = FreePorts.next();
    DataPlane dataPlane;
    RouteCompiler compiler = new RouteCompiler(true, Balancing.ROUND_ROBIN, Map.of());

    Transport transport() {
        return Transport.preferred();
    }

    static DataPlaneSettings settings() {
        return DataPlaneSettings.on(LOOPBACK);
    }

    void start(DataPlaneSettings settings) {
        start(settings, List.of(), null);
    }

    void start(DataPlaneSettings settings, List<TlsIdentity> frontend, TlsIdentity towardsBackends) {
        dataPlane = new DataPlane(
                settings,
                transport(),
                new FrontendTls(frontend),
                new BackendTls(List.of(authority.certificate()), towardsBackends));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable resource : open.reversed()) {
            resource.close();
        }
        dataPlane.close();
    }

    <T extends AutoCloseable> T keep(T resource) {
        open.add(resource);
        return resource;
    }

    static TcpRouteMapping.Builder to(Backends backend) {
        return TcpRouteMapping.builder("group", 1, "127.0.0.1", backend.port());
    }

    void route(TcpRouteMapping.Builder... mappings) {
        route(port, mappings);
    }

    void route(int external, TcpRouteMapping.Builder... mappings) {
        var table = new RouteTable(Duration.ofMinutes(2));
        for (TcpRouteMapping.Builder mapping : mappings) {
            table.upsert(mapping.build(), Instant.now());
        }
        dataPlane.set(external, compiler.compile(external, table.port(1), dataPlane.routes(external)));
    }

    Socket connect() throws IOException {
        Socket socket = keep(new Socket(LOOPBACK, port));
        socket.setSoTimeout(30_000);
        return socket;
    }

    static String line(Socket socket) throws IOException {
        var line = new StringBuilder();
        for (int c = socket.getInputStream().read();
                c != '\n';
                c = socket.getInputStream().read()) {
            if (c < 0) {
                return line.append("<end>").toString();
            }
            line.append((char) c);
        }
        return line.toString();
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
        socket.getOutputStream().flush();
    }

    String greeting() throws IOException {
        try (Socket socket = connect()) {
            return line(socket);
        }
    }
}
