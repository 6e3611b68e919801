package org.cupola.nats;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.cupola.platform.config.Secret;
import org.cupola.platform.json.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a client said in CONNECT. Immutable. Keys it left out keep their value, so a bare {@code CONNECT {}} leaves the
 * connection verbose and pedantic, as it was before.
 */
record ConnectOptions(
        boolean verbose,
        boolean pedantic,
        boolean echo,
        boolean headers,
        boolean noResponders,
        int protocol,
        Credentials credentials,
        String name,
        String language,
        String version) {
    static final ConnectOptions BEFORE_CONNECT =
            new ConnectOptions(true, true, true, false, false, 0, Credentials.NONE, "", "", "");

    /**
     * What the client proves itself with.
     *
     * @param foreignAccount it asked for an account, which nobody may here
     */
    record Credentials(
            String user, Secret password, Secret token, String publicKey, String signature, boolean foreignAccount) {
        static final Credentials NONE = new Credentials("", Secret.NONE, Secret.NONE, "", "", false);
    }

    /** @throws ProtocolViolation when the text is not a JSON object or a value has the wrong type */
    ConnectOptions with(String json) throws ProtocolViolation {
        JsonNode tree;
        try {
            tree = Json.tree(json);
        } catch (JacksonException e) {
            throw new ProtocolViolation(Violation.BAD_ARGUMENTS);
        }
        if (!tree.isObject()) {
            throw new ProtocolViolation(Violation.BAD_ARGUMENTS);
        }
        Map<String, JsonNode> values = new TreeMap<>();
        for (Map.Entry<String, JsonNode> property : tree.properties()) {
            if (!property.getValue().isNull()) {
                values.put(property.getKey().toLowerCase(Locale.ROOT), property.getValue());
            }
        }
        Credentials before = credentials;
        return new ConnectOptions(
                bool(values, "verbose", verbose),
                bool(values, "pedantic", pedantic),
                bool(values, "echo", echo),
                bool(values, "headers", headers),
                bool(values, "no_responders", noResponders),
                integer(values, "protocol", protocol),
                new Credentials(
                        text(values, "user", before.user),
                        new Secret(text(values, "pass", before.password.value())),
                        new Secret(text(values, "auth_token", before.token.value())),
                        text(values, "nkey", before.publicKey),
                        text(values, "sig", before.signature),
                        !text(values, "account", "").isEmpty() || bool(values, "new_account", false)),
                text(values, "name", name),
                text(values, "lang", language),
                text(values, "version", version));
    }

    private static boolean bool(Map<String, JsonNode> values, String key, boolean otherwise) throws ProtocolViolation {
        JsonNode value = values.get(key);
        if (value != null && !value.isBoolean()) {
            throw new ProtocolViolation(Violation.BAD_ARGUMENTS);
        }
        return value == null ? otherwise : value.asBoolean();
    }

    private static int integer(Map<String, JsonNode> values, String key, int otherwise) throws ProtocolViolation {
        JsonNode value = values.get(key);
        if (value != null && (!value.isIntegralNumber() || !value.canConvertToInt())) {
            throw new ProtocolViolation(Violation.BAD_ARGUMENTS);
        }
        return value == null ? otherwise : value.asInt();
    }

    private static String text(Map<String, JsonNode> values, String key, String otherwise) throws ProtocolViolation {
        JsonNode value = values.get(key);
        if (value != null && !value.isString()) {
            throw new ProtocolViolation(Violation.BAD_ARGUMENTS);
        }
        return value == null ? otherwise : value.asString();
    }
}
