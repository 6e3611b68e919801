package org.cupola.gorouter.proxy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.EndpointInfo;
import org.jspecify.annotations.Nullable;

/** One line of the access log, in the original's format, written straight from the bytes of the request. */
final class AccessLine {
    private static final byte[] NONE = "\"-\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.").withZone(ZoneId.systemDefault());

    private AccessLine() {}

    /**
     * How much of what clients choose is shown, in bytes.
     *
     * @param target of the request's target, and of all extra headers together
     * @param header of each of the usual headers
     */
    record Limits(int target, int header) {
        static final Limits NONE = new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE);

        /** So that the line fits a datagram. */
        static final Limits DATAGRAM = new Limits(20_000, 1000);
    }

    /**
     * Writes a line, without its end.
     *
     * @param now when the request was over, a reading of {@link System#nanoTime}
     */
    static void write(Exchange exchange, long now, ByteSink line, Limits limits) {
        Loop loop = exchange.loop();
        ProxySettings settings = loop.settings();
        RequestHead request = exchange.request();
        Endpoint endpoint = exchange.endpoint();
        boolean forwarded = endpoint != null;
        EndpointInfo info = endpoint == null ? null : endpoint.info();

        line.add(request.bytes(), request.hostStart(), request.hostEnd()).add(" - [");
        time(loop, loop.wallNanos(exchange.times().begun()), line);
        line.add("] \"").add(request.bytes(), 0, request.methodEnd()).add(" ");
        int target = line.length();
        target(request, settings, line);
        cut(line, target, "REQUEST-URI", limits.target());
        line.add(protocol(exchange));
        if (exchange.outcome().status() == 0) {
            line.add(NONE);
        } else {
            line.number(exchange.outcome().status());
        }
        line.add(" ")
                .number(exchange.outcome().bytesIn())
                .add(" ")
                .number(exchange.outcome().bytesOut());
        header(request, Names.REFERER, line.add(" "), limits);
        header(request, Names.USER_AGENT, line.add(" "), limits);
        remote(exchange, settings, line.add(" "));
        backend(info, line.add(" "));
        line.add(" x_forwarded_for:");
        if (!settings.logForwardedFor()) {
            line.add(NONE);
        } else if (forwarded) {
            line.add("\"");
            int from = line.length();
            RequestWriter.forwardedFor(exchange, line);
            cut(line, from, "X-FORWARDED-FOR", limits.header());
            escapeFrom(line, from);
            line.add("\"");
        } else {
            header(request, Names.X_FORWARDED_FOR, line, limits);
        }
        line.add(" x_forwarded_proto:");
        if (forwarded) {
            line.add("\"");
            int from = line.length();
            RequestWriter.forwardedProto(exchange, line);
            cut(line, from, "X-FORWARDED-PROTO", limits.header());
            escapeFrom(line, from);
            line.add("\"");
        } else {
            header(request, Names.X_FORWARDED_PROTO, line, limits);
        }
        line.add(" vcap_request_id:\"").add(exchange.requestId()).add("\" response_time:");
        long total = now - exchange.times().begun();
        seconds(total, line);
        line.add(" gorouter_time:");
        seconds(
                exchange.times().hasAttempts()
                        ? Math.max(0, total - exchange.times().appNanos())
                        : 0,
                line);
        text(info == null ? "" : info.app(), line.add(" app_id:"));
        text(info == null ? "" : info.instanceIndex(), line.add(" app_index:"));
        text(info == null ? "" : info.instanceId(), line.add(" instance_id:"));
        extraFields(exchange, settings, line);
        text(routerError(exchange), line.add(" x_cf_routererror:"));
        extraHeaders(request, loop.loggedHeaders(), line, limits);
    }

    /** What the router found wrong; failing that, that the target separates parameters by semicolons. */
    private static String routerError(Exchange exchange) {
        if (!exchange.outcome().routerError().isEmpty()) {
            return exchange.outcome().routerError();
        }
        RequestHead request = exchange.request();
        for (int i = request.targetStart(); i < request.targetEnd(); i++) {
            if (request.bytes()[i] == ';') {
                return "deprecated-semicolon-params";
            }
        }
        return "";
    }

    private static String protocol(Exchange exchange) {
        return switch (exchange.client().version()) {
            case HTTP_1 -> exchange.request().minorVersion() == 0 ? " HTTP/1.0\" " : " HTTP/1.1\" ";
            case HTTP_2 -> " HTTP/2.0\" ";
            case HTTP_3 -> " HTTP/3.0\" ";
        };
    }

    private static void time(Loop loop, long wallNanos, ByteSink line) {
        long second = Math.floorDiv(wallNanos, 1_000_000_000L);
        line.add(loop.secondText(second, () -> SECOND.format(Instant.ofEpochSecond(second))));
        line.padded(Math.floorMod(wallNanos, 1_000_000_000L), 9).add("Z");
    }

    private static void target(RequestHead request, ProxySettings settings, ByteSink line) {
        boolean redacted = settings.queryRedaction() != ProxySettings.QueryRedaction.NONE && request.methodIs("GET");
        if (!redacted || request.pathEnd() >= request.targetEnd()) {
            line.add(request.bytes(), request.targetStart(), request.targetEnd());
            return;
        }
        line.add(request.bytes(), request.targetStart(), request.pathEnd());
        if (settings.queryRedaction() == ProxySettings.QueryRedaction.HASH) {
            line.add("?hash=").add(sha1(request.bytes(), request.pathEnd() + 1, request.targetEnd()));
        }
    }

    private static String sha1(byte[] bytes, int start, int end) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            digest.update(bytes, start, end - start);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private static void remote(Exchange exchange, ProxySettings settings, ByteSink line) {
        if (!settings.logSourceAddress()) {
            line.add(NONE);
            return;
        }
        byte[] ip = exchange.client().remoteIp();
        boolean v6 = false;
        for (byte b : ip) {
            v6 |= b == ':';
        }
        line.add(v6 ? "\"[" : "\"").add(ip).add(v6 ? "]:" : ":");
        line.number(exchange.client().remoteAddress().getPort()).add("\"");
    }

    private static void backend(@Nullable EndpointInfo info, ByteSink line) {
        if (info == null) {
            line.add(NONE);
            return;
        }
        line.add("\"");
        int from = line.length();
        line.add(info.host());
        escapeFrom(line, from);
        line.add(":").number(info.port()).add("\"");
    }

    private static void extraFields(Exchange exchange, ProxySettings settings, ByteSink line) {
        boolean answered = exchange.outcome().isOfBackend();
        DialTimes dialed = answered ? exchange.times().dialTimes() : DialTimes.NONE;
        for (String field : settings.extraLoggedFields()) {
            line.add(" ").add(field).add(":");
            switch (field) {
                case "failed_attempts" -> line.number(exchange.times().failedAttempts());
                case "failed_attempts_time" -> orNone(exchange.times().failedAttemptsNanos(), line);
                case "backend_time" -> orNone(answered ? exchange.times().lastAttemptNanos() : -1, line);
                case "dns_time" -> orNone(dialed.lookup(), line);
                case "dial_time" -> orNone(dialed.connect(), line);
                case "tls_time" -> orNone(dialed.handshake(), line);
                case "local_address" -> text(answered ? exchange.outcome().localAddress() : "", line);
                default -> line.add(NONE);
            }
        }
    }

    private static void orNone(long nanos, ByteSink line) {
        if (nanos < 0) {
            line.add(NONE);
        } else {
            seconds(nanos, line);
        }
    }

    private static void extraHeaders(RequestHead request, List<LoggedHeader> headers, ByteSink line, Limits limits) {
        int from = line.length();
        for (LoggedHeader header : headers) {
            int found = header.in(request);
            int length = found < 0 ? 3 : request.valueEnd(found) - request.valueStart(found);
            if (line.length() - from + header.shown().length + length + 4 >= limits.target()) {
                line.add(" ...EXTRA-REQUEST-HEADERS-TOO-LONG-TO-LOG--TRUNCATED");
                return;
            }
            line.add(" ").add(header.shown()).add(":");
            if (found < 0) {
                line.add(NONE);
            } else {
                quoted(request.bytes(), request.valueStart(found), request.valueEnd(found), line);
            }
        }
    }

    private static void header(RequestHead request, int id, ByteSink line, Limits limits) {
        int found = request.first(id);
        if (found < 0 || request.valueStart(found) == request.valueEnd(found)) {
            line.add(NONE);
            return;
        }
        line.add("\"");
        int from = line.length();
        line.add(request.bytes(), request.valueStart(found), request.valueEnd(found));
        if (line.length() - from > limits.header()) {
            cut(line, from, Names.text(id).toUpperCase(Locale.ROOT), limits.header());
        }
        escapeFrom(line, from);
        line.add("\"");
    }

    /** Halves what was just written, and says so, until it is no longer than allowed. */
    private static void cut(ByteSink line, int from, String name, int limit) {
        while (line.length() - from > limit) {
            line.truncate(from + (line.length() - from) / 2);
            line.add("...").add(name).add("-TOO-LONG-TO-LOG--TRUNCATED");
        }
    }

    private static void quoted(byte[] bytes, int start, int end, ByteSink line) {
        line.add("\"");
        int from = line.length();
        line.add(bytes, start, end);
        escapeFrom(line, from);
        line.add("\"");
    }

    private static void text(String value, ByteSink line) {
        if (value.isEmpty()) {
            line.add(NONE);
            return;
        }
        line.add("\"");
        int from = line.length();
        line.add(value);
        escapeFrom(line, from);
        line.add("\"");
    }

    /** Escapes what was just written where it must be, as Go quotes texts; nearly always there is nothing to do. */
    private static void escapeFrom(ByteSink line, int from) {
        byte[] bytes = line.bytes();
        boolean plain = true;
        for (int i = from; i < line.length() && plain; i++) {
            byte b = bytes[i];
            plain = b != '"' && b != '\\' && (b < 0 || b >= ' ') && b != 127;
        }
        if (plain) {
            return;
        }
        byte[] raw = java.util.Arrays.copyOfRange(bytes, from, line.length());
        line.truncate(from);
        for (byte b : raw) {
            if (b == '"' || b == '\\') {
                line.add((byte) '\\').add(b);
            } else if (b == '\t') {
                line.add("\\t");
            } else if (b == 127 || (b >= 0 && b < ' ')) {
                line.add("\\x").add(HEX[b >> 4]).add(HEX[b & 15]);
            } else {
                line.add(b);
            }
        }
    }

    /** Seconds with six decimals. */
    private static void seconds(long nanos, ByteSink line) {
        long micros = (nanos + 500) / 1000;
        line.number(micros / 1_000_000).add(".").padded(micros % 1_000_000, 6);
    }
}
