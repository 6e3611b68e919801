package org.cupola.loggregator;

import java.util.random.RandomGenerator;
import org.cupola.loggregator.agent.Agent;
import org.cupola.loggregator.doppler.Router;
import org.cupola.loggregator.logcache.LogStore;
import org.cupola.protocol.loggregator.v2.Envelope;

/** The way of an envelope: agent, then Log Cache and whoever subscribed at the Doppler. */
record Boxes(Agent agent, Router doppler, LogStore logCache) {
    static Boxes of(LoggregatorConfig config, java.time.InstantSource clock) {
        Router doppler = new Router(RandomGenerator.getDefault());
        LogStore store = new LogStore(
                config.logCache().memoryBytes(), config.logCache().maxPerSource(), () -> nanos(clock.instant()));
        Agent agent = new Agent(config.agent().tags(), (Envelope envelope) -> {
            store.put(envelope);
            doppler.publish(envelope);
        });
        return new Boxes(agent, doppler, store);
    }

    private static long nanos(java.time.Instant time) {
        return time.getEpochSecond() * 1_000_000_000L + time.getNano();
    }
}
