package org.cupola.gorouter.proxy;

import org.cupola.gorouter.head.Verdict;

/** What clients get whose requests cannot be read: complete responses, after which the connection is closed. */
final class Refusals {
    private Refusals() {}

    static String of(Verdict verdict) {
        return switch (verdict) {
            case TOO_LARGE -> response("431 Request Header Fields Too Large", "");
            case MALFORMED_HOST -> response("400 Bad Request", ": malformed Host header");
            case UNKNOWN_TRANSFER_CODING -> response("501 Not Implemented", ": Unsupported transfer encoding");
            case UNKNOWN_EXPECTATION -> response("417 Expectation Failed", "");
            case UNSUPPORTED_VERSION -> "HTTP/1.0 400 Bad Request\r\n\r\n";
            default -> response("400 Bad Request", "");
        };
    }

    private static String response(String status, String detail) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
                + status + detail;
    }
}
