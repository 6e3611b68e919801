package org.cupola.gorouter.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cupola.gorouter.head.Ascii;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trace a request belongs to: taken from its B3 or W3C headers, or begun here. Reused from request to request; confined
 * to its event loop.
 */
final class TraceContext {
    private static final Logger log = LoggerFactory.getLogger(LogSources.PROXY);
    private static final Pattern B3 =
            Pattern.compile("[01d]|([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-[01d](?:-[0-9a-f]{16})?)?");
    private static final Pattern B3_ID = Pattern.compile("[0-9a-f]{16}(?:[0-9a-f]{16})?");
    private static final int TRACE_PARENT_BYTES = 55;
    private static final int MAX_TRACE_STATE = 2048;

    private final ByteSink lines = new ByteSink(256);
    private final byte[] trace = new byte[32];
    private final byte[] span = new byte[16];
    private int traceDigits;
    private boolean dropsB3;
    private boolean dropsW3c;

    void clear() {
        lines.clear();
        traceDigits = 0;
        dropsB3 = false;
        dropsW3c = false;
    }

    /** Header lines to add to the backend's request. */
    ByteSink lines() {
        return lines;
    }

    /** Empty when the request belongs to no trace. */
    String traceId() {
        return new String(trace, 0, traceDigits, StandardCharsets.US_ASCII);
    }

    /** Empty when the request belongs to no trace. */
    String spanId() {
        return traceDigits == 0 ? "" : new String(span, StandardCharsets.US_ASCII);
    }

    boolean drops(int header) {
        return switch (header) {
            case Names.B3 -> dropsB3;
            case Names.TRACEPARENT, Names.TRACESTATE -> dropsW3c;
            default -> false;
        };
    }

    /** Reads or begins the trace; may put the trace's UUID in the place of the request's id. */
    void begin(RequestHead request, HeaderRules rules, RequestIds ids, byte[] requestId) {
        if (rules.zipkin()) {
            b3(request, requestId);
        }
        if (rules.w3c()) {
            w3c(request, rules, ids, requestId);
        }
        if (traceDigits == 32 && isUuid()) {
            int from = 0;
            for (int i = 0; i < RequestIds.LENGTH; i++) {
                requestId[i] = i == 8 || i == 13 || i == 18 || i == 23 ? (byte) '-' : trace[from++];
            }
        }
    }

    private boolean isUuid() {
        return trace[12] >= '1' && trace[12] <= '5';
    }

    private void b3(RequestHead request, byte[] requestId) {
        if (request.has(Names.B3)) {
            Matcher single = B3.matcher(request.value(Names.B3));
            if (single.matches()) {
                if (single.group(1) != null) {
                    take(single.group(1), single.group(2));
                }
                return;
            }
            log.atError().addKeyValue("b3", request.value(Names.B3)).log("failed-to-parse-single-header");
        }
        if (request.has(Names.X_B3_TRACEID) && request.has(Names.X_B3_SPANID)) {
            String traceId = request.value(Names.X_B3_TRACEID);
            String spanId = request.value(Names.X_B3_SPANID);
            if (!B3_ID.matcher(traceId).matches()
                    || spanId.length() != 16
                    || !B3_ID.matcher(spanId).matches()) {
                return;
            }
            take(traceId, spanId);
            dropsB3 = true;
            lines.add("B3: ").add(traceId).add("-").add(spanId);
            String flag = request.value(Names.X_B3_FLAGS).equals("1") ? "d" : request.value(Names.X_B3_SAMPLED);
            if (!flag.isEmpty()) {
                lines.add("-").add(flag);
                String parent = request.value(Names.X_B3_PARENTSPANID);
                lines.add(parent.isEmpty() ? "" : "-").add(parent);
            }
            lines.add("\r\n");
            return;
        }
        generate(requestId);
        dropsB3 = true;
        lines.add("X-B3-Traceid: ").add(trace).add("\r\nX-B3-Spanid: ").add(span);
        lines.add("\r\nB3: ").add(trace).add("-").add(span).add("\r\n");
    }

    private void take(String traceId, String spanId) {
        byte[] digits = traceId.getBytes(StandardCharsets.US_ASCII);
        traceDigits = digits.length;
        System.arraycopy(digits, 0, trace, 0, digits.length);
        System.arraycopy(spanId.getBytes(StandardCharsets.US_ASCII), 0, span, 0, 16);
    }

    /** Begins a trace with the request's own UUID; its lower half names the span. */
    private void generate(byte[] requestId) {
        int at = 0;
        for (byte b : requestId) {
            if (b != '-') {
                trace[at++] = b;
            }
        }
        traceDigits = at;
        System.arraycopy(trace, 16, span, 0, 16);
    }

    private void w3c(RequestHead request, HeaderRules rules, RequestIds ids, byte[] requestId) {
        dropsW3c = true;
        int line = request.first(Names.TRACEPARENT);
        if (line >= 0 && isTraceParent(request.bytes(), request.valueStart(line), request.valueEnd(line))) {
            byte[] parent = lowerCase(request, line);
            ids.hex16(span);
            if (traceDigits == 0) {
                System.arraycopy(parent, 3, trace, 0, trace.length);
                traceDigits = trace.length;
            }
            lines.add("Traceparent: 00-").add(parent, 3, 35).add("-").add(span);
            lines.add("-").add(parent, 53, 55).add("\r\n");
        } else {
            if (traceDigits != 32) {
                generate(requestId);
            }
            lines.add("Traceparent: 00-").add(trace).add("-").add(span).add("-01\r\n");
        }
        lines.add("Tracestate: ");
        if (!rules.w3cTenant().isEmpty()) {
            lines.add(rules.w3cTenant()).add("@");
        }
        lines.add("gorouter=").add(span);
        others(request, rules);
        lines.add("\r\n");
    }

    /** Version, trace, span, flags: two, 32, 16 and two hexadecimal digits with dashes between. */
    private static boolean isTraceParent(byte[] bytes, int start, int end) {
        if (end - start != TRACE_PARENT_BYTES) {
            return false;
        }
        for (int i = 0; i < TRACE_PARENT_BYTES; i++) {
            boolean dash = i == 2 || i == 35 || i == 52;
            byte b = bytes[start + i];
            if (dash ? b != '-' : Character.digit(b, 16) < 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] lowerCase(RequestHead request, int line) {
        byte[] lower = Arrays.copyOfRange(request.bytes(), request.valueStart(line), request.valueEnd(line));
        for (int i = 0; i < lower.length; i++) {
            lower[i] = (byte) Ascii.lowerCase(lower[i]);
        }
        return lower;
    }

    /** What others say of the trace goes on behind our own entry, less what we said of it before. */
    private void others(RequestHead request, HeaderRules rules) {
        String incoming = request.value(Names.TRACESTATE);
        if (incoming.isEmpty() || incoming.length() > MAX_TRACE_STATE) {
            return;
        }
        String own = (rules.w3cTenant().isEmpty() ? "gorouter" : rules.w3cTenant() + "@gorouter") + "=";
        for (String entry : incoming.split(",", -1)) {
            String stripped = entry.strip();
            if (!stripped.isEmpty() && !stripped.startsWith(own)) {
                lines.add(",").add(stripped);
            }
        }
    }
}
