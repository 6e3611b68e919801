package org.cupola.routeemitter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cupola.routeemitter.Lrps.desired;
import static org.cupola.routeemitter.Lrps.instance;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.cupola.routeemitter.Instance.PortMapping;
import org.cupola.routeemitter.Instance.Presence;
import org.cupola.routeemitter.ProcessRoutes.Addressing;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * The law: whatever happens in the BBS, however its two event streams interleave, whatever is lost, and wherever syncs
 * fall, routers that did what they were told hold what a fresh emitter would tell them.
 */
class ConvergenceTest {
    private static final List<String> HOSTS = List.of("a", "b", "c");

    private final Map<String, Desired> desired = new HashMap<>();
    private final Map<String, Instance> instances = new HashMap<>();
    private final Deque<LrpEvent> desiredStream = new ArrayDeque<>();
    private final Deque<LrpEvent> instanceStream = new ArrayDeque<>();
    private final RoutingTable table = new RoutingTable(new Addressing(false, true));
    private final Set<Object> routers = new TreeSet<>();
    private int epochs;

    @RepeatedTest(200)
    void routersEndUpWithTheTruth(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        boolean lossy = repetition.getCurrentRepetition() % 2 == 0;
        for (int step = 0; step < 120; step++) {
            switch (random.nextInt(4)) {
                case 0 -> changeDesired(random);
                case 1 -> changeInstance(random);
                case 2 -> deliver(random, lossy);
                default -> {
                    if (random.nextInt(5) == 0) {
                        sync(random);
                    }
                }
            }
        }
        while (!desiredStream.isEmpty() || !instanceStream.isEmpty()) {
            deliver(random, false);
        }
        if (lossy) {
            tell(table.swap(picture(), List.of()));
        }

        var fresh = new RoutingTable(new Addressing(false, true));
        Set<Object> truth = new TreeSet<>();
        tell(fresh.swap(picture(), List.of()), truth);
        assertThat(routers).isEqualTo(truth);
        assertThat(table.swap(picture(), List.of()).isEmpty()).isTrue();
    }

    private void changeDesired(Random random) {
        String guid = "app" + random.nextInt(3);
        Desired before = desired.get(guid);
        if (before != null && random.nextInt(5) == 0) {
            desired.remove(guid);
            desiredStream.add(new LrpEvent.DesiredRemoved(before));
            return;
        }
        var builder = desired().guid(guid).instances(random.nextInt(4));
        builder.tag = before == null
                ? new ModificationTag("d" + epochs++, 0)
                : new ModificationTag(before.tag().epoch(), before.tag().index() + 1);
        HOSTS.stream().filter(host -> random.nextBoolean()).forEach(builder::http);
        if (random.nextBoolean()) {
            builder.tcp(5000 + random.nextInt(2));
        }
        if (random.nextBoolean()) {
            builder.internal("internal");
        }
        Desired after = builder.build();
        desired.put(guid, after);
        desiredStream.add(new LrpEvent.DesiredSet(after));
    }

    private void changeInstance(Random random) {
        int index = random.nextInt(3);
        String key = "app" + random.nextInt(3) + "/" + index + "/" + random.nextInt(2);
        Instance before = instances.get(key);
        if (before == null) {
            var builder = instance(index).of(key.substring(0, 4)).named("i" + epochs);
            builder.tag = new ModificationTag("i" + epochs++, 0);
            builder.ports = List.of(new PortMapping(8080, 61_000 + random.nextInt(3), 0, 0));
            builder.routable = random.nextInt(4) > 0;
            instances.put(key, builder.build());
            instanceStream.add(builder.created());
        } else if (random.nextInt(3) == 0) {
            instances.remove(key);
            instanceStream.add(new LrpEvent.InstanceRemoved(before));
        } else {
            Instance after = changed(before, random);
            instances.put(key, after);
            instanceStream.add(new LrpEvent.InstanceChanged(before, after));
        }
    }

    private static Instance changed(Instance before, Random random) {
        var builder = instance(before.index()).of(before.processGuid()).named(before.instanceGuid());
        builder.tag = new ModificationTag(before.tag().epoch(), before.tag().index() + 1);
        builder.ports = random.nextInt(3) == 0
                ? List.of(new PortMapping(8080, 61_000 + random.nextInt(3), 0, 0))
                : before.ports();
        builder.routable = random.nextInt(4) > 0;
        builder.presence = random.nextInt(4) == 0 ? Presence.EVACUATING : before.presence();
        if (random.nextInt(5) == 0) {
            builder.down();
        }
        return builder.build();
    }

    private void deliver(Random random, boolean lossy) {
        Deque<LrpEvent> stream = random.nextBoolean() ? desiredStream : instanceStream;
        LrpEvent event = stream.poll();
        if (event == null || (lossy && random.nextInt(4) == 0)) {
            return;
        }
        tell(table.apply(event));
    }

    /** The picture is read at once, the events until then and some after are still on their way. */
    private void sync(Random random) {
        Sync picture = picture();
        List<LrpEvent> since = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            LrpEvent event = (random.nextBoolean() ? desiredStream : instanceStream).poll();
            if (event != null) {
                since.add(event);
                tell(table.apply(event));
            }
        }
        tell(table.swap(picture, since));
    }

    private Sync picture() {
        return new Sync(
                List.copyOf(desired.values()),
                instances.values().stream().filter(Instance::takesTraffic).toList(),
                null,
                Set.of(Lrps.DOMAIN));
    }

    private void tell(Changes changes) {
        tell(changes, routers);
    }

    private static void tell(Changes changes, Set<Object> routers) {
        changes.http()
                .withdrawFirst()
                .forEach(route -> routers.remove(route.wireKey().toString()));
        changes.http().register().forEach(route -> routers.add(route.wireKey().toString()));
        changes.http()
                .withdraw()
                .forEach(route -> routers.remove(route.wireKey().toString()));
        changes.internal()
                .withdrawFirst()
                .forEach(route -> routers.remove(route.wireKey().toString()));
        changes.internal()
                .register()
                .forEach(route -> routers.add(route.wireKey().toString()));
        changes.internal()
                .withdraw()
                .forEach(route -> routers.remove(route.wireKey().toString()));
        changes.tcp()
                .withdrawFirst()
                .forEach(route -> routers.remove(route.wireKey().toString()));
        changes.tcp().register().forEach(route -> routers.add(route.wireKey().toString()));
        changes.tcp().withdraw().forEach(route -> routers.remove(route.wireKey().toString()));
    }
}
