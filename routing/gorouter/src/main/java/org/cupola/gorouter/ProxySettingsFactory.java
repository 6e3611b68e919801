package org.cupola.gorouter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.cupola.gorouter.proxy.BackendTls;
import org.cupola.gorouter.proxy.ErrorTemplate;
import org.cupola.gorouter.proxy.HeaderRules;
import org.cupola.gorouter.proxy.HistogramBounds;
import org.cupola.gorouter.proxy.ProxySettings;
import org.cupola.gorouter.proxy.RouteServiceCrypto;
import org.cupola.gorouter.proxy.RouteServices;
import org.cupola.gorouter.proxy.TlsClients;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.gorouter.routes.Selection;
import org.cupola.gorouter.series.SeriesRules;
import org.cupola.platform.tls.Pem;
import org.jspecify.annotations.Nullable;

/** Turns the configuration into what the data plane goes by. */
final class ProxySettingsFactory {
    private static final Pattern ALLOWLIST_ENTRY =
            Pattern.compile("(\\*\\.)?[a-z0-9-]+(\\.[a-z0-9-]+)+", Pattern.CASE_INSENSITIVE);

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
                nanos(or(backends.http1Timeout(), backends.endpointTimeout())),
                nanos(or(backends.http2Timeout(), backends.endpointTimeout())),
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
                config.logs().extraFields(),
                headers(config),
                new HistogramBounds(
                        config.prometheus().lookupBuckets(),
                        config.prometheus().gorouterTimeBuckets(),
                        config.prometheus().responseBuckets()),
                series(config));
    }

    /** Without an endpoint nobody would ever see them. */
    private static SeriesRules series(GorouterConfig config) {
        boolean seen = config.prometheus().port() >= 0;
        GorouterConfig.SeriesKeys keys = config.beyond().metrics();
        return new SeriesRules(
                seen && keys.perRoute(),
                seen && keys.perBackend(),
                seen && config.metrics().perAppHttp(),
                keys.max(),
                keys.latencyBuckets(),
                config.prometheus().httpLatencyBuckets());
    }

    private static HeaderRules headers(GorouterConfig config) {
        GorouterConfig.Headers headers = config.headers();
        Set<String> removed = new LinkedHashSet<>();
        headers.removed().forEach(name -> removed.add(name.toLowerCase(Locale.ROOT)));
        return new HeaderRules(
                headers.clientCert(),
                headers.stickyCookies(),
                headers.stickyForNegotiate(),
                headers.secureCookies(),
                headers.added().stream()
                        .map(header -> HeaderRules.Line.of(header.name(), header.value()))
                        .toList(),
                removed,
                headers.errorTemplate().map(ProxySettingsFactory::template).orElse(null),
                config.tracing().zipkin(),
                config.tracing().w3c(),
                config.tracing().w3cTenant());
    }

    private static ErrorTemplate template(Path file) {
        try {
            return ErrorTemplate.parse(Files.readString(file));
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Could not read HTML error template file: " + file + ": " + e.getMessage(), e);
        }
    }

    /** @param internal identities for the router's own loopback port, {@code null} without one */
    static TlsClients tlsClients(GorouterConfig config, @Nullable InternalIdentity internal) {
        BackendTls registered = backendTls(config);
        BackendTls services = servicesTls(config, registered);
        BackendTls self = internal == null
                ? services
                : new BackendTls(
                        internal.client(),
                        List.of(internal.authority().certificate()),
                        List.of(),
                        List.of("TLSv1.2", "TLSv1.3"),
                        false,
                        0);
        return new TlsClients(registered, services, self);
    }

    /** What makes backends and route services see what certificates and authorities say now. */
    static Replacement replacement(TlsClients clients, GorouterConfig changed) {
        BackendTls registered = backendTls(changed);
        BackendTls services = servicesTls(changed, registered);
        return new Replacement(() -> clients.replace(registered, services), () -> {
            registered.close();
            if (services != registered) {
                services.close();
            }
        });
    }

    private static BackendTls servicesTls(GorouterConfig config, BackendTls registered) {
        GorouterConfig.RouteServices settings = config.routeServices();
        return settings.secret().isEmpty()
                ? registered
                : new BackendTls(
                        settings.identity(),
                        authorities(config),
                        settings.limits().ciphers(),
                        FrontendCertificates.versions(settings.limits()),
                        settings.skipCertificateCheck(),
                        0);
    }

    static RouteServices routeServices(GorouterConfig config, RouteTable table, InstantSource clock) {
        GorouterConfig.RouteServices settings = config.routeServices();
        settings.hairpinningAllowlist().stream()
                .filter(entry -> !ALLOWLIST_ENTRY.matcher(entry).matches())
                .findFirst()
                .ifPresent(entry -> {
                    throw new IllegalArgumentException("invalid route service hairpinning allowlist entry: " + entry);
                });
        List<String> secrets = new ArrayList<>(List.of(settings.secret().value()));
        if (!settings.previousSecret().isEmpty()) {
            secrets.add(settings.previousSecret().value());
        }
        return new RouteServices(
                new RouteServices.Settings(
                        settings.recommendHttps(),
                        settings.strictSignature(),
                        Math.max(1, settings.maxAttempts()),
                        settings.hairpinning(),
                        settings.hairpinningAllowlist().stream()
                                .map(entry -> entry.toLowerCase(Locale.ROOT))
                                .toList()),
                settings.secret().isEmpty() ? null : new RouteServiceCrypto(secrets, settings.timeout()),
                table,
                clock);
    }

    private static List<X509Certificate> authorities(GorouterConfig config) {
        return config.backends().authorities().stream()
                .flatMap(pem -> Pem.certificates(pem).stream())
                .toList();
    }

    private static BackendTls backendTls(GorouterConfig config) {
        GorouterConfig.Backends backends = config.backends();
        return new BackendTls(
                backends.identity(),
                authorities(config),
                backends.ciphers(),
                List.of("TLSv1.2", "TLSv1.3"),
                false,
                backends.handshakeTimeout().toMillis());
    }

    private static Duration or(@Nullable Duration override, Duration otherwise) {
        return override == null ? otherwise : override;
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
