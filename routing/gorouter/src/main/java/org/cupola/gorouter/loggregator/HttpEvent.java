package org.cupola.gorouter.loggregator;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * One request's course, as seen by the side that answered it or by the side that sent it on.
 *
 * @param client        whether the router was the one that asked
 * @param startNanos    since 1970
 * @param requestId     a UUID's text
 * @param uri           scheme, host and path
 * @param status        0 when there was no answer
 * @param contentLength of the response's body; -1 when that was not said
 * @param app           GUID, empty or not a UUID for none
 * @param instanceIndex left out unless a number
 * @param instanceId    empty for none
 * @param forwarded     the addresses the request came by
 * @param trace         empty for none
 * @param tags          by {@link EnvelopeWriter#encoded}
 */
@SuppressWarnings("ArrayRecordComponent") // made once, written once, never compared
public record HttpEvent(
        boolean client,
        long startNanos,
        long stopNanos,
        String requestId,
        String method,
        String uri,
        String remoteAddress,
        String userAgent,
        int status,
        long contentLength,
        String app,
        String instanceIndex,
        String instanceId,
        List<String> forwarded,
        String trace,
        String span,
        byte[] tags) {
    private static final int UUID_TEXT = 36;

    /** The protocol's methods; their place, from 1, is their number. */
    private static final List<String> METHODS = List.of(
            "GET",
            "POST",
            "PUT",
            "DELETE",
            "HEAD",
            "ACL",
            "BASELINE_CONTROL",
            "BIND",
            "CHECKIN",
            "CHECKOUT",
            "CONNECT",
            "COPY",
            "DEBUG",
            "LABEL",
            "LINK",
            "LOCK",
            "MERGE",
            "MKACTIVITY",
            "MKCALENDAR",
            "MKCOL",
            "MKREDIRECTREF",
            "MKWORKSPACE",
            "MOVE",
            "OPTIONS",
            "ORDERPATCH",
            "PATCH",
            "PRI",
            "PROPFIND",
            "PROPPATCH",
            "REBIND",
            "REPORT",
            "SEARCH",
            "SHOWMETHOD",
            "SPACEJUMP",
            "TEXTSEARCH",
            "TRACE",
            "TRACK",
            "UNBIND",
            "UNCHECKOUT",
            "UNLINK",
            "UNLOCK",
            "UPDATE",
            "UPDATEREDIRECTREF",
            "VERSION_CONTROL");

    private static final Map<String, Integer> NUMBERS = numbers();

    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new java.util.HashMap<>();
        METHODS.forEach(method -> numbers.put(method, numbers.size() + 1));
        return Map.copyOf(numbers);
    }

    void write(ProtoWriter out) {
        for (int i = forwarded.size() - 1; i >= 0; i--) {
            out.text(15, forwarded.get(i));
        }
        if (!instanceId.isEmpty()) {
            out.text(14, instanceId);
        }
        if (isNumber(instanceIndex)) {
            out.number(13, Integer.parseInt(instanceIndex));
        }
        uuid(out, 12, app);
        out.number(10, contentLength);
        out.number(9, status);
        out.text(8, userAgent);
        out.text(7, remoteAddress);
        out.text(6, uri);
        out.number(5, NUMBERS.getOrDefault(method, 0));
        out.number(4, client ? 1 : 2);
        uuid(out, 3, requestId);
        out.number(2, stopNanos);
        out.number(1, startNanos);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() < 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** Two numbers, the halves of its bytes read from the least significant on; nothing when it is no UUID. */
    private static void uuid(ProtoWriter out, int field, String text) {
        if (text.length() != UUID_TEXT) {
            return;
        }
        try {
            String hex = text.substring(0, 8)
                    + text.substring(9, 13)
                    + text.substring(14, 18)
                    + text.substring(19, 23)
                    + text.substring(24);
            long first = HexFormat.fromHexDigitsToLong(hex, 0, 16);
            long second = HexFormat.fromHexDigitsToLong(hex, 16, 32);
            int mark = out.mark();
            out.number(2, Long.reverseBytes(second));
            out.number(1, Long.reverseBytes(first));
            out.message(field, mark);
        } catch (IllegalArgumentException e) {
            return; // an app that is not named by a UUID has no place in this event
        }
    }
}
