import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Breaks instances, a quarter of them at any time, and NATS now and then; heals everything at the end. */
final class Chaos {
    private static final int BROKEN_AT_ONCE = 6;

    private final List<Instance> instances;
    private final List<Route> routes;
    private final Registrar registrar;
    private final Tally tally;
    private final int natsPort;
    private final Path log;
    private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
    private Process nats;
    private volatile boolean stop;

    Chaos(List<Instance> instances, List<Route> routes, Registrar registrar, Tally tally, int natsPort, Path log) {
        this.instances = instances;
        this.routes = routes;
        this.registrar = registrar;
        this.tally = tally;
        this.natsPort = natsPort;
        this.log = log;
    }

    void startNats() throws IOException {
        nats = new ProcessBuilder("nats-server", "-a", "127.0.0.1", "-p", String.valueOf(natsPort))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    void stopNats() {
        nats.destroyForcibly();
    }

    void begin(long natsEveryMillis) {
        for (int i = 0; i < BROKEN_AT_ONCE; i++) {
            int slot = i;
            threads.add(Thread.ofVirtual().start(() -> breaking(slot)));
        }
        threads.add(Thread.ofVirtual().start(() -> outages(natsEveryMillis)));
    }

    /** Returns when all instances are healthy again. */
    void end() throws InterruptedException {
        stop = true;
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
    }

    private void outages(long everyMillis) {
        try {
            while (true) {
                Thread.sleep(everyMillis);
                stopNats();
                tally.expected("(NATS restarts)");
                try {
                    Thread.sleep(ThreadLocalRandom.current().nextLong(500, 5000));
                } finally {
                    startNats();
                }
            }
        } catch (InterruptedException e) {
            // the end
        } catch (IOException e) {
            tally.failed("NATS does not start", e.toString());
        }
    }

    /** Each slot has instances of its own, so that no two break the same. */
    private void breaking(int slot) {
        var random = ThreadLocalRandom.current();
        var faults = Instance.Fault.values();
        while (!stop) {
            int own = instances.size() / BROKEN_AT_ONCE;
            Instance victim = instances.get(random.nextInt(own) * BROKEN_AT_ONCE + slot);
            Instance.Fault fault = faults[1 + random.nextInt(faults.length - 1)];
            try {
                forget(victim);
                victim.breakWith(fault);
                tally.expected("(instances " + fault.name().toLowerCase() + ")");
                pause(random.nextLong(500, fault == Instance.Fault.HANGING ? 2000 : 5000));
                if (fault == Instance.Fault.HANGING && random.nextBoolean()) {
                    victim.breakWith(Instance.Fault.RESET);
                    pause(1000);
                }
                victim.heal(TimeUnit.MILLISECONDS.toNanos(300));
                remember(victim);
                pause(random.nextLong(200, 1000));
            } catch (IOException e) {
                tally.failed("an instance does not return", e.toString());
                return;
            }
        }
    }

    private void pause(long millis) {
        if (!stop) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                // the end: heal and go
            }
        }
    }

    /** A TLS endpoint that failed is out of the router's table until it is registered anew. */
    private void forget(Instance victim) {
        if (victim.tls) {
            members(victim).forEach(member -> member.registeredSince = Instance.NEVER);
        }
    }

    private void remember(Instance healed) {
        if (healed.tls) {
            members(healed).forEach(registrar::again);
        }
    }

    private List<Route.Member> members(Instance instance) {
        return routes.stream()
                .flatMap(route -> route.members.stream())
                .filter(member -> member.instance == instance)
                .toList();
    }
}
