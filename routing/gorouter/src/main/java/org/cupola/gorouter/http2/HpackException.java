package org.cupola.gorouter.http2;

/** A header block that cannot be decoded; the state both sides share is lost, so the connection must end. */
public final class HpackException extends Exception {
    private static final long serialVersionUID = 1;

    HpackException(String message) {
        super(message, null, false, false); // a client can cause it at will, so it is cheap
    }
}
