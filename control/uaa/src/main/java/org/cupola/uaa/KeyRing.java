package org.cupola.uaa;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All keys tokens may be signed with, and the one that signs new ones. Immutable. */
final class KeyRing {
    private final Map<String, SigningKey> keys = new LinkedHashMap<>();
    private final SigningKey active;

    /** @throws IllegalArgumentException when no key has the active id */
    KeyRing(List<SigningKey> keys, String activeId) {
        keys.forEach(key -> this.keys.put(key.id(), key));
        SigningKey found = this.keys.get(activeId);
        if (found == null) {
            throw new IllegalArgumentException("jwt.token.policy.activeKeyId: " + activeId + " (expected: one of "
                    + String.join(", ", this.keys.keySet()) + ")");
        }
        this.active = found;
    }

    SigningKey active() {
        return active;
    }

    List<SigningKey> all() {
        return List.copyOf(keys.values());
    }

    /** The key the token names; a token that names none is tried with every key. */
    boolean signed(Jwt token) {
        if (token.keyId().isEmpty()) {
            return keys.values().stream().anyMatch(token::signedBy);
        }
        return Optional.ofNullable(keys.get(token.keyId()))
                .filter(token::signedBy)
                .isPresent();
    }
}
