package org.cupola.cloudcontroller;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What applying a manifest would change, as JSON patch operations. Only what the manifest says is compared; lists whose entries
 * have an identity are compared entry by entry. Pure.
 */
final class ManifestDiff {
    private static final Map<String, String> IDENTITIES =
            Map.of("processes", "type", "routes", "route", "sidecars", "name");
    private static final Set<String> SIZES = Set.of("memory", "disk_quota", "disk-quota");
    /** Attributes of the web process that may stand at the top. */
    private static final Set<String> WEB_KEYS = Set.of(
            "command",
            "user",
            "instances",
            "memory",
            "disk_quota",
            "disk-quota",
            "log-rate-limit-per-second",
            "health-check-type",
            "health-check-http-endpoint",
            "health-check-invocation-timeout",
            "health-check-interval",
            "timeout",
            "readiness-health-check-type",
            "readiness-health-check-http-endpoint",
            "readiness-health-check-invocation-timeout",
            "readiness-health-check-interval");

    private final ArrayNode operations = Docs.array();

    /** @param present the manifest of the app as it is, if it exists */
    void compare(int index, ObjectNode wanted, Optional<ObjectNode> present) {
        String path = "/applications/" + index;
        if (present.isEmpty()) {
            wanted.properties().forEach(entry -> {
                if (!SIZES.contains(entry.getKey())) {
                    add(path + "/" + entry.getKey(), entry.getValue());
                }
            });
            return;
        }
        ObjectNode is = present.get();
        wanted.properties().forEach(entry -> {
            String key = entry.getKey();
            JsonNode current = WEB_KEYS.contains(key) ? web(is).path(key(key)) : is.path(key);
            compare(path + "/" + key, key, entry.getValue(), current);
        });
    }

    ArrayNode operations() {
        return operations;
    }

    private static JsonNode web(ObjectNode manifest) {
        for (JsonNode process : manifest.path("processes")) {
            if (process.path("type").asString("").equals(ProcessRow.WEB)) {
                return process;
            }
        }
        return Docs.object();
    }

    private static String key(String key) {
        return key.equals("disk-quota") ? "disk_quota" : key;
    }

    private void compare(String path, String key, JsonNode wanted, JsonNode current) {
        String identity = IDENTITIES.get(key);
        if (identity != null && wanted.isArray() && current.isArray()) {
            compareEntries(path, identity, wanted, current);
        } else if (wanted.isObject() && current.isObject()) {
            wanted.properties()
                    .forEach(entry -> compare(
                            path + "/" + entry.getKey(),
                            entry.getKey(),
                            entry.getValue(),
                            current.path(key(entry.getKey()))));
        } else if (current.isMissingNode()) {
            if (!wanted.isNull()) {
                add(path, wanted);
            }
        } else if (!normal(key, wanted).equals(normal(key, current))) {
            ObjectNode operation = operations.addObject().put("op", "replace").put("path", path);
            operation.set("was", current);
            operation.set("value", wanted);
        }
    }

    private void compareEntries(String path, String identity, JsonNode wanted, JsonNode current) {
        for (int i = 0; i < wanted.size(); i++) {
            JsonNode entry = wanted.get(i);
            String id = entry.path(identity).asString("");
            Optional<JsonNode> match = current.valueStream()
                    .filter(other -> other.path(identity).asString("").equals(id))
                    .findFirst();
            if (match.isPresent()) {
                compare(path + "/" + i, "", entry, match.get());
            } else {
                add(path + "/" + i, entry);
            }
        }
    }

    private void add(String path, JsonNode value) {
        operations.addObject().put("op", "add").put("path", path).set("value", value);
    }

    /** Sizes are equal when they mean the same. */
    private static String normal(String key, JsonNode value) {
        if (SIZES.contains(key) || key.equals("log-rate-limit-per-second")) {
            OptionalLong bytes = ByteSize.parse(value.asString(""));
            return bytes.isPresent() ? Long.toString(bytes.getAsLong()) : value.asString("");
        }
        return value.isValueNode() ? value.asString("") : value.toString();
    }
}
