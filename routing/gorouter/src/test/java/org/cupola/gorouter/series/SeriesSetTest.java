package org.cupola.gorouter.series;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeriesSetTest {
    private static final long MILLI = 1_000_000;

    private final SeriesSet set = new SeriesSet(2, 2, List.of(0.001, 0.01));

    private static final class Thing extends Measured {
        private final String label;

        private Thing(String label) {
            this.label = label;
        }

        @Override
        protected String seriesLabel() {
            return label;
        }

        void gone() {
            forget();
        }
    }

    private void request(Thing thing, int loop) {
        thing.series(set).answered(loop, 200);
    }

    private long requests(String label) {
        Series series = set.all().get(label);
        return series == null ? 0 : series.answers(0);
    }

    @Test
    void addsUpWhatAllLoopsSaw() {
        var thing = new Thing("a");
        thing.series(set).took(0, MILLI);
        thing.series(set).took(1, 2 * MILLI);
        thing.series(set).took(1, 50 * MILLI);
        thing.series(set).answered(0, 204);
        thing.series(set).answered(1, 404);
        thing.series(set).answered(1, 101);
        thing.series(set).answered(1, 700);
        thing.series(set).failed(0);

        Series series = set.all().get("a");

        assertThat(List.of(series.bucket(0), series.bucket(1), series.bucket(2)))
                .as("a bound is part of its bucket")
                .containsExactly(1L, 1L, 1L);
        assertThat(series.totalNanos()).isEqualTo(53 * MILLI);
        assertThat(IntStream.range(0, Series.GROUPS).mapToLong(series::answers)).containsExactly(1L, 0L, 1L, 0L, 2L);
        assertThat(series.failures()).isEqualTo(1);
    }

    @Test
    void tellsNoMoreApartThanConfigured() {
        for (String label : List.of("a", "b", "c", "d", "a")) {
            request(new Thing(label), 0);
        }

        assertThat(set.all()).containsOnlyKeys("a", "b", SeriesSet.OTHERS);
        assertThat(requests("a")).isEqualTo(2);
        assertThat(requests(SeriesSet.OTHERS)).isEqualTo(2);
    }

    @Test
    void givesThePlaceOfWhatIsGoneToAnother() {
        var first = new Thing("a");
        var late = new Thing("c");
        request(first, 0);
        request(new Thing("b"), 0);
        request(late, 0);

        first.gone();
        request(late, 0);

        assertThat(set.all()).containsOnlyKeys("b", "c", SeriesSet.OTHERS);
        assertThat(requests("c")).isEqualTo(1);
        assertThat(requests(SeriesSet.OTHERS)).isEqualTo(1);
    }

    @Test
    void keepsASeriesUntilTheLastThatSharesItHasGone() {
        var one = new Thing("a");
        var other = new Thing("a");
        request(one, 0);
        request(other, 1);

        one.gone();
        assertThat(requests("a")).isEqualTo(2);
        other.gone();

        assertThat(set.all()).isEmpty();
    }

    @Test
    void countsRequestsForWhatIsGoneWithTheOthers() {
        var thing = new Thing("a");
        request(thing, 0);
        thing.gone();

        request(thing, 0);

        assertThat(set.all()).containsOnlyKeys(SeriesSet.OTHERS);
        thing.gone();
    }

    @Test
    void aSuccessorCountsOn() {
        var old = new Thing("a");
        var successor = new Thing("a");
        request(old, 0);

        successor.succeed(old);
        old.gone();
        request(successor, 0);

        assertThat(requests("a")).isEqualTo(2);
        successor.gone();
        assertThat(set.all()).isEmpty();
    }

    @Test
    void theNameOfTheOthersIsNobodysOwn() {
        var thing = new Thing(SeriesSet.OTHERS);
        request(thing, 0);
        thing.gone();

        assertThat(requests(SeriesSet.OTHERS)).isEqualTo(1);
    }

    @Test
    void losesNoPlaceWhenThingsComeAndGoUnderRequests() throws Exception {
        int rounds = 20_000;
        var things = new Thing[8];
        for (int i = 0; i < things.length; i++) {
            things[i] = new Thing("thing-" + i % 4);
        }
        var go = new CountDownLatch(1);
        try (var threads = Executors.newFixedThreadPool(3)) {
            List<Future<?>> loops = IntStream.range(0, 2)
                    .<Future<?>>mapToObj(loop -> threads.submit(() -> {
                        go.await();
                        for (int i = 0; i < rounds; i++) {
                            synchronizedRead(things, i).series(set).answered(loop, 200);
                        }
                        return null;
                    }))
                    .toList();
            Future<?> changes = threads.submit(() -> {
                go.await();
                for (int i = 0; i < rounds; i++) {
                    Thing old = synchronizedRead(things, i);
                    synchronized (things) {
                        things[i % things.length] = new Thing(old.label);
                    }
                    old.gone();
                }
                return null;
            });
            go.countDown();
            for (Future<?> loop : loops) {
                loop.get(60, TimeUnit.SECONDS);
            }
            changes.get(60, TimeUnit.SECONDS);
        }
        for (Thing thing : things) {
            thing.gone();
        }

        request(new Thing("x"), 0);
        request(new Thing("y"), 0);
        request(new Thing("z"), 0);
        assertThat(set.all()).as("both places are free again").containsOnlyKeys("x", "y", SeriesSet.OTHERS);
    }

    private static Thing synchronizedRead(Thing[] things, int index) {
        synchronized (things) {
            return things[index % things.length];
        }
    }
}
