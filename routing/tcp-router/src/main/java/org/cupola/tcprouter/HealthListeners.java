package org.cupola.tcprouter;

import com.linecorp.armeria.server.ServerBuilder;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.http.ReplaceableTls;
import org.cupola.platform.net.SharedPort;
import org.cupola.platform.net.TakeOver;
import org.cupola.platform.net.Transport;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.tcprouter.TcpRouterConfig.HealthListener;

/** Where {@code /health} is answered. As the routed ports, another process can share and take them. Any thread. */
final class HealthListeners implements AutoCloseable {
    private final Transport transport;
    private final TakeOver takeOver;
    private final BooleanSupplier draining;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final Map<InetSocketAddress, ReplaceableTls> tlsByAddress = new ConcurrentHashMap<>();
    private final List<SharedPort> shared = new CopyOnWriteArrayList<>();

    HealthListeners(Transport transport, TakeOver takeOver, BooleanSupplier draining) {
        this.transport = transport;
        this.takeOver = takeOver;
        this.draining = draining;
    }

    void start(HealthListener listener) throws Exception {
        InetSocketAddress address = listener.address();
        boolean taken = address.getPort() > 0 && SharedPort.isTaken(address);
        HttpServer server = server(listener);
        servers.add(server);
        server.start();
        if (!server.listening().isEmpty()) {
            var port = new SharedPort(server.listening());
            shared.add(port);
            takeOver.opened(port, taken);
        }
    }

    private HttpServer server(HealthListener listener) {
        Consumer<ServerBuilder> services = builder -> {
            transport.reusePort().ifPresent(option -> builder.channelOption(option, true));
            HealthService.addTo(builder, draining);
        };
        TlsIdentity identity = listener.identity();
        if (identity == null) {
            return new HttpServer("tcp-router-health", HttpListener.plain(listener.address()), services);
        }
        var tls = new ReplaceableTls(identity, List.of());
        tlsByAddress.put(listener.address(), tls);
        return new HttpServer("tcp-router-health", listener.address(), tls, services);
    }

    /** In the order of their start. */
    List<Integer> ports() {
        return servers.stream().map(HttpServer::port).toList();
    }

    /** New connections are shown these certificates; addresses that are new are not listened on. */
    void replaceCertificates(List<HealthListener> fresh) {
        for (HealthListener listener : fresh) {
            ReplaceableTls tls = tlsByAddress.get(listener.address());
            TlsIdentity identity = listener.identity();
            if (tls != null && identity != null) {
                tls.replace(identity, List.of());
            }
        }
    }

    @Override
    public void close() {
        List<SharedPort> open = new ArrayList<>(shared);
        shared.removeAll(open);
        takeOver.close(open);
        servers.forEach(HttpServer::close);
    }
}
