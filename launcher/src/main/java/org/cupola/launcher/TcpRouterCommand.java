package org.cupola.launcher;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.cupola.platform.config.GoDuration;
import org.cupola.platform.lifecycle.Signals;
import org.cupola.tcprouter.TcpRouterComponent;
import org.cupola.tcprouter.TcpRouterConfig;
import org.cupola.tcprouter.TcpRouterFlags;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cupola tcp-router}, with the original's flags and signals. */
@Command(
        name = "tcp-router",
        mixinStandardHelpOptions = true,
        description = {
            "Routes TCP connections from external ports to backends, as the Routing API says.",
            "SIGUSR2 drains and ends it, SIGTERM ends it at once, SIGHUP reads the certificates anew."
        })
final class TcpRouterCommand implements Callable<Integer> {
    private static final String HAPROXY = "HAProxy";

    @Option(
            names = {"-config", "--config"},
            paramLabel = "FILE",
            defaultValue = "/var/vcap/jobs/tcp_router/config/tcp_router.yml",
            description = "YAML configuration. Default: ${DEFAULT-VALUE}")
    private Path config;

    @Option(
            names = {"-tcpLoadBalancer", "--tcpLoadBalancer"},
            paramLabel = "NAME",
            defaultValue = HAPROXY,
            description = "Accepted for compatibility: HAProxy, whose place this program takes.")
    private String tcpLoadBalancer;

    @Option(
            names = {"-tcpLoadBalancerBaseConfig", "--tcpLoadBalancerBaseConfig"},
            paramLabel = "FILE",
            description = "Head of an HAProxy configuration: timeouts, limits and health listeners are taken from it.")
    private Path baseConfig;

    @SuppressWarnings("unused") // accepted for the original's sake
    @Option(
            names = {"-tcpLoadBalancerConfig", "--tcpLoadBalancerConfig"},
            paramLabel = "FILE",
            description = "Accepted for compatibility.")
    private Path generatedConfig;

    @SuppressWarnings("unused") // accepted for the original's sake
    @Option(
            names = {"-tcpLoadBalancerStatsUnixSocket", "--tcpLoadBalancerStatsUnixSocket"},
            paramLabel = "FILE",
            description = "Accepted for compatibility.")
    private Path statsSocket;

    @SuppressWarnings("unused") // accepted for the original's sake
    @Option(
            names = {"-haproxyReloader", "--haproxyReloader"},
            paramLabel = "FILE",
            description = "Accepted for compatibility.")
    private Path reloader;

    @Option(
            names = {"-subscriptionRetryInterval", "--subscriptionRetryInterval"},
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "Longest pause after a failed subscription. Default: ${DEFAULT-VALUE}")
    private int subscriptionRetrySeconds;

    @Option(
            names = {"-syncInterval", "--syncInterval"},
            paramLabel = "DURATION",
            defaultValue = "1m",
            description = "Between two lists of all routes. Default: ${DEFAULT-VALUE}")
    private String syncInterval;

    @Option(
            names = {"-staleRouteCheckInterval", "--staleRouteCheckInterval"},
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "Between two looks for expired routes. Default: ${DEFAULT-VALUE}")
    private String staleRouteCheckInterval;

    @Option(
            names = {"-defaultRouteExpiry", "--defaultRouteExpiry"},
            paramLabel = "DURATION",
            defaultValue = "2m",
            description = "Time to live of routes that carry none. Default: ${DEFAULT-VALUE}")
    private String defaultRouteExpiry;

    @Option(
            names = {"-statsCollectionInterval", "--statsCollectionInterval"},
            paramLabel = "DURATION",
            defaultValue = "1m",
            description = "Between two reports of metrics. Default: ${DEFAULT-VALUE}")
    private String statsCollectionInterval;

    @Option(
            names = {"-dropsondePort", "--dropsondePort"},
            paramLabel = "PORT",
            defaultValue = "3457",
            description = "Where the Loggregator agent of this machine listens. Default: ${DEFAULT-VALUE}")
    private int dropsondePort;

    @Option(
            names = {"-routingGroupCheckExit", "--routingGroupCheckExit"},
            arity = "0..1",
            fallbackValue = "true",
            description = "End when a router group holds a reserved port.")
    private boolean routingGroupCheckExit;

    @Option(
            names = {"-tokenFetchMaxRetries", "--tokenFetchMaxRetries"},
            paramLabel = "NUMBER",
            defaultValue = "3",
            description = "Per token. Default: ${DEFAULT-VALUE}")
    private int tokenFetchMaxRetries;

    @Option(
            names = {"-tokenFetchRetryInterval", "--tokenFetchRetryInterval"},
            paramLabel = "DURATION",
            defaultValue = "5s",
            description = "Between them. Default: ${DEFAULT-VALUE}")
    private String tokenFetchRetryInterval;

    @Option(
            names = {"-tokenFetchExpirationBufferTime", "--tokenFetchExpirationBufferTime"},
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "A token counts as expired this long before its end. Default: ${DEFAULT-VALUE}")
    private int tokenExpirationBufferSeconds;

    @Option(
            names = {"-debugAddr", "--debugAddr"},
            paramLabel = "HOST:PORT",
            defaultValue = "",
            description = "Where /metrics and /routes are served; nowhere by default.")
    private String debugAddress;

    @Mixin
    private GoLogFlags logs;

    @Override
    public Integer call() throws Exception {
        if (!tcpLoadBalancer.equals(HAPROXY)) {
            throw new IllegalArgumentException("tcpLoadBalancer: " + tcpLoadBalancer + " (expected: HAProxy)");
        }
        TcpRouterConfig read = TcpRouterConfig.read(config, flags());
        InetSocketAddress debug = debugAddress.isEmpty() ? null : address(debugAddress);
        return ComponentRunner.run(logs.settings(), () -> {
            var router = new TcpRouterComponent(read, InstantSource.system(), debug);
            router.cameFrom(config);
            Signals.on("USR2", () -> {
                try {
                    router.drain();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                System.exit(0);
            });
            Signals.on("HUP", router::reload);
            return router;
        });
    }

    private TcpRouterFlags flags() {
        return new TcpRouterFlags(
                baseConfig,
                Duration.ofSeconds(subscriptionRetrySeconds),
                GoDuration.parse(syncInterval),
                GoDuration.parse(staleRouteCheckInterval),
                GoDuration.parse(defaultRouteExpiry),
                routingGroupCheckExit,
                tokenFetchMaxRetries,
                GoDuration.parse(tokenFetchRetryInterval),
                Duration.ofSeconds(tokenExpirationBufferSeconds),
                GoDuration.parse(statsCollectionInterval),
                dropsondePort);
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (colon < 0 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new IllegalArgumentException("debugAddr: " + text + " (expected: host:port)");
        }
        return new InetSocketAddress(colon == 0 ? "127.0.0.1" : text.substring(0, colon), Integer.parseInt(port));
    }
}
