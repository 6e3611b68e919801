package org.cupola.loggregator;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.cupola.loggregator.access.CloudController;
import org.cupola.loggregator.access.LogAccess;
import org.cupola.loggregator.agent.DropsondeReceiver;
import org.cupola.loggregator.agent.IngressService;
import org.cupola.loggregator.logcache.LogCacheApi;
import org.cupola.loggregator.logcache.LogCacheServices;
import org.cupola.loggregator.rlp.EgressService;
import org.cupola.loggregator.rlp.Gateway;
import org.cupola.loggregator.trafficcontroller.TrafficController;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.uaa.TokenRules;
import org.cupola.protocol.uaa.TokenValidator;
import org.cupola.protocol.uaa.UaaConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loggregator as one component: the boxes that its configuration gives addresses. */
public final class LoggregatorComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(LoggregatorComponent.class);
    private static final Duration UAA_TIMEOUT = Duration.ofSeconds(10);

    private final LoggregatorConfig config;
    private final InstantSource clock;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final Map<InetSocketAddress, Integer> grpcPorts = new HashMap<>();
    private final Map<InetSocketAddress, Integer> httpPorts = new HashMap<>();
    private int udpPort;

    public LoggregatorComponent(LoggregatorConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "loggregator";
    }

    @Override
    public synchronized void start() throws Exception {
        try {
            startBoxes();
        } catch (Exception e) {
            close();
            throw e;
        }
        log.atInfo()
                .addKeyValue("grpc-ports", grpcPorts.values())
                .addKeyValue("http-ports", httpPorts.values())
                .addKeyValue("udp-port", udpPort)
                .log("started");
    }

    private void startBoxes() throws Exception {
        ExecutorService threads = opened(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("loggregator-", 0).factory()));
        Boxes boxes = Boxes.of(config, clock);
        var listeners = new Listeners(config);
        var ingress = new IngressService(boxes.agent());
        var egress = new EgressService(boxes.doppler(), config.rlp().maxStreams(), threads);
        listeners.grpc(config.agent().grpc(), List.of(ingress));
        listeners.grpc(config.logCache().grpc(), new LogCacheServices(boxes.logCache(), threads).all());
        listeners.grpc(config.rlp().grpc(), List.of(egress));
        if (config.access().isPresent()) {
            LogAccess access = access(config.access().get());
            listeners.http(config.logCache().http(), new LogCacheApi(boxes.logCache(), access)::register);
            listeners.http(
                    config.gateway().http(),
                    new Gateway(boxes.doppler(), access, config.gateway().streamTimeout(), clock, threads)::register);
            listeners.http(
                    config.trafficController().http(),
                    new TrafficController(boxes.doppler(), access, threads)::register);
        }
        for (var server : listeners.grpcServers().entrySet()) {
            grpcPorts.put(server.getKey(), start(server.getValue()));
        }
        for (var server : listeners.httpServers().entrySet()) {
            httpPorts.put(server.getKey(), start(server.getValue()));
        }
        if (config.agent().udp().isPresent()) {
            DropsondeReceiver receiver =
                    opened(new DropsondeReceiver(config.agent().udp().get(), boxes.agent()));
            receiver.start();
            udpPort = receiver.port();
        }
        if (config.metrics().isPresent()) {
            start(new HttpServer(
                    "loggregator-metrics",
                    HttpListener.plain(config.metrics().get()),
                    new MetricsPage(boxes, egress)::register));
        }
        // First to be closed: what streams, so that nobody waits for it.
        opened(ingress);
        opened(boxes.doppler());
    }

    private LogAccess access(LoggregatorConfig.AccessSettings settings) {
        LoggregatorConfig.MutualTls files = config.tls().orElseThrow();
        HttpClients users = opened(HttpClients.create(null, trusted(settings)));
        HttpClients components = opened(HttpClients.create(
                TlsIdentity.read(files.certificate(), files.key()), Pem.certificates(files.authority())));
        var uaa = new UaaConnection(settings.uaa(), users, UAA_TIMEOUT);
        return new LogAccess(
                new TokenValidator(uaa, TokenRules.lenient(), clock),
                new CloudController(settings.controllerInternal(), components, settings.controllerApi(), users, clock));
    }

    private static List<X509Certificate> trusted(LoggregatorConfig.AccessSettings settings) {
        return settings.authority().map(Pem::certificates).orElse(List.of());
    }

    private int start(HttpServer server) throws Exception {
        server.start();
        return opened(server).port();
    }

    private <T extends AutoCloseable> T opened(T part) {
        running.push(part);
        return part;
    }

    /** The port in use for a gRPC address of the configuration; asks for a started component that listens there. */
    public synchronized int grpcPort(Optional<InetSocketAddress> address) {
        return port(grpcPorts, address);
    }

    /** The port in use for an HTTP address of the configuration; asks for a started component that listens there. */
    public synchronized int httpPort(Optional<InetSocketAddress> address) {
        return port(httpPorts, address);
    }

    /** The agent's UDP port; 0 for none. */
    public synchronized int udpPort() {
        return udpPort;
    }

    private static int port(Map<InetSocketAddress, Integer> ports, Optional<InetSocketAddress> address) {
        Integer port = address.map(ports::get).orElse(null);
        if (port == null) {
            throw new IllegalStateException("not started, or nothing listens there");
        }
        return port;
    }

    @Override
    public synchronized void close() {
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                log.atError().setCause(e).log("did-not-close-cleanly"); // the others still hold connections
            }
        }
    }
}
