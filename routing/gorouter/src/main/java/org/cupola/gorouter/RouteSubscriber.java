package org.cupola.gorouter;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
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
 * they should speak. Answers on a thread of the NATS client; {@link #refresh} there too, {@link #apply} on the one thread of
 * {@link RouteInbox}.
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

    /**
     * Announces the router, then listens: nobody's answer to the announcement can be missed by that.
     *
     * @param failure hears of what ends the reading of messages
     * @return where messages arrive, to be closed after the connection
     */
    RouteInbox subscribe(NatsBus bus, Consumer<Throwable> failure) {
        var inbox = new RouteInbox(table, this, failure);
        bus.subscribe(RouterSubjects.GREET, (subject, replyTo, data) -> {
            if (!replyTo.isEmpty()) {
                bus.publish(replyTo, startMessage);
            }
        });
        bus.subscribe(RouterSubjects.ALL, inbox);
        announce(bus);
        return inbox;
    }

    void announce(NatsBus bus) {
        bus.publish(RouterSubjects.START, startMessage);
    }

    /** All that is to be done with a message, at once. */
    void handle(String subject, byte[] data) {
        boolean registers = subject.equals(RouterSubjects.REGISTER);
        if (!registers && !subject.equals(RouterSubjects.UNREGISTER)) {
            return;
        }
        long fingerprint = registers ? table.fingerprint(data) : 0;
        apply(registers, fingerprint, data, data.length);
    }

    /** Whether it is known what the message registers; then it is registered again. */
    boolean refresh(long fingerprint) {
        EndpointInfo known = table.refresh(fingerprint, nanoClock.getAsLong());
        if (known == null) {
            return false;
        }
        metrics.registered(RouteTable.Outcome.REFRESHED, known.tag("component"));
        return true;
    }

    /**
     * @param registers   false when the message unregisters
     * @param fingerprint of a message that registers
     * @param bytes       the message, from the beginning to {@code length}
     */
    void apply(boolean registers, long fingerprint, byte[] bytes, int length) {
        if (registers && refresh(fingerprint)) {
            return;
        }
        RegistryMessage message;
        try {
            message = RegistryMessage.parse(bytes, length, texts);
        } catch (RegistryMessageException e) {
            metrics.invalid.increment();
            log.atError()
                    .addKeyValue("error", e.getMessage())
                    .addKeyValue("payload", new String(bytes, 0, length, StandardCharsets.UTF_8))
                    .addKeyValue("subject", registers ? RouterSubjects.REGISTER : RouterSubjects.UNREGISTER)
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
