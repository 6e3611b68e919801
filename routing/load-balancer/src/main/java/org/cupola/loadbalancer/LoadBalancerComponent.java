package org.cupola.loadbalancer;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cupola.loadbalancer.LoadBalancerConfig.Dns;
import org.cupola.loadbalancer.LoadBalancerConfig.Http;
import org.cupola.loadbalancer.LoadBalancerConfig.HttpBackend;
import org.cupola.loadbalancer.LoadBalancerConfig.Tcp;
import org.cupola.loadbalancer.LoadBalancerConfig.TcpBackend;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.net.Transport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP and TCP load balancers and the DNS server as one component. Any thread; {@code start} and {@code close} once
 * each.
 */
public final class LoadBalancerComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(LoadBalancerComponent.class);
    private static final Duration LAST_WRITES = Duration.ofSeconds(1);

    private final LoadBalancerConfig config;
    private final Transport transport;
    private final EventLoopGroup loops;
    private final HealthChecker checker;
    private final List<Frontend> frontends = new ArrayList<>();
    private final List<Backend> backends = new ArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile int httpPort;
    private volatile @Nullable PortRangeListener tcpPorts;
    private volatile @Nullable DnsServer dns;

    /** @param clock not needed by a relay; taken so that every component is made alike */
    public LoadBalancerComponent(LoadBalancerConfig config, @SuppressWarnings("unused") Clock clock) {
        this.config = config;
        this.transport = Transport.preferred();
        this.loops = transport.eventLoops("load-balancer", Runtime.getRuntime().availableProcessors());
        this.checker = new HealthChecker(config.health());
    }

    @Override
    public String name() {
        return "load-balancer";
    }

    @Override
    public synchronized void start() throws Exception {
        try {
            Http http = config.http();
            if (http != null) {
                startHttp(http);
            }
            Tcp tcp = config.tcp();
            if (tcp != null) {
                startTcp(tcp);
            }
            Dns zones = config.dns();
            if (zones != null) {
                var server = new DnsServer(zones, transport, loops);
                dns = server;
                server.start();
            }
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private void startHttp(Http http) {
        List<Backend> routers = new ArrayList<>();
        for (HttpBackend router : http.backends()) {
            InetSocketAddress address = router.address();
            Backend backend = backend(routers, "http " + text(address), _ -> address);
            URI health = router.health();
            if (health == null) {
                checker.watch(backend, address);
            } else {
                checker.watch(backend, health);
            }
        }
        var pool = new BackendPool(routers, http.relaying().balance());
        Frontend frontend = frontend(new Frontend("http", pool, http.relaying(), true, transport, loops));
        ChannelFuture bound = frontend.bind(http.listen()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IllegalStateException(
                    "cannot listen on " + text(http.listen()) + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        httpPort = ((InetSocketAddress) bound.channel().localAddress()).getPort();
        log.atInfo().addKeyValue("address", bound.channel().localAddress()).log("http-listening");
    }

    private void startTcp(Tcp tcp) {
        List<Backend> routers = new ArrayList<>();
        for (TcpBackend router : tcp.backends()) {
            Backend backend = backend(
                    routers,
                    "tcp " + router.address().getHostAddress(),
                    port -> new InetSocketAddress(router.address(), port));
            checker.watch(backend, router.health());
        }
        var pool = new BackendPool(routers, tcp.relaying().balance());
        Frontend frontend = frontend(new Frontend("tcp", pool, tcp.relaying(), false, transport, loops));
        var ports = new PortRangeListener(frontend, tcp, loops);
        tcpPorts = ports;
        ports.start();
    }

    private Backend backend(
            List<Backend> routers, String name, java.util.function.IntFunction<InetSocketAddress> address) {
        var backend = new Backend(name, address, config.health());
        routers.add(backend);
        backends.add(backend);
        return backend;
    }

    private Frontend frontend(Frontend frontend) {
        frontends.add(frontend);
        return frontend;
    }

    private static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }

    /** The HTTP load balancer's port, once started; 0 without one. */
    public int httpPort() {
        return httpPort;
    }

    /** The DNS server's port, once started; 0 without one. */
    public int dnsPort() {
        DnsServer server = dns;
        return server == null ? 0 : server.port();
    }

    /** Each backend's name ({@code http HOST:PORT} or {@code tcp IP}), and whether it is healthy. */
    public synchronized Map<String, Boolean> backends() {
        Map<String, Boolean> states = new TreeMap<>();
        backends.forEach(backend -> states.put(backend.name(), backend.isHealthy()));
        return states;
    }

    /** Connections open now. */
    public synchronized int connections() {
        return frontends.stream().mapToInt(Frontend::connections).sum();
    }

    @Override
    public synchronized void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        PortRangeListener ports = tcpPorts;
        if (ports != null) {
            ports.close();
        }
        DnsServer server = dns;
        if (server != null) {
            server.close();
        }
        frontends.forEach(Frontend::drain);
        awaitConnections();
        frontends.forEach(Frontend::closeConnections);
        checker.close();
        loops.shutdownGracefully(0, LAST_WRITES.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(2 * LAST_WRITES.toMillis());
    }

    private void awaitConnections() {
        long deadline = System.nanoTime() + config.drainTimeout().toNanos();
        try {
            while (connections() > 0 && System.nanoTime() - deadline < 0) {
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever closes us is in a hurry
        }
    }
}
