package org.cupola.loggregator.logcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.List;
import org.cupola.protocol.loggregator.logcache.EnvelopeType;
import org.cupola.protocol.loggregator.logcache.ReadRequest;
import org.cupola.protocol.loggregator.v2.Counter;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.Gauge;
import org.cupola.protocol.loggregator.v2.GaugeValue;
import org.cupola.protocol.loggregator.v2.Log;
import org.junit.jupiter.api.Test;

class LogStoreTest {
    private static final long NOW = 1_000_000;

    private final LogStore store = new LogStore(1 << 20, 10_000, () -> NOW);

    private static Envelope log(String source, long time, String text) {
        return Envelope.newBuilder()
                .setSourceId(source)
                .setTimestamp(time)
                .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8(text)))
                .build();
    }

    private static ReadRequest.Builder request(String source) {
        return ReadRequest.newBuilder().setSourceId(source);
    }

    private List<Long> times(ReadRequest.Builder request) {
        return store.read(request.build()).stream().map(Envelope::getTimestamp).toList();
    }

    @Test
    void readsFromStartToBeforeEnd() {
        for (long time = 10; time <= 50; time += 10) {
            store.put(log("a", time, "x"));
        }

        assertThat(times(request("a"))).containsExactly(10L, 20L, 30L, 40L, 50L);
        assertThat(times(request("a").setStartTime(20).setEndTime(40))).containsExactly(20L, 30L);
        assertThat(times(request("a").setDescending(true).setLimit(2))).containsExactly(50L, 40L);
        assertThat(times(request("a").setStartTime(-6795364578871345152L).setLimit(1)))
                .containsExactly(10L);
        assertThat(times(request("b"))).isEmpty();
    }

    @Test
    void doesNotShowTheFuture() {
        store.put(log("a", NOW + 1, "later"));

        assertThat(times(request("a"))).isEmpty();
    }

    @Test
    void answersAHundredUnlessToldAndAThousandAtMost() {
        for (long time = 1; time <= 1500; time++) {
            store.put(log("a", time, "x"));
        }

        assertThat(times(request("a"))).hasSize(100);
        assertThat(times(request("a").setLimit(1000))).hasSize(1000);
        assertThatThrownBy(() -> store.read(request("a").setLimit(1001).build()))
                .hasMessage("limit (1001) must be 1000 or less");
        assertThatThrownBy(() -> store.read(request("a").setLimit(-1).build())).hasMessageContaining("limit (-1)");
        assertThatThrownBy(() ->
                        store.read(request("a").setStartTime(3).setEndTime(2).build()))
                .hasMessage("StartTime (3) must be before EndTime (2)");
    }

    @Test
    void tellsEnvelopesOfTheSameNanosecondApartForWhoGoesOnBehindTheLast() {
        store.put(log("a", 10, "one"));
        store.put(log("a", 10, "two"));
        store.put(log("a", 10, "three"));

        Envelope first = store.read(request("a").setLimit(1).build()).getFirst();
        List<Envelope> rest =
                store.read(request("a").setStartTime(first.getTimestamp() + 1).build());

        assertThat(rest)
                .extracting(envelope -> envelope.getLog().getPayload().toStringUtf8())
                .containsExactly("two", "three");
    }

    @Test
    void keepsTypesAndNamesApart() {
        store.put(log("a", 1, "cpu"));
        store.put(Envelope.newBuilder()
                .setSourceId("a")
                .setTimestamp(2)
                .setCounter(Counter.newBuilder().setName("requests"))
                .build());
        store.put(Envelope.newBuilder()
                .setSourceId("a")
                .setTimestamp(3)
                .setGauge(Gauge.newBuilder()
                        .putMetrics("cpu", GaugeValue.newBuilder().setValue(1).build())
                        .putMetrics(
                                "memory", GaugeValue.newBuilder().setValue(2).build()))
                .build());

        assertThat(times(request("a").addEnvelopeTypes(EnvelopeType.GAUGE))).containsExactly(3L);
        assertThat(times(request("a").addEnvelopeTypes(EnvelopeType.LOG).addEnvelopeTypes(EnvelopeType.COUNTER)))
                .containsExactly(1L, 2L);
        assertThat(times(request("a").addEnvelopeTypes(EnvelopeType.ANY))).hasSize(3);
        assertThat(times(request("a").setNameFilter("^req"))).containsExactly(2L);
        assertThat(store.read(request("a").setNameFilter("cpu").build())
                        .getFirst()
                        .getGauge()
                        .getMetricsMap())
                .containsOnlyKeys("cpu");
        assertThatThrownBy(() -> store.read(request("a").setNameFilter("(").build()))
                .hasMessageStartingWith("name_filter is not a valid regular expression");
    }

    @Test
    void givesUpAFilterThatTakesForever() {
        store.put(Envelope.newBuilder()
                .setSourceId("a")
                .setTimestamp(2)
                .setCounter(Counter.newBuilder().setName("a".repeat(60)))
                .build());

        assertThatThrownBy(() -> store.read(
                        request("a").setNameFilter("(a*)(a*)(a*)(a*)(a*)(a*)b").build()))
                .hasMessage("name_filter takes too long to match");
    }

    @Test
    void forgetsTheOldestOfASourceThatKeepsTooMany() {
        var small = new LogStore(1 << 20, 3, () -> NOW);
        for (long time = 1; time <= 5; time++) {
            small.put(log("a", time, "x"));
        }

        assertThat(small.meta().get("a").getCount()).isEqualTo(3);
        assertThat(small.meta().get("a").getExpired()).isEqualTo(2);
        assertThat(small.meta().get("a").getOldestTimestamp()).isEqualTo(3);
        assertThat(small.meta().get("a").getNewestTimestamp()).isEqualTo(5);
    }

    @Test
    void forgetsTheOldestOfAllWhenTheBytesAreUsedUp() {
        var small = new LogStore(64 * 1024, 100_000, () -> NOW);
        for (long time = 1; time <= 100; time++) {
            small.put(log("old", time, "x".repeat(100)));
        }
        for (long time = 101; time <= 600; time++) {
            small.put(log("new", time, "x".repeat(100)));
        }

        assertThat(small.figures().bytes()).isLessThanOrEqualTo(64 * 1024);
        assertThat(small.figures().expired() + small.figures().size()).isEqualTo(600);
        assertThat(small.meta()).containsOnlyKeys("new");
        assertThat(small.meta().get("new").getNewestTimestamp()).isEqualTo(600);
    }
}
