package org.cupola.gorouter.routes;

import java.nio.charset.StandardCharsets;

/**
 * How routes are written and compared: lower case, without a trailing slash, without a query. Hashes are computed byte
 * by byte, so that one walk over host and path hashes every prefix of it.
 */
final class RouteKey {
    static final int SEED = 0x811c9dc5;
    private static final int PRIME = 0x01000193;
    private static final byte[] LOWER = new byte[256];

    static {
        for (int i = 0; i < 256; i++) {
            LOWER[i] = (byte) (i >= 'A' && i <= 'Z' ? i + 32 : i);
        }
    }

    private RouteKey() {}

    static byte lower(byte b) {
        return LOWER[b & 0xff];
    }

    static int step(int hash, byte b) {
        return (hash ^ LOWER[b & 0xff]) * PRIME;
    }

    /** Spreads what {@link #step} gathered over the low bits. */
    static int spread(int hash) {
        int h = hash * 0x9E3779B9;
        return h ^ h >>> 15;
    }

    static int hash(byte[] key) {
        int hash = SEED;
        for (byte b : key) {
            hash = step(hash, b);
        }
        return hash;
    }

    /** Lower-cases, drops one trailing slash, cuts at the first {@code ?}, drops one leading slash, in this order. */
    static byte[] normalise(String uri) {
        byte[] bytes = strip(uri).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = lower(bytes[i]);
        }
        return bytes;
    }

    /** {@code /} or {@code /a/b}, in the case it was written in. */
    static String contextPath(String uri) {
        if (uri.indexOf('/') < 0) {
            return "/";
        }
        String stripped = strip(uri);
        int slash = stripped.indexOf('/');
        return slash < 0 ? "/" : stripped.substring(slash);
    }

    private static String strip(String uri) {
        String rest = uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
        int query = rest.indexOf('?');
        rest = query < 0 ? rest : rest.substring(0, query);
        return rest.startsWith("/") ? rest.substring(1) : rest;
    }
}
