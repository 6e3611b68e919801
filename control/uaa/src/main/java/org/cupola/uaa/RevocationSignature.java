package org.cupola.uaa;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The claim {@code rev_sig}: a hash over everything whose change must end a token. 32-bit MurmurHash3 (Austin Appleby,
 * public domain), chained over the parts. It guards against nothing secret: the token's signature does that.
 */
final class RevocationSignature {
    private static final int SEED = 0xF0F0;

    private RevocationSignature() {}

    /**
     * @param secretHash of the secret the client used for this token, so that adding a second secret ends nothing; empty for none
     * @param user       none for a client's own token
     */
    static String of(Client client, String secretHash, @Nullable User user) {
        List<String> parts = user == null
                ? List.of(client.id(), secretHash, client.tokenSalt())
                : List.of(
                        client.id(),
                        secretHash,
                        client.tokenSalt(),
                        user.id(),
                        user.passwordHash(),
                        user.salt(),
                        user.email(),
                        user.userName());
        int hash = SEED;
        for (String part : parts) {
            hash = murmur3((part + "###").getBytes(StandardCharsets.UTF_8), hash);
        }
        return Integer.toHexString(hash);
    }

    /** Whether the signature belongs to any of the client's secrets, or to none of them. */
    static boolean matches(String signature, Client client, @Nullable User user) {
        return of(client, "", user).equals(signature)
                || client.secrets().stream()
                        .anyMatch(hash -> of(client, hash, user).equals(signature));
    }

    static int murmur3(byte[] data, int seed) {
        int hash = seed;
        int blocks = data.length / 4;
        for (int i = 0; i < blocks; i++) {
            int word = (data[4 * i] & 0xff)
                    | (data[4 * i + 1] & 0xff) << 8
                    | (data[4 * i + 2] & 0xff) << 16
                    | (data[4 * i + 3] & 0xff) << 24;
            hash ^= scramble(word);
            hash = Integer.rotateLeft(hash, 13) * 5 + 0xe6546b64;
        }
        int tail = 0;
        for (int i = data.length - 1; i >= 4 * blocks; i--) {
            tail = tail << 8 | (data[i] & 0xff);
        }
        hash ^= scramble(tail);
        hash ^= data.length;
        hash ^= hash >>> 16;
        hash *= 0x85ebca6b;
        hash ^= hash >>> 13;
        hash *= 0xc2b2ae35;
        return hash ^ hash >>> 16;
    }

    private static int scramble(int word) {
        return Integer.rotateLeft(word * 0xcc9e2d51, 15) * 0x1b873593;
    }
}
