package org.cupola.uaa;

import java.time.InstantSource;
import java.util.Optional;

/** Checks a user's name and password, and keeps the lockout. Any thread; blocks for as long as a hash takes. */
final class UserAuthenticator {
    private static final String WRONG_ORIGIN =
            "The origin provided in the login_hint does not match an active Identity Provider, that supports password grant.";
    private final UserStore users;
    private final Passwords passwords;
    private final Lockouts lockouts;
    private final InstantSource clock;

    UserAuthenticator(UserStore users, Passwords passwords, Lockouts lockouts, InstantSource clock) {
        this.users = users;
        this.passwords = passwords;
        this.lockouts = lockouts;
        this.clock = clock;
    }

    /**
     * @param origin the identity provider asked for; empty means whichever knows the user, and this server is the only one
     * @throws UaaError when the user may not log in
     */
    User authenticate(String userName, String password, String origin) {
        if (!origin.isEmpty() && !origin.equals(User.INTERNAL)) {
            throw UaaError.unauthorized(WRONG_ORIGIN);
        }
        Optional<User> found = users.find(userName, User.INTERNAL).filter(User::active);
        if (found.isEmpty()) {
            passwords.matchNobody(password);
            throw UaaError.badCredentials();
        }
        User user = found.get();
        if (lockouts.locked(user.id())) {
            throw UaaError.unauthorized(UaaError.LOCKED);
        }
        if (!passwords.matches(password, user.passwordHash())) {
            lockouts.failed(user.id());
            throw UaaError.badCredentials();
        }
        if (!user.verified()) {
            throw UaaError.oauth(403, "access_denied", "Account not verified");
        }
        if (user.passwordChangeRequired()) {
            throw UaaError.unauthorized("password change required");
        }
        lockouts.forgive(user.id());
        users.noteLogon(user.id(), clock.millis());
        return user;
    }
}
