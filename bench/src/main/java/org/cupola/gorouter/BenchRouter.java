package org.cupola.gorouter;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import org.cupola.gorouter.proxy.ProxySettings;
import org.cupola.gorouter.proxy.RouteServices;
import org.cupola.gorouter.proxy.TlsClients;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.gorouter.routes.Sharding;
import org.cupola.platform.config.ConfigException;
import org.cupola.protocol.routing.RouterStartMessage;

/** Parts of a router with its default configuration, for benchmarks that go without sockets. */
public final class BenchRouter {
    private final GorouterConfig config;
    private final RegistryMetrics metrics = new RegistryMetrics();
    private final RouteTable table = new RouteTable(
            new RouteTable.Rules(Sharding.EVERYTHING, Duration.ofMinutes(2).toNanos(), false, 0, true),
            new SplittableRandom(1),
            new RouteLog(metrics));
    private final RouteSubscriber subscriber;

    public BenchRouter(String yaml) throws ConfigException {
        config = GorouterConfig.parse("bench.yml", yaml);
        subscriber = new RouteSubscriber(
                table,
                metrics,
                new RegistrationLatency(InstantSource.system(), Duration.ZERO, Buckets.REGISTRATION),
                new RouterStartMessage("bench", List.of("127.0.0.1"), 20, 120),
                System::nanoTime);
    }

    public RouteTable table() {
        return table;
    }

    /** Takes a message as NATS brings it. */
    public void message(String subject, byte[] data) {
        subscriber.handle(subject, data);
    }

    public ProxySettings settings() {
        return ProxySettingsFactory.of(config, "127.0.0.1");
    }

    public TlsClients tlsClients() {
        return ProxySettingsFactory.tlsClients(config, null);
    }

    public RouteServices routeServices() {
        return ProxySettingsFactory.routeServices(config, table, InstantSource.system());
    }
}
