package org.cupola.gorouter.proxy;

/** Reason phrases of the statuses that the router itself sends. */
final class Reasons {
    private Reasons() {}

    /** The phrase for a status that came without one; empty when it is not one of ours. */
    static String ofAny(String status) {
        return switch (status) {
            case "200" -> "OK";
            case "201" -> "Created";
            case "204" -> "No Content";
            case "304" -> "Not Modified";
            case "400" -> "Bad Request";
            case "401" -> "Unauthorized";
            case "403" -> "Forbidden";
            case "404" -> "Not Found";
            case "500" -> "Internal Server Error";
            case "502" -> "Bad Gateway";
            case "503" -> "Service Unavailable";
            default -> "";
        };
    }

    static String of(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 408 -> "Request Timeout";
            case 413 -> "Request Entity Too Large";
            case 417 -> "Expectation Failed";
            case 429 -> "Too Many Requests";
            case 431 -> "Request Header Fields Too Large";
            case 496 -> "SSL Certificate Required";
            case 499 -> "Request Cancelled";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 525 -> "SSL Handshake Failed";
            case 526 -> "Invalid SSL Certificate";
            default -> "status code " + status;
        };
    }
}
