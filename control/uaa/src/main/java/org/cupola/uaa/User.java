package org.cupola.uaa;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A person, or a shadow of one that another identity provider knows. Immutable.
 *
 * @param origin         the identity provider's key; {@code uaa} means that the password is here
 * @param passwordHash   empty for other origins
 * @param salt           changing it ends all tokens of the user
 * @param version        counts changes, for {@code If-Match}
 * @param lastLogonMillis none until the first login
 */
record User(
        String id,
        String userName,
        String origin,
        String externalId,
        String givenName,
        String familyName,
        String email,
        String phone,
        boolean active,
        boolean verified,
        String passwordHash,
        boolean passwordChangeRequired,
        long passwordMillis,
        String salt,
        long createdMillis,
        long modifiedMillis,
        int version,
        @Nullable Long lastLogonMillis,
        @Nullable Long previousLogonMillis) {

    static final String INTERNAL = "uaa";

    boolean internal() {
        return origin.equals(INTERNAL);
    }

    String fullName() {
        return (givenName + " " + familyName).strip();
    }

    /** What user names are compared by. */
    static String key(String userName) {
        return userName.toLowerCase(Locale.ROOT);
    }

    User withPassword(String hash, long nowMillis) {
        return new User(
                id,
                userName,
                origin,
                externalId,
                givenName,
                familyName,
                email,
                phone,
                active,
                verified,
                hash,
                false,
                nowMillis,
                salt,
                createdMillis,
                modifiedMillis,
                version,
                lastLogonMillis,
                previousLogonMillis);
    }
}
