package org.cupola.cloudcontroller;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cupola.platform.json.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON request body, read key by key. Problems are gathered and refused together by {@link #check}; the reading methods return
 * something harmless meanwhile. Confined to one thread.
 */
final class Body {
    private final ObjectNode root;
    private final List<String> problems = new ArrayList<>();

    private Body(ObjectNode root) {
        this.root = root;
    }

    static Body parse(byte[] utf8) {
        try {
            return of(Json.tree(utf8));
        } catch (JacksonException e) {
            throw ApiException.messageParseError(e.getOriginalMessage());
        }
    }

    static Body of(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return new Body(object);
        }
        throw ApiException.messageParseError("invalid request body");
    }

    ObjectNode root() {
        return root;
    }

    /** Refuses keys other than these. */
    Body allow(String... keys) {
        Set<String> allowed = Set.copyOf(Arrays.asList(keys));
        List<String> unknown = root.propertyNames().stream()
                .filter(key -> !allowed.contains(key))
                .map(key -> "'" + key + "'")
                .toList();
        if (!unknown.isEmpty()) {
            problems.add("Unknown field(s): " + String.join(", ", unknown));
        }
        return this;
    }

    boolean has(String key) {
        return root.has(key);
    }

    /** Present with a value other than null. */
    boolean hasValue(String key) {
        return root.hasNonNull(key);
    }

    JsonNode node(String... path) {
        JsonNode node = root;
        for (String key : path) {
            node = node.path(key);
        }
        return node;
    }

    void refuse(String problem) {
        problems.add(problem);
    }

    void refuseAll(Collection<String> more) {
        problems.addAll(more);
    }

    /** Throws 422 with everything found so far. */
    Body check() {
        if (!problems.isEmpty()) {
            throw ApiException.unprocessable(String.join(", ", problems));
        }
        return this;
    }

    /** A name of 1 to 255 characters; the empty string after noting a problem. */
    String requiredString(String key) {
        JsonNode value = root.path(key);
        String label = label(key);
        if (value.isMissingNode() || value.isNull()) {
            problems.add(label + " can't be blank");
        } else if (!value.isString()) {
            problems.add(label + " must be a string");
        } else if (value.asString().isBlank()) {
            problems.add(label + " can't be blank");
        } else if (value.asString().length() > 255) {
            problems.add(label + " is too long (maximum is 255 characters)");
        } else {
            return value.asString();
        }
        return "";
    }

    Optional<String> string(String key) {
        if (!hasValue(key)) {
            return Optional.empty();
        }
        if (!root.path(key).isString()) {
            problems.add(label(key) + " must be a string");
            return Optional.empty();
        }
        return Optional.of(root.path(key).asString());
    }

    Optional<String> name(String key) {
        return root.has(key) ? Optional.of(requiredString(key)) : Optional.empty();
    }

    Optional<Boolean> bool(String key) {
        if (!hasValue(key)) {
            return Optional.empty();
        }
        if (!root.path(key).isBoolean()) {
            problems.add(label(key) + " must be a boolean");
            return Optional.empty();
        }
        return Optional.of(root.path(key).asBoolean());
    }

    Optional<Long> number(String key, long min) {
        if (!hasValue(key)) {
            return Optional.empty();
        }
        JsonNode value = root.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            problems.add(label(key) + " is not a number");
            return Optional.empty();
        }
        if (value.asLong() < min) {
            problems.add(
                    label(key) + (min == 1 ? " must be greater than 0" : " must be greater than or equal to " + min));
            return Optional.empty();
        }
        return Optional.of(value.asLong());
    }

    Optional<Integer> integer(String key, int min) {
        return number(key, min).flatMap(value -> {
            if (value > Integer.MAX_VALUE) {
                problems.add(label(key) + " must be less than or equal to " + Integer.MAX_VALUE);
                return Optional.empty();
            }
            return Optional.of(value.intValue());
        });
    }

    /** The guid of a to-one relationship; the empty string after noting a problem. */
    String requiredRelationship(String name) {
        JsonNode relationships = root.path("relationships");
        if (!relationships.isObject()) {
            problems.add("Relationships is not an object");
            return "";
        }
        JsonNode relationship = relationships.path(name);
        JsonNode guid = relationship.path("data").path("guid");
        if (guid.isString() && !guid.asString().isEmpty()) {
            return guid.asString();
        }
        String label = label(name);
        if (relationship.isMissingNode()) {
            problems.add("Relationships " + label + " can't be blank");
        }
        problems.add("Relationships " + label + " must be structured like this: \"" + name
                + ": {\"data\": {\"guid\": \"valid-guid\"}}\"");
        return "";
    }

    /** The guid of a to-one relationship that may be absent or null. */
    Optional<String> relationship(String name) {
        JsonNode relationship = node("relationships", name);
        if (relationship.isMissingNode()
                || relationship.isNull()
                || relationship.path("data").isNull()) {
            return Optional.empty();
        }
        String guid = requiredRelationship(name);
        return guid.isEmpty() ? Optional.empty() : Optional.of(guid);
    }

    /** The guids of a to-many document ({@code {"data": [{"guid": …}]}}). */
    List<String> toMany(JsonNode relationship) {
        List<String> guids = new ArrayList<>();
        if (!relationship.path("data").isArray()) {
            problems.add("Data must be an array");
        }
        for (JsonNode item : relationship.path("data")) {
            if (item.path("guid").isString()) {
                guids.add(item.path("guid").asString());
            } else {
                problems.add("Invalid data type: Data[" + guids.size() + "] guid should be a string.");
            }
        }
        return List.copyOf(guids);
    }

    /** {@code memory_in_mb} as people read it: {@code Memory in mb}. */
    static String label(String key) {
        String words = key.replace('_', ' ').replace('-', ' ');
        return words.isEmpty() ? words : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
