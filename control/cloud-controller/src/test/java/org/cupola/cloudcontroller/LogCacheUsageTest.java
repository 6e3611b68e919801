package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.cupola.cloudcontroller.InstanceUsage.Usage;
import org.cupola.protocol.loggregator.logcache.EnvelopeType;
import org.cupola.protocol.loggregator.logcache.ReadRequest;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.Gauge;
import org.cupola.protocol.loggregator.v2.GaugeValue;
import org.junit.jupiter.api.Test;

class LogCacheUsageTest {
    private final List<ReadRequest> requests = new ArrayList<>();
    private List<Envelope> kept = new ArrayList<>();
    private final LogCacheUsage usage = new LogCacheUsage(this::read, () -> Instant.ofEpochSecond(1000));

    private List<Envelope> read(ReadRequest request) {
        requests.add(request);
        return kept.stream()
                .filter(envelope -> envelope.getTimestamp() < request.getEndTime())
                .limit(request.getLimit())
                .toList();
    }

    private static Envelope gauge(long time, String process, String instance, String name, double value) {
        return Envelope.newBuilder()
                .setTimestamp(time)
                .setInstanceId(instance)
                .putTags("process_id", process)
                .setGauge(Gauge.newBuilder()
                        .putMetrics(
                                name, GaugeValue.newBuilder().setValue(value).build()))
                .build();
    }

    @Test
    void takesTheNewestOfEachMetricOfTheProcess() throws IOException {
        kept = List.of(
                gauge(9, "web", "0", "cpu", 50),
                gauge(8, "web", "1", "memory", 7),
                gauge(7, "worker", "0", "cpu", 99),
                gauge(6, "web", "0", "memory", 5),
                gauge(5, "web", "0", "cpu", 10),
                gauge(4, "web", "0", "log_rate", 2.6),
                gauge(3, "web", "no index", "cpu", 1));

        assertThat(usage.of("app", "web"))
                .containsOnly(
                        java.util.Map.entry(0, new Usage(0.5, null, 5, 0, 3)),
                        java.util.Map.entry(1, new Usage(0, null, 7, 0, 0)));
        ReadRequest request = requests.getFirst();
        assertThat(request.getSourceId()).isEqualTo("app");
        assertThat(request.getStartTime()).isEqualTo(880_000_000_000L);
        assertThat(request.getDescending()).isTrue();
        assertThat(request.getEnvelopeTypesList()).containsExactly(EnvelopeType.GAUGE);
    }

    @Test
    void readsOnUntilItHasSeenAll() throws IOException {
        for (int i = 2500; i > 0; i--) {
            kept.add(gauge(i, i == 1 ? "web" : "other", "0", "disk", 3));
        }

        assertThat(usage.of("app", "web").get(0).diskBytes()).isEqualTo(3);
        assertThat(requests).hasSize(3);
    }
}
