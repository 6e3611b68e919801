package org.cupola.loggregator.doppler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.cupola.protocol.loggregator.v2.Counter;
import org.cupola.protocol.loggregator.v2.CounterSelector;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.Gauge;
import org.cupola.protocol.loggregator.v2.GaugeSelector;
import org.cupola.protocol.loggregator.v2.GaugeValue;
import org.cupola.protocol.loggregator.v2.Log;
import org.cupola.protocol.loggregator.v2.Selector;
import org.junit.jupiter.api.Test;

class RouterTest {
    private final Router router = new Router(new Random(1));

    private static Envelope log(String source) {
        return Envelope.newBuilder()
                .setSourceId(source)
                .setLog(Log.getDefaultInstance())
                .build();
    }

    private static Envelope counter(String name) {
        return Envelope.newBuilder()
                .setSourceId("s")
                .setCounter(Counter.newBuilder().setName(name))
                .build();
    }

    private static Selection counters(String name) {
        return new Selection(List.of(Selector.newBuilder()
                .setCounter(CounterSelector.newBuilder().setName(name))
                .build()));
    }

    private static int count(Subscription subscription) throws InterruptedException {
        int count = 0;
        for (List<Envelope> batch = subscription.take(0); !batch.isEmpty(); batch = subscription.take(0)) {
            count += batch.size();
        }
        return count;
    }

    @Test
    void givesEverySubscriberWhatItSelects() throws Exception {
        Subscription ofA = router.subscribe(Selection.logsOf("a"), "", false);
        Subscription ofAll = router.subscribe(Selection.logsOf(""), "", false);
        Subscription ofCounter = router.subscribe(counters("hits"), "", false);

        router.publish(log("a"));
        router.publish(log("b"));
        router.publish(counter("hits"));
        router.publish(counter("misses"));

        assertThat(count(ofA)).isEqualTo(1);
        assertThat(count(ofAll)).isEqualTo(2);
        assertThat(count(ofCounter)).isEqualTo(1);
    }

    @Test
    void wantsAllTheNamesOfAGauge() {
        Selection both = new Selection(List.of(Selector.newBuilder()
                .setGauge(GaugeSelector.newBuilder().addNames("cpu").addNames("memory"))
                .build()));
        Gauge.Builder cpu = Gauge.newBuilder().putMetrics("cpu", GaugeValue.getDefaultInstance());

        assertThat(both.wants(Envelope.newBuilder().setGauge(cpu).build())).isFalse();
        assertThat(both.wants(Envelope.newBuilder()
                        .setGauge(cpu.putMetrics("memory", GaugeValue.getDefaultInstance()))
                        .build()))
                .isTrue();
    }

    @Test
    void refusesSelectionsThatSelectNothing() {
        assertThatThrownBy(() -> new Selection(List.of())).hasMessage("Selectors cannot be empty");
        assertThatThrownBy(() -> new Selection(List.of(Selector.getDefaultInstance())))
                .hasMessage("Selectors must have a Message");
    }

    @Test
    void sharesAShardBetweenItsMembers() throws Exception {
        Subscription one = router.subscribe(Selection.logsOf(""), "shard", false);
        Subscription other = router.subscribe(Selection.logsOf(""), "shard", false);
        for (int i = 0; i < 1000; i++) {
            router.publish(log("a"));
        }

        int first = count(one);
        assertThat(first).isBetween(100, 900);
        assertThat(first + count(other)).isEqualTo(1000);

        one.close();
        router.publish(log("a"));
        assertThat(count(other)).isEqualTo(1);
    }

    @Test
    void sendsAMetricToOneMemberWhenAskedTo() throws Exception {
        Subscription one = router.subscribe(counters(""), "shard", true);
        Subscription other = router.subscribe(counters(""), "shard", true);
        for (int i = 0; i < 100; i++) {
            router.publish(counter("hits"));
        }

        assertThat(List.of(count(one), count(other))).containsExactlyInAnyOrder(0, 100);
    }

    @Test
    void dropsAndCountsWhatASlowSubscriberDoesNotTake() throws Exception {
        Subscription slow = router.subscribe(Selection.logsOf(""), "", false);
        for (int i = 0; i < Subscription.CAPACITY + 5; i++) {
            router.publish(log("a"));
        }

        assertThat(router.dropped()).isEqualTo(5);
        assertThat(count(slow)).isEqualTo(Subscription.CAPACITY);
        router.close();
        assertThat(slow.isClosed()).isTrue();
        assertThat(router.subscriptions()).isZero();
    }
}
