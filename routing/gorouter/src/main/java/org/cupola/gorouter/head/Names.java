package org.cupola.gorouter.head;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Header names that a proxy looks at, as small numbers. A name is found by its length and then by comparing with the one
 * to six candidates of that length.
 */
public final class Names {
    public static final int OTHER = 0;
    public static final int HOST = 1;
    public static final int DATE = 2;
    public static final int CONNECTION = 3;
    public static final int KEEP_ALIVE = 4;
    public static final int UPGRADE = 5;
    public static final int TE = 6;
    public static final int TRAILER = 7;
    public static final int EXPECT = 8;
    public static final int COOKIE = 9;
    public static final int REFERER = 10;
    public static final int USER_AGENT = 11;
    public static final int CONTENT_LENGTH = 12;
    public static final int TRANSFER_ENCODING = 13;
    public static final int AUTHORIZATION = 14;
    public static final int PROXY_CONNECTION = 15;
    public static final int PROXY_AUTHENTICATE = 16;
    public static final int PROXY_AUTHORIZATION = 17;
    public static final int X_FORWARDED_FOR = 18;
    public static final int X_FORWARDED_PROTO = 19;
    public static final int X_REQUEST_START = 20;
    public static final int X_VCAP_REQUEST_ID = 21;
    public static final int X_VCAP_TRACE = 22;
    public static final int X_CF_APP_INSTANCE = 23;
    public static final int X_CF_PROCESS_INSTANCE = 24;
    public static final int X_CF_APPLICATIONID = 25;
    public static final int X_CF_INSTANCEINDEX = 26;
    public static final int X_CF_INSTANCEID = 27;
    public static final int X_FORWARDED_CLIENT_CERT = 28;
    public static final int X_CF_PROXY_SIGNATURE = 29;
    public static final int X_CF_PROXY_METADATA = 30;
    public static final int X_CF_FORWARDED_URL = 31;
    public static final int X_B3_TRACEID = 32;
    public static final int X_B3_SPANID = 33;
    public static final int X_B3_PARENTSPANID = 34;
    public static final int X_B3_SAMPLED = 35;
    public static final int X_B3_FLAGS = 36;
    public static final int B3 = 37;
    public static final int TRACEPARENT = 38;
    public static final int TRACESTATE = 39;
    public static final int IDEMPOTENCY_KEY = 40;
    public static final int X_IDEMPOTENCY_KEY = 41;
    public static final int SET_COOKIE = 42;
    public static final int WWW_AUTHENTICATE = 43;
    public static final int CONTENT_TYPE = 44;
    public static final int X_CF_ROUTERERROR = 45;
    public static final int COUNT = 46;

    private static final String[] TEXTS = {
        "",
        "Host",
        "Date",
        "Connection",
        "Keep-Alive",
        "Upgrade",
        "Te",
        "Trailer",
        "Expect",
        "Cookie",
        "Referer",
        "User-Agent",
        "Content-Length",
        "Transfer-Encoding",
        "Authorization",
        "Proxy-Connection",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Request-Start",
        "X-Vcap-Request-Id",
        "X-Vcap-Trace",
        "X-Cf-App-Instance",
        "X-Cf-Process-Instance",
        "X-Cf-Applicationid",
        "X-Cf-Instanceindex",
        "X-Cf-Instanceid",
        "X-Forwarded-Client-Cert",
        "X-Cf-Proxy-Signature",
        "X-Cf-Proxy-Metadata",
        "X-Cf-Forwarded-Url",
        "X-B3-Traceid",
        "X-B3-Spanid",
        "X-B3-Parentspanid",
        "X-B3-Sampled",
        "X-B3-Flags",
        "B3",
        "Traceparent",
        "Tracestate",
        "Idempotency-Key",
        "X-Idempotency-Key",
        "Set-Cookie",
        "Www-Authenticate",
        "Content-Type",
        "X-Cf-Routererror",
    };

    private static final byte[][] NAMES = new byte[COUNT][];
    private static final int[][] BY_LENGTH = new int[32][];

    static {
        Arrays.fill(BY_LENGTH, new int[0]);
        for (int id = 1; id < COUNT; id++) {
            NAMES[id] = TEXTS[id].getBytes(StandardCharsets.US_ASCII);
            int length = NAMES[id].length;
            BY_LENGTH[length] = Arrays.copyOf(BY_LENGTH[length], BY_LENGTH[length].length + 1);
            BY_LENGTH[length][BY_LENGTH[length].length - 1] = id;
        }
    }

    private Names() {}

    /** The canonical name, such as {@code X-Vcap-Request-Id}; empty for {@link #OTHER}. */
    public static String text(int id) {
        return TEXTS[id];
    }

    /** Which name the canonical bytes are, {@link #OTHER} for those not listed here. */
    public static int of(byte[] bytes, int start, int end) {
        int length = end - start;
        if (length >= BY_LENGTH.length) {
            return OTHER;
        }
        for (int id : BY_LENGTH[length]) {
            if (Arrays.equals(NAMES[id], 0, length, bytes, start, end)) {
                return id;
            }
        }
        return OTHER;
    }
}
