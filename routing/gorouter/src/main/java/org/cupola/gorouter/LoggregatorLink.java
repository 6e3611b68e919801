package org.cupola.gorouter;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import org.cupola.gorouter.loggregator.Metron;
import org.cupola.gorouter.proxy.DataPlane;
import org.cupola.gorouter.proxy.Telemetry;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.protocol.routing.NatsBus;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration says about Loggregator, put to work: nothing at all unless Envelope v1 metrics are on, as in the
 * original, whose events all take the way of its metrics. Start and stop come from one thread.
 */
final class LoggregatorLink implements AutoCloseable {
    private final GorouterConfig config;
    private final @Nullable Metron metron;
    private @Nullable MetronReporter reporter;

    private LoggregatorLink(GorouterConfig config, @Nullable Metron metron) {
        this.config = config;
        this.metron = metron;
    }

    static LoggregatorLink open(GorouterConfig config) throws IOException {
        if (!config.metrics().envelopeV1()) {
            return new LoggregatorLink(config, null);
        }
        String address = config.metrics().metronAddress();
        int colon = address.lastIndexOf(':');
        try {
            return new LoggregatorLink(
                    config,
                    Metron.to(new InetSocketAddress(
                            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))));
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException(
                    "logging.metron_address: " + address + " (expected: host:port of a Loggregator agent, or"
                            + " enable_envelope_v1_metrics: false): " + e.getMessage(),
                    e);
        }
    }

    /** What the data plane tells of requests. */
    Telemetry telemetry() {
        GorouterConfig.Metrics metrics = config.metrics();
        return new Telemetry(
                metron,
                metrics.loggregatorAccessLog(),
                metrics.serverEvents(),
                metrics.clientEvents(),
                metrics.perRequest(),
                "" + config.registry().index(),
                config.status().plain() && config.status().deprecated(),
                config.registry().activeAppsInterval().isPositive());
    }

    /** Begins to tell of everything else. */
    void start(
            InstantSource clock,
            DataPlane plane,
            RouteTable table,
            RegistryMetrics registry,
            RegistrationLatency latency,
            NatsBus bus,
            ScheduledExecutorService timers) {
        if (metron == null) {
            return;
        }
        var reporting = new MetronReporter(metron, clock, plane, table, registry, bus);
        reporter = reporting;
        latency.onLatency(reporting::registrationLatency);
        reporting.start(timers);
    }

    /** To be called after each look for stale routes. */
    void pruned() {
        if (reporter != null) {
            reporter.routes();
        }
    }

    /** Events that were lost. */
    long dropped() {
        return metron == null ? 0 : metron.dropped();
    }

    @Override
    public void close() throws IOException {
        if (metron != null) {
            metron.close();
        }
    }
}
