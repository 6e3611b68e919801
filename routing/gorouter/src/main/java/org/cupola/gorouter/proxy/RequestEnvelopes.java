package org.cupola.gorouter.proxy;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.loggregator.EnvelopeWriter;
import org.cupola.gorouter.loggregator.HttpEvent;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.EndpointInfo;
import org.jspecify.annotations.Nullable;

/** Tells Loggregator of the requests of one event loop. Confined to the loop. */
final class RequestEnvelopes {
    /** How the router is called there. */
    static final String ORIGIN = "gorouter";

    private static final int MAX_LINE_BYTES = 65_400;
    private static final int MAX_TAG_SETS = 10_000;
    private static final double NANOS_PER_MILLI = 1e6;

    private final Loop loop;
    private final Telemetry telemetry;
    private final EnvelopeWriter out;

    /** Tags in wire format; registrations share equal sets, so identity finds them. */
    private final IdentityHashMap<Map<String, String>, byte[]> tags = new IdentityHashMap<>();

    RequestEnvelopes(Loop loop, Telemetry telemetry, EnvelopeWriter out) {
        this.loop = loop;
        this.telemetry = telemetry;
        this.out = out;
    }

    private long now() {
        return loop.wallNanos(System.nanoTime());
    }

    private boolean isWanted() {
        if (out.isWanted()) {
            return true;
        }
        out.skipped();
        return false;
    }

    void lookedUp(long nanos) {
        if (telemetry.perRequest() && isWanted()) {
            out.value(now(), "route_lookup_time", nanos, "ns");
        }
    }

    void attemptEnded(Exchange exchange, int status, long length) {
        if (!isWanted()) {
            return;
        }
        RequestHead request = exchange.request();
        RouteServices.Call service = exchange.routeService();
        Endpoint endpoint = exchange.endpoint();
        String uri = service == null
                ? uri(exchange, text(request.bytes(), request.hostStart(), request.hostEnd()), path(request))
                : uri(
                        exchange,
                        service.target().host(),
                        withoutQuery(service.target().path()));
        out.http(event(
                exchange,
                true,
                exchange.times().attemptBegun(),
                uri,
                status,
                length,
                service == null && endpoint != null ? endpoint.info() : null,
                forwarded(exchange, true)));
    }

    /** @param ended when, a reading of {@link System#nanoTime} */
    void ended(Exchange exchange, long ended) {
        Endpoint endpoint = exchange.endpoint();
        if (telemetry.perRequest() && endpoint != null && exchange.outcome().status() != 101) {
            times(exchange, endpoint.info().tag("component"), ended);
        }
        if (telemetry.serverEvents() && isWanted()) {
            RequestHead request = exchange.request();
            String host = text(request.bytes(), request.hostStart(), request.hostEnd());
            out.http(event(
                    exchange,
                    false,
                    exchange.times().begun(),
                    uri(exchange, host, path(request)),
                    exchange.outcome().status(),
                    exchange.outcome().bytesOut(),
                    endpoint == null ? null : endpoint.info(),
                    forwarded(exchange, false)));
        }
    }

    private void times(Exchange exchange, String component, long ended) {
        if (!isWanted()) {
            return;
        }
        Timings times = exchange.times();
        long now = loop.wallNanos(ended);
        long millis = TimeUnit.NANOSECONDS.toMillis(times.latencyNanos(ended));
        out.value(now, "latency", millis, "ms");
        if (!component.isEmpty()) {
            out.value(now, "latency." + component, millis, "ms");
        }
        long own = Math.max(0, ended - times.begun() - times.appNanos());
        out.value(now, "gorouter_time", own / NANOS_PER_MILLI, "ms");
    }

    /** A line of the access log, without its end, about a request to an app. */
    void line(Exchange exchange, EndpointInfo info, long ended, ByteSink line) {
        if (!isWanted()) {
            return;
        }
        ByteSink sent = line;
        int length = withoutEnd(line);
        if (length > MAX_LINE_BYTES) {
            sent = new ByteSink(MAX_LINE_BYTES);
            AccessLine.write(exchange, ended, sent, AccessLine.Limits.DATAGRAM);
            length = withoutEnd(sent);
        }
        out.log(now(), sent.bytes(), length, info.app(), "RTR", telemetry.sourceInstance(), tags(info));
    }

    private static int withoutEnd(ByteSink line) {
        int length = line.length();
        return length > 0 && line.bytes()[length - 1] == '\n' ? length - 1 : length;
    }

    private HttpEvent event(
            Exchange exchange,
            boolean client,
            long beganNanos,
            String uri,
            int status,
            long length,
            @Nullable EndpointInfo info,
            List<String> forwarded) {
        RequestHead request = exchange.request();
        InetSocketAddress remote = exchange.client().remoteAddress();
        String ip = text(exchange.client().remoteIp(), 0, exchange.client().remoteIp().length);
        String address = (ip.indexOf(':') < 0 ? ip : "[" + ip + "]") + ":" + remote.getPort();
        String instance = info == null ? "" : info.instanceId().isEmpty() ? info.address() : info.instanceId();
        return new HttpEvent(
                client,
                loop.wallNanos(beganNanos),
                now(),
                text(exchange.requestId(), 0, exchange.requestId().length),
                request.method(),
                uri,
                address,
                request.value(Names.USER_AGENT),
                status,
                length,
                info == null ? "" : info.app(),
                info == null ? "" : info.instanceIndex(),
                instance,
                forwarded,
                client ? "" : exchange.trace().traceId(),
                client ? "" : exchange.trace().spanId(),
                client || info == null ? new byte[0] : tags(info));
    }

    private byte[] tags(EndpointInfo info) {
        Map<String, String> registered = info.tags();
        if (registered == null) {
            return EnvelopeWriter.encoded(Map.of());
        }
        if (tags.size() > MAX_TAG_SETS) {
            tags.clear();
        }
        return tags.computeIfAbsent(registered, EnvelopeWriter::encoded);
    }

    private static String uri(Exchange exchange, String host, String path) {
        return (exchange.client().isTls() ? "https://" : "http://") + host + path;
    }

    private static String path(RequestHead request) {
        String raw = text(request.bytes(), request.pathStart(), request.pathEnd());
        return raw.indexOf('%') < 0 ? raw : decoded(raw);
    }

    /** The original's library has decoded it; what cannot be decoded stays. */
    private static String decoded(String raw) {
        var bytes = new ByteSink(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
            int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
            if (raw.charAt(i) == '%' && high >= 0 && low >= 0) {
                bytes.add((byte) (high << 4 | low));
                i += 2;
            } else {
                bytes.add((byte) raw.charAt(i));
            }
        }
        return new String(bytes.bytes(), 0, bytes.length(), StandardCharsets.UTF_8);
    }

    private static String withoutQuery(String path) {
        int query = path.indexOf('?');
        return query < 0 ? path : path.substring(0, query);
    }

    private static List<String> forwarded(Exchange exchange, boolean withPeer) {
        RequestHead request = exchange.request();
        List<String> addresses = new ArrayList<>();
        for (int line = 0; line < request.count(); line++) {
            if (request.id(line) == Names.X_FORWARDED_FOR) {
                String value = text(request.bytes(), request.valueStart(line), request.valueEnd(line));
                for (String address : value.split(",", -1)) {
                    addresses.add(address.strip());
                }
            }
        }
        if (withPeer) {
            addresses.add(
                    text(exchange.client().remoteIp(), 0, exchange.client().remoteIp().length));
        }
        return addresses;
    }

    private static String text(byte[] bytes, int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }

    void flush() {
        out.flush();
    }
}
