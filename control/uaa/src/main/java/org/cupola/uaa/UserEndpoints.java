package org.cupola.uaa;

import com.linecorp.armeria.common.HttpResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** {@code /Users}: the SCIM 1 dialect of users. Any thread. */
final class UserEndpoints {
    private static final Logger log = LoggerFactory.getLogger(UserEndpoints.class);
    private final UaaConfig config;
    private final Stores stores;
    private final Guard guard;
    private final Passwords passwords;
    private final InstantSource clock;

    UserEndpoints(UaaConfig config, Stores stores, Guard guard, Passwords passwords, InstantSource clock) {
        this.config = config;
        this.stores = stores;
        this.guard = guard;
        this.passwords = passwords;
        this.clock = clock;
    }

    HttpResponse create(Call call) {
        guard.require(call, "scim.write", "scim.create");
        JsonNode body = call.jsonObject();
        User described = UserDocuments.create(body, "", clock.millis());
        User user = described.internal()
                ? described.withPassword(newPassword(body.path("password").asString("")), clock.millis())
                : described;
        if (!stores.users().add(user)) {
            throw taken(user);
        }
        log.atInfo()
                .addKeyValue("user", user.id())
                .addKeyValue("origin", user.origin())
                .log("user-created");
        return Answers.versioned(201, describe(user), user.version());
    }

    private UaaError taken(User user) {
        Map<String, Object> extra = stores.users()
                .find(user.userName(), user.origin())
                .<Map<String, Object>>map(present ->
                        Map.of("user_id", present.id(), "active", present.active(), "verified", present.verified()))
                .orElse(Map.of());
        return UaaError.scim(409, "scim_resource_already_exists", "Username already in use: " + user.userName(), extra);
    }

    private String newPassword(String password) {
        if (password.isEmpty()) {
            throw UaaError.scim(400, "invalid_password", "Password must be at least 1 characters in length.");
        }
        checkPolicy(password);
        return passwords.hash(password);
    }

    private void checkPolicy(String password) {
        List<String> violations = config.passwords().violations(password);
        if (!violations.isEmpty()) {
            throw UaaError.scim(400, "invalid_password", String.join(",", violations));
        }
    }

    HttpResponse get(Call call) {
        String id = call.path("id");
        guard.requireOr(call, Guard.self(id), "scim.read");
        User user = existing(id);
        return Answers.versioned(200, describe(user), user.version());
    }

    HttpResponse list(Call call) {
        guard.require(call, "scim.read");
        ListRequest request = ListRequest.of(call);
        ListRequest.Page<User> page = stores.users().list(request, false);
        return Answers.json(
                200,
                request.envelope(
                        page,
                        ListRequest.SCIM_SCHEMA,
                        user -> UserDocuments.describe(
                                user,
                                request.shows("groups") ? stores.groups().of(user.id()) : null,
                                request.shows("approvals") ? stores.approvals().of(user.id()) : null)));
    }

    HttpResponse replace(Call call) {
        String id = call.path("id");
        TokenVerifier.Verified token = guard.requireOr(call, Guard.self(id), "scim.write");
        User user = existing(id);
        int version = IfMatch.version(call, user.version(), "PUT");
        User next = UserDocuments.replace(user, call.jsonObject(), clock.millis());
        return store(token, user, next, version);
    }

    HttpResponse merge(Call call) {
        String id = call.path("id");
        TokenVerifier.Verified token = guard.requireOr(call, Guard.self(id), "scim.write");
        User user = existing(id);
        int version = IfMatch.version(call, user.version(), "PATCH");
        User next = UserDocuments.merge(user, call.jsonObject(), clock.millis());
        return store(token, user, next, version);
    }

    private HttpResponse store(TokenVerifier.Verified token, User before, User after, int version) {
        boolean writer = token.scopes().contains("scim.write") || token.scopes().contains(Guard.ADMIN);
        boolean onlyName = before.userName().equals(after.userName())
                && before.email().equals(after.email())
                && before.phone().equals(after.phone())
                && before.externalId().equals(after.externalId())
                && before.active() == after.active()
                && before.verified() == after.verified();
        if (!writer && !onlyName) {
            throw UaaError.oauth(403, "access_denied", "Only the name of one's own account can be changed.");
        }
        boolean renamed = !User.key(before.userName()).equals(User.key(after.userName()));
        if (renamed && stores.users().find(after.userName(), after.origin()).isPresent()) {
            throw taken(after);
        }
        if (!stores.users().replace(after, version)) {
            throw UaaError.scim(
                    409,
                    "scim_resource_conflict",
                    "Attempt to update a user (" + after.id() + ") with wrong version: expected=" + before.version()
                            + " but found=" + version);
        }
        User stored = existing(after.id());
        return Answers.versioned(200, describe(stored), stored.version());
    }

