package org.cupola.routeemitter;

import java.util.List;
import org.cupola.routeemitter.Association.Http;
import org.cupola.routeemitter.Association.Internal;
import org.cupola.routeemitter.Changes.Batch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes registrations, in order over one connection, so that routers see them in order too. A message that cannot be
 * published is counted and the rest still sent: the next periodic emission repeats it. Confined to the emitter's loop.
 */
final class NatsEmitter {
    static final String ROUTER = "router";
    static final String SERVICE_DISCOVERY = "service-discovery";

    private static final Logger log = LoggerFactory.getLogger(NatsEmitter.class);

    private final Publisher publisher;
    private final EmitterMetrics metrics;
    private final boolean internalRoutes;

    /** Sends one message without waiting. */
    @FunctionalInterface
    interface Publisher {
        /** @throws RuntimeException when the connection is closed or its buffer is full */
        void publish(String subject, byte[] data);
    }

    NatsEmitter(Publisher publisher, EmitterMetrics metrics, boolean internalRoutes) {
        this.publisher = publisher;
        this.metrics = metrics;
        this.internalRoutes = internalRoutes;
    }

    void http(Batch<Http> batch) {
        unregister(batch.withdrawFirst());
        for (Http http : batch.register()) {
            if (publish(ROUTER + ".register", RegistryMessages.of(http).toEmitterJson())) {
                metrics.httpMessages.increment();
            }
        }
        unregister(batch.withdraw());
    }

    void unregister(List<Http> withdrawn) {
        for (Http http : withdrawn) {
            if (publish(
                    ROUTER + ".unregister",
                    RegistryMessages.of(Difference.unstamped(http)).toEmitterJson())) {
                metrics.httpMessages.increment();
            }
        }
    }

    void internal(Batch<Internal> batch) {
        if (!internalRoutes) {
            return;
        }
        unregisterInternal(batch.withdrawFirst());
        for (Internal internal : batch.register()) {
            if (publish(
                    SERVICE_DISCOVERY + ".register",
                    RegistryMessages.of(internal).toEmitterJson())) {
                metrics.internalMessages.increment();
            }
        }
        unregisterInternal(batch.withdraw());
    }

    private void unregisterInternal(List<Internal> withdrawn) {
        for (Internal internal : withdrawn) {
            if (publish(
                    SERVICE_DISCOVERY + ".unregister",
                    RegistryMessages.of(Difference.unstamped(internal)).toEmitterJson())) {
                metrics.internalMessages.increment();
            }
        }
    }

    private boolean publish(String subject, byte[] data) {
        try {
            publisher.publish(subject, data);
            return true;
        } catch (RuntimeException e) {
            metrics.publishFailures.increment();
            log.atError()
                    .addKeyValue("subject", subject)
                    .addKeyValue("error", e.getMessage())
                    .log("failed-to-publish");
            return false;
        }
    }
}
