package org.cupola.gorouter;

import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.gorouter.StatusServer.Content;
import org.cupola.gorouter.StatusServer.Page;
import org.cupola.gorouter.proxy.RouterHealth;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.platform.config.Secret;
import org.cupola.platform.net.SharedPort;
import org.cupola.platform.net.Transport;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/** The ports where operators and load balancers look. Started and closed by one thread; ports can be read by any. */
final class StatusListeners implements AutoCloseable {
    private static final String ALIVE = "/is-process-alive-do-not-use-for-loadbalancing";

    private final GorouterConfig config;
    private final Transport transport;
    private final RouterHealth health;
    private final List<StatusServer> servers = new CopyOnWriteArrayList<>();
    private volatile @Nullable StatusServer tlsServer;
    private volatile @Nullable StatusServer metricsServer;
    private volatile int port = -1;
    private volatile int tlsPort = -1;
    private volatile int routesPort = -1;
    private volatile int prometheusPort = -1;

    StatusListeners(GorouterConfig config, Transport transport, RouterHealth health) {
        this.config = config;
        this.transport = transport;
        this.health = health;
    }

    void start(RouteTable table, VarzPage varz, MetricsPage metrics) throws IOException, InterruptedException {
        GorouterConfig.Status status = config.status();
        var auth = new StatusAuth(status.user(), status.password());
        var routes = new Page(true, () -> Content.json(RoutesPage.render(table)));
        routesPort = start(
                new StatusServer("gorouter-routes", transport, auth, Map.of("/routes", routes)),
                new InetSocketAddress("127.0.0.1", status.routesPort()),
                null);
        Page healthPage = new Page(false, () -> health(health.isHealthy()));
        Page alivePage = new Page(false, () -> health(true));
        Map<String, Page> pages = new HashMap<>();
        pages.put("/health", healthPage);
        if (status.deprecated()) {
            pages.put("/healthz", healthPage);
            pages.put("/routes", routes);
            pages.put("/varz", new Page(true, () -> Content.json(varz.render(port))));
        } else {
            pages.put(ALIVE, alivePage);
        }
        startPrometheus(metrics);
        if (status.plain()) {
            String host = status.deprecated() ? status.host() : config.beyond().host();
            port = start(
                    new StatusServer("gorouter-status", transport, auth, pages),
                    new InetSocketAddress(host, status.port()),
                    null);
        }
        SslContext tls = statusTls(config);
        if (tls != null) {
            var server = new StatusServer(
                    "gorouter-status-tls", transport, auth, Map.of("/health", healthPage, ALIVE, alivePage));
            tlsServer = server;
            tlsPort = start(server, new InetSocketAddress(config.beyond().host(), status.tlsPort()), tls);
        }
    }

    private static @Nullable SslContext statusTls(GorouterConfig config) {
        TlsIdentity identity = config.status().tls();
        return identity == null
                ? null
                // Two small pages are not worth HTTP/2: whoever offers both is served by HTTP/1.1.
                : TlsContexts.build(FrontendCertificates.server(
                        identity, config.routeServices().limits(), false));
    }

    private void startPrometheus(MetricsPage metrics) throws IOException, InterruptedException {
        GorouterConfig.Prometheus settings = config.prometheus();
        if (settings.port() < 0) {
            return;
        }
        var page = new Page(
                false,
                () -> new Content(
                        200, "text/plain; version=0.0.4; charset=utf-8", metrics.render(System.nanoTime()), Map.of()));
        var server = new StatusServer(
                "gorouter-metrics", transport, new StatusAuth("", Secret.NONE), Map.of("/metrics", page));
        metricsServer = server;
        prometheusPort = start(server, new InetSocketAddress("127.0.0.1", settings.port()), prometheusTls(settings));
    }

    private static @Nullable SslContext prometheusTls(GorouterConfig.Prometheus settings) {
        if (settings.certificate().isEmpty() || settings.key().isEmpty()) {
            return null;
        }
        TlsIdentity identity =
                TlsIdentity.read(settings.certificate().get(), settings.key().get());
        return TlsContexts.build(TlsContexts.mutualServer(
                identity, settings.authorities().map(Pem::certificates).orElse(List.of())));
    }

    /** Takes over certificates; connections that exist keep theirs. Files that cannot be used change nothing. */
    Replacement replacement(GorouterConfig changed) {
        StatusServer metrics = metricsServer;
        SslContext metricsTls = metrics == null ? null : prometheusTls(changed.prometheus());
        StatusServer status = tlsServer;
        SslContext statusTls = status == null ? null : statusTls(changed);
        return new Replacement(
                () -> {
                    if (metrics != null && metricsTls != null) {
                        metrics.replace(metricsTls);
                    }
                    if (status != null && statusTls != null) {
                        status.replace(statusTls);
                    }
                },
                () -> {
                    if (metricsTls != null) {
                        ReferenceCountUtil.release(metricsTls);
                    }
                    if (statusTls != null) {
                        ReferenceCountUtil.release(statusTls);
                    }
                });
    }

    private static Content health(boolean well) {
        Map<String, String> headers = Map.of("Cache-Control", "private, max-age=0", "Expires", "0");
        return Content.text(well ? 200 : 503, well ? "ok\n" : "", headers);
    }

    private int start(StatusServer server, InetSocketAddress where, @Nullable SslContext tls)
            throws IOException, InterruptedException {
        servers.add(server);
        return server.start(where, config.beyond().takeOver(), tls);
    }

    /** What listens, a port each. */
    List<SharedPort> ports() {
        return servers.stream().map(StatusServer::port).toList();
    }

    int port() {
        return port;
    }

    int tlsPort() {
        return tlsPort;
    }

    int routesPort() {
        return routesPort;
    }

    int prometheusPort() {
        return prometheusPort;
    }

    @Override
    public void close() {
        servers.forEach(StatusServer::close);
    }
}
