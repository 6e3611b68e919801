package org.cupola.tcprouter;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the original's metrics to the Loggregator agent of this machine in an interval, the first after one interval. Nobody
 * listening there is no error. One virtual thread; {@code close} from any.
 */
final class MetricsReporter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MetricsReporter.class);
    private static final String ORIGIN = "tcp-router";
    private static final String COUNT = "Metric";
    private static final String MILLIS = "ms";

    private final DataPlane dataPlane;
    private final InstantSource clock;
    private final InetSocketAddress agent;
    private final DatagramSocket socket;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("tcp-router-metrics").factory());

    MetricsReporter(DataPlane dataPlane, InstantSource clock, int agentPort) throws IOException {
        this.dataPlane = dataPlane;
        this.clock = clock;
        this.agent = new InetSocketAddress(InetAddress.getLoopbackAddress(), agentPort);
        this.socket = new DatagramSocket();
    }

    void start(Duration interval) {
        timer.scheduleWithFixedDelay(this::report, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void report() {
        try {
            reportAll();
        } catch (IOException | RuntimeException e) {
            log.atDebug().addKeyValue("error", e.toString()).log("metrics-not-sent"); // the next interval tries again
        }
    }

    private void reportAll() throws IOException {
        long connectErrors = 0;
        long connectNanos = 0;
        long connects = 0;
        for (PortListener port : dataPlane.ports().values()) {
            PortCounters counters = port.counters();
            connectErrors += counters.connectErrors.sum();
            connectNanos += counters.connectNanos.sum();
            connects += counters.connects.sum();
            send("backend_" + port.port() + ".ProxyConnectionErrors", counters.connectErrors.sum(), COUNT);
            send(
                    port.port() + ".ConnectionTime",
                    meanMillis(counters.connectNanos.sum(), counters.connects.sum()),
                    MILLIS);
            send(port.port() + ".CurrentSessions", counters.open.get(), COUNT);
        }
        // Clients beyond a limit wait in the kernel, where nobody counts them.
        send("TotalCurrentQueuedRequests", 0, COUNT);
        send("AverageQueueTimeMs", 0, MILLIS);
        send("TotalBackendConnectionErrors", connectErrors, COUNT);
        send("AverageConnectTimeMs", meanMillis(connectNanos, connects), MILLIS);
    }

    private static long meanMillis(long nanos, long count) {
        return count == 0 ? 0 : nanos / count / 1_000_000;
    }

    private void send(String name, long value, String unit) throws IOException {
        Instant now = clock.instant();
        long nanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        byte[] envelope = Dropsonde.valueMetric(ORIGIN, name, (double) value, unit, nanos);
        socket.send(new DatagramPacket(envelope, envelope.length, agent));
    }

    @Override
    public void close() {
        timer.shutdownNow();
        socket.close();
    }
}
