package org.cupola.cloudcontroller;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.sql.Database;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.loggregator.LogCacheClient;
import org.cupola.protocol.uaa.TokenClient;
import org.cupola.protocol.uaa.UaaConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Cloud Controller as a component: API, mutual-TLS port for cells, and the loops that keep the BBS in step and move
 * deployments.
 */
public final class CloudControllerComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(CloudControllerComponent.class);
    private static final Duration UAA_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LOG_CACHE_TIMEOUT = Duration.ofSeconds(5);

    private final CloudControllerConfig config;
    private final InstantSource clock;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private @Nullable HttpServer api;
    private @Nullable HttpServer internal;

    public CloudControllerComponent(CloudControllerConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "cloud-controller";
    }

    @Override
    public synchronized void start() throws Exception {
        try {
            open();
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private void open() throws Exception {
        Database database = opened(Database.open(config.database()));
        Schema.migrate(database);
        Store store = new Store(
                database,
                new Stamps(clock),
                config.limits().maxLabels(),
                config.limits().maxAnnotations());
        if (config.logging().agent().isPresent()) {
            store.events.onRecord(opened(new AppLog(config.logging().agent().get(), clock))::tell);
        }
        HttpClients uaaClients =
                opened(HttpClients.create(null, trusted(config.uaa().authority())));
        UaaConnection uaa = new UaaConnection(config.uaa().internalUrl(), uaaClients, UAA_TIMEOUT);
        UserDirectory directory = config.uaa()
                .lookup()
                .<UserDirectory>map(client -> new UaaUserDirectory(
                        config.uaa().internalUrl(),
                        uaaClients,
                        new TokenClient(uaa, client.name(), client.secret(), clock)))
                .orElse(UserDirectory.NONE);
        RouterGroups routerGroups = routerGroups(uaa);
        Optional<BbsClient> bbs = config.bbs().map(this::bbs);
        BlobStores blobs = BlobStores.open(config.blobs());

        WorkDirectory.delete(config.blobs().temporary());
        Assembly assembly = new Assembly(
                config,
                store,
                directory,
                routerGroups,
                bbs,
                blobs,
                new Authenticator(uaa, Set.copyOf(config.uaa().resourceIds()), clock, store),
                new CellUrls(this::cellUrl),
                config.logging().logCache().map(this::usage).orElse(InstanceUsage.NONE),
                new SecureRandom());
        opened(assembly);
        assembly.prepare();
        startInternal(assembly);
        HttpServer server = new HttpServer("cloud-controller", listener(), assembly::addTo);
        server.start();
        running.push(server);
        api = server;
        assembly.start();
        log.atInfo()
                .addKeyValue("port", server.port())
                .addKeyValue("url", config.apiUrl())
                .log("started");
    }

    private <T extends AutoCloseable> T opened(T resource) {
        running.push(resource);
        return resource;
    }

    private static List<X509Certificate> trusted(Optional<Path> file) {
        return file.map(Pem::certificates).orElse(List.of());
    }

    private RouterGroups routerGroups(UaaConnection uaa) {
        if (config.routingApi().isEmpty()) {
            return RouterGroups.NONE;
        }
        CloudControllerConfig.RoutingApi routing = config.routingApi().get();
        HttpClients clients = opened(HttpClients.create(null, trusted(routing.authority())));
        return new RoutingApiRouterGroups(
                routing.url(),
                clients,
                new TokenClient(uaa, routing.client().name(), routing.client().secret(), clock));
    }

    private BbsClient bbs(CloudControllerConfig.Bbs bbs) {
        TlsIdentity identity = bbs.identity()
                .map(files -> TlsIdentity.read(files.certificate(), files.key()))
                .orElse(null);
        HttpClients clients = opened(HttpClients.create(identity, trusted(bbs.authority())));
        return new BbsClient(clients, bbs.url(), bbs.timeout());
    }

    private InstanceUsage usage(CloudControllerConfig.LogCache cache) {
        HttpClients clients = opened(HttpClients.create(
                TlsIdentity.read(
                        cache.identity().certificate(), cache.identity().key()),
                Pem.certificates(cache.authority())));
        var client = new LogCacheClient(clients, cache.address(), LOG_CACHE_TIMEOUT);
        return new LogCacheUsage(client::read, clock);
    }

    private HttpListener listener() {
        return config.externalTls()
                .map(files -> HttpListener.tls(config.listen(), TlsIdentity.read(files.certificate(), files.key())))
                .orElseGet(() -> HttpListener.plain(config.listen()));
    }

    private void startInternal(Assembly assembly) throws Exception {
        if (config.internal().isEmpty()) {
            return;
        }
        CloudControllerConfig.Internal settings = config.internal().get();
        HttpListener listener = HttpListener.mutualTls(
                settings.address(),
                TlsIdentity.read(
                        settings.identity().certificate(), settings.identity().key()),
                Pem.certificates(settings.authority()));
        HttpServer server = new HttpServer("cloud-controller-internal", listener, assembly::addInternalTo);
        server.start();
        running.push(server);
        internal = server;
    }

    /** Known once the internal server listens, since its port may be any. */
    private String cellUrl() {
        return config.internal()
                .map(settings -> "https://" + settings.hostname() + ":" + internalPort())
                .orElse(config.apiUrl());
    }

    /** The port of the API; asks for a started component. */
    public synchronized int port() {
        HttpServer server = api;
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server.port();
    }

    /** The mutual-TLS port; asks for a started component that has one. */
    public synchronized int internalPort() {
        HttpServer server = internal;
        if (server == null) {
            throw new IllegalStateException("not started, or without mutual_tls");
        }
        return server.port();
    }

    @Override
    public synchronized void close() {
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                log.atError().setCause(e).log("not closed cleanly"); // the others still hold connections
            }
        }
    }
}
