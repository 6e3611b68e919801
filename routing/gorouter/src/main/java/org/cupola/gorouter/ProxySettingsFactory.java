package org.cupola.gorouter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.cupola.gorouter.proxy.ProxySettings;
import org.cupola.gorouter.routes.Selection;

/** Turns the configuration into what the data plane goes by. */
final class ProxySettingsFactory {
    private ProxySettingsFactory() {}

    static ProxySettings of(GorouterConfig config, String address) {
        GorouterConfig.Backends backends = config.backends();
        GorouterConfig.Frontend frontend = config.frontend();
        return new ProxySettings(
                address,
                new Selection.Rules(
                        backends.balancing(),
                        backends.maxConnections(),
                        backends.preferOwnZone() ? config.registry().zone() : ""),
                backends.maxAttempts(),
                nanos(backends.endpointTimeout()),
                (int) Math.min(Integer.MAX_VALUE, backends.dialTimeout().toMillis()),
                backends.handshakeTimeout().toMillis(),
                nanos(frontend.idleTimeout()),
                nanos(frontend.readHeader()),
                frontend.maxHeaderBytes(),
                frontend.maxHeaders(),
                backends.maxResponseHeaderBytes(),
                backends.maxResponseHeaders(),
                backends.keepAlive(),
                Math.min(backends.maxIdle(), backends.maxIdlePerHost()),
                backends.keepAliveAfterContinue(),
                config.headers().forwardedProto(),
                config.headers().healthCheckUserAgent(),
                config.registry().emptyPool503(),
                config.headers().traceKey(),
                frontend.hopByHopFilter(),
                frontend.proxyProtocol(),
                config.logs().forwardedFor(),
                config.logs().sourceAddress(),
                config.logs().queryRedaction(),
                extraHeaders(config),
                config.logs().extraFields());
    }

    private static long nanos(Duration duration) {
        return duration.isPositive() ? duration.toNanos() : 0;
    }

    private static List<String> extraHeaders(GorouterConfig config) {
        Set<String> names = new LinkedHashSet<>(config.logs().extraHeaders());
        if (config.tracing().zipkin()) {
            names.addAll(List.of("X-B3-TraceId", "X-B3-SpanId", "X-B3-ParentSpanId", "B3"));
        }
        if (config.tracing().w3c()) {
            names.addAll(List.of("traceparent", "tracestate"));
        }
        return new ArrayList<>(names);
    }
}
