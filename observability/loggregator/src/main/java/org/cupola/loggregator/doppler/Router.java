package org.cupola.loggregator.doppler;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.cupola.protocol.loggregator.v2.Envelope;

/**
 * Hands each envelope to all subscriptions that want it, but only to one of those that share a shard. Subscriptions are an
 * immutable snapshot that publishers read without a lock; any thread.
 */
public final class Router implements AutoCloseable {
    private final RandomGenerator random;
    private final LongAdder egress = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private volatile List<List<Subscription>> groups = List.of();

    public Router(RandomGenerator random) {
        this.random = random;
    }

    /**
     * @param shard         empty for a subscriber that gets all it wants
     * @param deterministic whether a metric goes to the same member of the shard each time
     */
    public Subscription subscribe(Selection selection, String shard, boolean deterministic) {
        var subscription = new Subscription(selection, shard, deterministic, dropped::add, this::remove);
        change(all -> all.add(subscription));
        return subscription;
    }

    private void remove(Subscription subscription) {
        change(all -> all.remove(subscription));
    }

    private synchronized void change(Consumer<List<Subscription>> change) {
        List<Subscription> all = flat(groups);
        change.accept(all);
        groups = grouped(all);
    }

    private static List<Subscription> flat(List<List<Subscription>> groups) {
        List<Subscription> all = new ArrayList<>();
        groups.forEach(all::addAll);
        return all;
    }

    private static List<List<Subscription>> grouped(List<Subscription> all) {
        List<List<Subscription>> groups = new ArrayList<>();
        Map<String, List<Subscription>> byShard = new LinkedHashMap<>();
        for (Subscription subscription : all) {
            if (subscription.shard().isEmpty()) {
                groups.add(List.of(subscription));
            } else {
                byShard.computeIfAbsent(subscription.shard(), shard -> new ArrayList<>())
                        .add(subscription);
            }
        }
        groups.addAll(byShard.values());
        return List.copyOf(groups);
    }

    public void publish(Envelope envelope) {
        for (List<Subscription> group : groups) {
            if (group.size() == 1) {
                if (group.getFirst().wants(envelope)) {
                    deliver(group.getFirst(), envelope);
                }
                continue;
            }
            List<Subscription> takers =
                    group.stream().filter(member -> member.wants(envelope)).toList();
            if (!takers.isEmpty()) {
                deliver(takers.get(choose(takers, envelope)), envelope);
            }
        }
    }

    private void deliver(Subscription subscription, Envelope envelope) {
        egress.increment();
        subscription.offer(envelope);
    }

    private int choose(List<Subscription> takers, Envelope envelope) {
        if (takers.getFirst().isDeterministic()) {
            if (envelope.hasCounter()) {
                return Math.floorMod(envelope.getCounter().getName().hashCode(), takers.size());
            }
            if (envelope.hasGauge()) {
                var names = new TreeSet<>(envelope.getGauge().getMetricsMap().keySet());
                return Math.floorMod(names.hashCode(), takers.size());
            }
        }
        return random.nextInt(takers.size());
    }

    public int subscriptions() {
        return groups.stream().mapToInt(List::size).sum();
    }

    /** Envelopes handed to subscriptions, those lost there among them. */
    public long egress() {
        return egress.sum();
    }

    /** Envelopes lost because a subscriber's buffer was full. */
    public long dropped() {
        return dropped.sum();
    }

    /** Ends all subscriptions. */
    @Override
    public void close() {
        flat(groups).forEach(Subscription::close);
    }
}
