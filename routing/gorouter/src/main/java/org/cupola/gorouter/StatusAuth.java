package org.cupola.gorouter;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.cupola.platform.config.Secret;

/** Basic authentication as the original checks it: the exact word {@code Basic}, and exactly one colon. Immutable. */
record StatusAuth(String user, Secret password) {
    boolean accepts(String authorization) {
        if (!authorization.startsWith("Basic ")) {
            return false;
        }
        String pair;
        try {
            byte[] decoded = Base64.getDecoder()
                    .decode(authorization.substring("Basic ".length()).strip());
            pair = new String(decoded, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return false;
        }
        int colon = pair.indexOf(':');
        if (colon < 0 || pair.indexOf(':', colon + 1) >= 0) {
            return false;
        }
        boolean sameUser = same(pair.substring(0, colon), user);
        boolean samePassword = same(pair.substring(colon + 1), password.value());
        return sameUser && samePassword;
    }

    private static boolean same(String given, String wanted) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
    }
}
