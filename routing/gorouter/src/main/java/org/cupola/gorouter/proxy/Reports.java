package org.cupola.gorouter.proxy;

import org.cupola.gorouter.loggregator.EnvelopeWriter;
import org.cupola.gorouter.loggregator.Metron;
import org.cupola.gorouter.routes.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Where one event loop's exchanges tell what becomes of them: counts and histograms, the access log, Loggregator, use by
 * app. Confined to the loop.
 */
final class Reports {
    private final LoopMetrics metrics;
    private final LoopSeries series;
    private final AccessLogBuffer accessLog;
    private final Telemetry telemetry;
    private final @Nullable RequestEnvelopes envelopes;
    private final @Nullable LoopUsage usage;

    Reports(Loop loop, LoopMetrics metrics, LoopSeries series, AccessLogBuffer accessLog, Telemetry telemetry) {
        this.metrics = metrics;
        this.series = series;
        this.accessLog = accessLog;
        this.telemetry = telemetry;
        Metron metron = telemetry.metron();
        this.envelopes = metron == null
                ? null
                : new RequestEnvelopes(loop, telemetry, new EnvelopeWriter(metron, RequestEnvelopes.ORIGIN));
        this.usage = telemetry.usage() || telemetry.activeApps() ? new LoopUsage(telemetry.activeApps()) : null;
    }

    /** A route was looked for. */
    void lookedUp(long nanos) {
        if (telemetry.perRequest()) {
            metrics.lookedUp(nanos);
        }
        if (envelopes != null) {
            envelopes.lookedUp(nanos);
        }
    }

    /** The request is about to be sent somewhere. */
    void attemptBegan(Endpoint endpoint) {
        String component = endpoint.info().tag("component");
        metrics.requested(component);
        if (usage != null) {
            usage.requested(component);
        }
    }

    /**
     * There is an answer, or there will be none.
     *
     * @param status 0 for none
     * @param length of its body, -1 when it does not say
     */
    void attemptEnded(Exchange exchange, int status, long length) {
        series.attemptEnded(exchange, status);
        if (status != 0 && exchange.isToRouteService()) {
            metrics.serviceAnswered(status);
        }
        if (envelopes != null && telemetry.clientEvents()) {
            envelopes.attemptEnded(exchange, status, length);
        }
    }

    /** The request is over; once for each. */
    void ended(Exchange exchange) {
        if (exchange.outcome().isUnseen()) {
            return;
        }
        long now = System.nanoTime();
        long total = now - exchange.times().begun();
        Endpoint answering = exchange.endpoint();
        if (answering != null) {
            String component = answering.info().tag("component");
            metrics.response(exchange.outcome().status());
            if (telemetry.perRequest() && exchange.outcome().status() != 101) {
                metrics.served(
                        component, total, Math.max(0, total - exchange.times().appNanos()));
            }
            if (usage != null) {
                usage.served(
                        answering.info().app(), component, exchange.outcome().status(), now, total);
            }
        }
        series.ended(exchange, total);
        if (envelopes != null) {
            envelopes.ended(exchange, now);
        }
        boolean lines = envelopes != null && telemetry.accessLines() && isForAnApp(answering);
        if (accessLog.isOn() || lines) {
            AccessLine.write(exchange, now, accessLog.line(), AccessLine.Limits.NONE);
            if (accessLog.isOn()) {
                accessLog.commit();
            }
            if (lines && envelopes != null && answering != null) {
                envelopes.line(exchange, answering.info(), now, accessLog.current());
            }
        }
    }

    private static boolean isForAnApp(@Nullable Endpoint endpoint) {
        return endpoint != null && !endpoint.info().app().isEmpty();
    }

    /** To be called at each tick. */
    void flush() {
        accessLog.flush();
        if (envelopes != null) {
            envelopes.flush();
        }
    }

    /** Counts by app and component, {@code null} when nobody wants them. */
    @Nullable
    LoopUsage usage() {
        return usage;
    }
}
