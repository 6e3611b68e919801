package org.cupola.gorouter;

import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import org.cupola.gorouter.proxy.LogSources;
import org.cupola.gorouter.routes.EndpointInfo;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RegistryMessageException;
import org.cupola.protocol.routing.RouterStartMessage;
import org.cupola.protocol.routing.RouterSubjects;
import org.cupola.protocol.routing.SharedTexts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the table up to date with what NATS says, in the order in which it says it, and answers those who ask how often
 * they should speak. Runs on the NATS client's threads.
 */
final class RouteSubscriber {
    private static final Logger log = LoggerFactory.getLogger(LogSources.SUBSCRIBER);

    private final RouteTable table;
    private final RegistryMetrics metrics;
    private final RegistrationLatency latency;
    private final byte[] startMessage;
    private final SharedTexts texts = new SharedTexts();
    private final LongSupplier nanoClock;

    RouteSubscriber(
            RouteTable table,
            RegistryMetrics metrics,
            RegistrationLatency latency,
            RouterStartMessage startMessage,
            LongSupplier nanoClock) {
        this.table = table;
        this.metrics = metrics;
        this.latency = latency;
        this.startMessage = startMessage.toJson();
        this.nanoClock = nanoClock;
    }

    /** Announces the router, then listens: nobody's answer to the announcement can be missed by that. */
    void subscribe(NatsBus bus) {
        bus.subscribe(RouterSubjects.GREET, (subject, replyTo, data) -> {
            if (!replyTo.isEmpty()) {
                bus.publish(replyTo, startMessage);
            }
        });
        bus.subscribe(RouterSubjects.ALL, (subject, replyTo, data) -> handle(subject, data));
        announce(bus);
    }

    void announce(NatsBus bus) {
        bus.publish(RouterSubjects.START, startMessage);
    }

    void handle(String subject, byte[] data) {
        if (!subject.equals(RouterSubjects.REGISTER) && !subject.equals(RouterSubjects.UNREGISTER)) {
            return; // greetings and the announcements of other routers
        }
        boolean registers = subject.equals(RouterSubjects.REGISTER);
        long fingerprint = registers ? table.fingerprint(data) : 0;
        if (registers) {
            EndpointInfo known = table.refresh(fingerprint, nanoClock.getAsLong());
            if (known != null) {
                metrics.registered(RouteTable.Outcome.REFRESHED, known.tag("component"));
                return;
            }
        }
        RegistryMessage message;
        try {
            message = RegistryMessage.parse(data, texts);
        } catch (RegistryMessageException e) {
            metrics.invalid.increment();
            log.atError()
                    .addKeyValue("error", e.getMessage())
                    .addKeyValue("payload", new String(data, StandardCharsets.UTF_8))
                    .addKeyValue("subject", subject)
                    .log("validation-error");
            return;
        }
        if (registers) {
            register(message, fingerprint);
        } else {
            unregister(message);
        }
    }

    private void register(RegistryMessage message, long fingerprint) {
        if (!table.rules().sharding().accepts(message.isolationSegment())) {
            return;
        }
        EndpointInfo info = EndpointInfo.of(message, table.rules().http2());
        long now = nanoClock.getAsLong();
        for (String uri : message.uris()) {
            RouteTable.Outcome outcome =
                    table.register(uri, info, message.uris().size() == 1 ? fingerprint : 0, now);
            metrics.registered(outcome, info.tag("component"));
            if (outcome == RouteTable.Outcome.ADDED) {
                latency.registered(info.updatedAtNs());
            }
        }
    }

    private void unregister(RegistryMessage message) {
        if (!table.rules().sharding().accepts(message.isolationSegment())) {
            return;
        }
        EndpointInfo info = EndpointInfo.of(message, table.rules().http2());
        long now = nanoClock.getAsLong();
        for (String uri : message.uris()) {
            log.atDebug().addKeyValue("uri", uri).log("unregister-route");
            table.unregister(uri, info, now);
            metrics.unregisteredBy(info.tag("component"));
        }
    }
}
