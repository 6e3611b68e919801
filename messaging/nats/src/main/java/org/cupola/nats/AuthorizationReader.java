package org.cupola.nats;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cupola.nats.NatsConfig.Authorization;
import org.cupola.nats.NatsConfig.User;
import org.cupola.nats.UserPermissions.Responses;
import org.cupola.nats.UserPermissions.Rule;
import org.cupola.nats.UserPermissions.Rules;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the {@code authorization} section: one user, a token, or users with permissions. */
final class AuthorizationReader {
    private static final Responses STANDARD_RESPONSES = new Responses(1, Duration.ofMinutes(2));

    private final ConfigReader root;

    AuthorizationReader(ConfigReader root) {
        this.root = root;
    }

    /** @param standardTimeout when the section names none */
    Authorization read(Duration standardTimeout) {
        String noAuthUser = root.string("no_auth_user", "");
        if (!root.has("authorization")) {
            checkNoAuthUser(noAuthUser, List.of());
            return new Authorization(List.of(), Secret.NONE, standardTimeout, noAuthUser);
        }
        ConfigReader section = root.object("authorization");
        Duration timeout = NatsConfigReader.seconds(section, "timeout", standardTimeout);
        UserPermissions standard = permissions(
                section,
                section.has("default_permissions") ? "default_permissions" : "permissions",
                UserPermissions.ALL);
        List<User> users = new ArrayList<>();
        String name = section.string("user", section.string("username", ""));
        Secret password = new Secret(section.string("password", section.string("pass", "")));
        if (!name.isEmpty()) {
            users.add(new User(name, password, false, standard));
        } else if (!password.isEmpty()) {
            section.refuse("password", "without a user", "a user as well");
        }
        for (ConfigReader user : section.objects("users")) {
            users.add(user(user, standard));
        }
        Secret token = new Secret(section.string("token", ""));
        if (!token.isEmpty() && !users.isEmpty()) {
            section.refuse("token", "beside users", "either a token or users");
        }
        checkNoAuthUser(noAuthUser, users);
        return new Authorization(users, token, timeout, noAuthUser);
    }

    private void checkNoAuthUser(String name, List<User> users) {
        if (!name.isEmpty() && users.stream().noneMatch(user -> user.name().equals(name))) {
            root.refuse("no_auth_user", name, "one of the users");
        }
    }

    private static User user(ConfigReader user, UserPermissions standard) {
        UserPermissions permissions = permissions(user, "permissions", standard);
        user.value("allowed_connection_types"); // there is only one type here
        Optional<String> key = user.string("nkey");
        if (key.isPresent()) {
            if (NonceSignature.publicKey(key.get()).isEmpty()) {
                user.refuse("nkey", key.get(), "a public user key (U…)");
            }
            return new User(key.get(), Secret.NONE, true, permissions);
        }
        String name = user.string("user", user.string("username", ""));
        if (name.isEmpty()) {
            user.refuse("user", "missing", "a name");
        }
        return new User(name, new Secret(user.string("password", user.string("pass", ""))), false, permissions);
    }

    private static UserPermissions permissions(ConfigReader owner, String key, UserPermissions otherwise) {
        if (!owner.has(key)) {
            return otherwise;
        }
        ConfigReader section = owner.object(key);
        Responses responses = responses(section);
        Rules publish = rules(section, section.has("pub") ? "pub" : "publish");
        if (responses != null && publish.isEverything()) {
            publish = new Rules(List.of(), List.of()); // answers only
        }
        return new UserPermissions(publish, rules(section, section.has("sub") ? "sub" : "subscribe"), responses);
    }

    /** A subject, a list of them, or {@code allow} and {@code deny}. */
    private static Rules rules(ConfigReader section, String key) {
        Optional<JsonNode> value = section.value(key);
        if (value.isEmpty()) {
            return Rules.ALL;
        }
        if (!value.get().isObject()) {
            return new Rules(rulesOf(section, key, subjects(section, key)), List.of());
        }
        ConfigReader object = section.object(key);
        List<Rule> allowed = object.has("allow") ? rulesOf(object, "allow", subjects(object, "allow")) : null;
        return new Rules(allowed, rulesOf(object, "deny", subjects(object, "deny")));
    }

    private static List<String> subjects(ConfigReader section, String key) {
        Optional<JsonNode> value = section.value(key);
        return value.isPresent() && value.get().isString() ? List.of(value.get().asString()) : section.strings(key);
    }

    private static List<Rule> rulesOf(ConfigReader section, String key, List<String> texts) {
        List<Rule> rules = new ArrayList<>();
        for (String text : texts) {
            String[] parts = text.strip().split("\\s+");
            if (parts.length > 2 || !Subjects.isValid(ByteString.of(parts[0]))) {
                section.refuse(key, text, "a subject, or a subject and a queue");
            }
            rules.add(new Rule(parts[0], parts.length > 1 ? parts[1] : ""));
        }
        return List.copyOf(rules);
    }

    private static @Nullable Responses responses(ConfigReader section) {
        String key = section.has("allow_response") ? "allow_response" : "allow_responses";
        Optional<JsonNode> value = section.value(key);
        if (value.isEmpty()) {
            return null;
        }
        if (!value.get().isObject()) {
            return section.bool(key, false) ? STANDARD_RESPONSES : null;
        }
        ConfigReader object = section.object(key);
        return new Responses(
                object.integer("max", STANDARD_RESPONSES.max(), Integer.MIN_VALUE, Integer.MAX_VALUE),
                object.duration("expires", STANDARD_RESPONSES.expires()));
    }
}