    HttpResponse delete(Call call) {
        guard.require(call, "scim.write");
        User user = existing(call.path("id"));
        Map<String, Object> document = describe(user);
        stores.users().delete(user.id());
        log.atInfo().addKeyValue("user", user.id()).log("user-deleted");
        return Answers.versioned(200, document, user.version());
    }

    /** A user's own change needs the old password, an administrator's does not. */
    HttpResponse changePassword(Call call) {
        String id = call.path("id");
        TokenVerifier.Verified token = guard.requireOr(call, _ -> false, "password.write");
        boolean admin = token.scopes().contains(Guard.ADMIN)
                || (token.user() == null && token.scopes().contains("password.write"));
        boolean self = Guard.self(id).test(token);
        if (!admin && !self) {
            throw UaaError.oauth(403, "access_denied", "Access is denied to change the password of another user.");
        }
        User user = existing(id);
        JsonNode body = call.jsonObject();
        String password = body.path("password").asString("");
        if (!user.internal()) {
            throw UaaError.scim(400, "invalid_password", "The password of a user of another origin cannot be changed.");
        }
        if (self && !passwords.matches(body.path("oldPassword").asString(""), user.passwordHash())) {
            throw UaaError.unauthorized("Old password is incorrect");
        }
        if (password.isEmpty()) {
            throw UaaError.scim(400, "invalid_password", "Password must be at least 1 characters in length.");
        }
        checkPolicy(password);
        if (passwords.matches(password, user.passwordHash())) {
            throw UaaError.scim(422, "invalid_password", "Your new password cannot be the same as the old password.");
        }
        stores.users().setPassword(id, passwords.hash(password), clock.millis());
        log.atInfo().addKeyValue("user", id).log("password-changed");
        return Answers.json(200, ok("password updated"));
    }

    HttpResponse status(Call call) {
        guard.require(call, "scim.write", "uaa.account_status.write");
        User user = existing(call.path("id"));
        JsonNode body = call.jsonObject();
        JsonNode locked = body.path("locked");
        JsonNode change = body.path("passwordChangeRequired");
        if (locked.asBoolean(false)) {
            throw UaaError.invalidResource("Cannot set user account to locked. User accounts only become locked"
                    + " through exceeding the allowed failed login attempts.");
        }
        if (change.isBoolean() && !change.asBoolean() && user.passwordChangeRequired()) {
            throw UaaError.invalidResource(
                    "The requirement that this user change their password cannot be removed via API.");
        }
        if (locked.isBoolean()) {
            stores.lockouts().forgive(user.id());
        }
        if (change.asBoolean(false)) {
            if (!user.internal()) {
                throw UaaError.invalidResource("Can only expire internal users' passwords.");
            }
            stores.users().requirePasswordChange(user.id(), true);
        }
        return Answers.json(200, body);
    }

    HttpResponse verify(Call call) {
        guard.require(call, "scim.write", "scim.create");
        User user = existing(call.path("id"));
        int version =
                call.header("if-match").isPresent() ? IfMatch.version(call, user.version(), "verify") : user.version();
        if (version != user.version()) {
            throw UaaError.scim(409, "scim_resource_conflict", "The user has changed since version " + version);
        }
        stores.users().verify(user.id());
        User verified = existing(user.id());
        return Answers.versioned(200, describe(verified), verified.version());
    }

    static Map<String, Object> ok(String message) {
        Map<String, Object> answer = new java.util.LinkedHashMap<>();
        answer.put("status", "ok");
        answer.put("message", message);
        return answer;
    }

    private Map<String, Object> describe(User user) {
        return UserDocuments.describe(
                user, stores.groups().of(user.id()), stores.approvals().of(user.id()));
    }

    private User existing(String id) {
        return stores.users()
                .find(id)
                .orElseThrow(() -> UaaError.scim(404, "scim_resource_not_found", "User " + id + " does not exist"));
    }
}
