package org.cupola.protocol.uaa;

/** Where a client takes its bearer tokens from. Any thread; may block. */
public interface TokenSource {
    /** For servers that check nothing: no Authorization header is sent. */
    TokenSource NONE = new TokenSource() {
        @Override
        public String token() {
            return "";
        }

        @Override
        public String renewed() {
            return "";
        }
    };

    /** A token that is valid for a while, possibly from a cache; empty means that none is needed. */
    String token() throws UaaException;

    /** A token fetched now, because a server refused the cached one. */
    String renewed() throws UaaException;
}
