package org.cupola.cloudcontroller;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Labels and annotations; in a change an absent value removes the key. Immutable.
 */
record Metadata(Map<String, Optional<String>> labels, Map<String, Optional<String>> annotations) {
    static final Metadata NONE = new Metadata(Map.of(), Map.of());

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?");
    private static final Pattern PREFIX =
            Pattern.compile("([a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?\\.)+[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?");

    Metadata {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    boolean isEmpty() {
        return labels.isEmpty() && annotations.isEmpty();
    }

    ObjectNode document() {
        ObjectNode metadata = Docs.object();
        put(metadata.putObject("labels"), labels);
        put(metadata.putObject("annotations"), annotations);
        return metadata;
    }

    private static void put(ObjectNode node, Map<String, Optional<String>> entries) {
        new TreeMap<>(entries).forEach((key, value) -> value.ifPresent(text -> node.put(key, text)));
    }

    /** The key {@code metadata} of a body; problems are noted there. */
    static Metadata read(Body body) {
        if (!body.hasValue("metadata")) {
            return NONE;
        }
        List<String> problems = new ArrayList<>();
        Metadata metadata = read(body.node("metadata"), problems);
        body.refuseAll(problems);
        return metadata;
    }

    static Metadata read(JsonNode metadata, List<String> problems) {
        if (!metadata.isObject()) {
            problems.add("Metadata must be an object");
            return NONE;
        }
        metadata.propertyNames().stream()
                .filter(key -> !key.equals("labels") && !key.equals("annotations"))
                .forEach(key -> problems.add("Metadata has unexpected field(s): '" + key + "'"));
        return new Metadata(
                entries("label", metadata.path("labels"), 63, problems),
                entries("annotation", metadata.path("annotations"), 5000, problems));
    }

    private static Map<String, Optional<String>> entries(
            String kind, JsonNode node, int maxLength, List<String> problems) {
        Map<String, Optional<String>> entries = new TreeMap<>();
        if (node.isMissingNode() || node.isNull()) {
            return entries;
        }
        if (!node.isObject()) {
            problems.add("Metadata '" + kind + "s' is not an object");
            return entries;
        }
        node.properties().forEach(entry -> {
            checkKey(kind, entry.getKey()).ifPresent(problems::add);
            JsonNode value = entry.getValue();
            if (value.isNull()) {
                entries.put(entry.getKey(), Optional.empty());
                return;
            }
            String text = value.isValueNode() ? value.asString() : "";
            if (!value.isValueNode()) {
                problems.add("Metadata " + kind + " value error: '" + value + "' is not a string");
            } else if (text.length() > maxLength) {
                problems.add("Metadata " + kind + " value error: '" + text.substring(0, 8) + "...' is greater than "
                        + maxLength + " characters");
            } else if (kind.equals("label")
                    && !text.isEmpty()
                    && !NAME.matcher(text).matches()) {
                problems.add("Metadata label value error: '" + text + "' contains invalid characters");
            }
            entries.put(entry.getKey(), Optional.of(text));
        });
        return entries;
    }

    private static Optional<String> checkKey(String kind, String key) {
        int slash = key.indexOf('/');
        String prefix = slash < 0 ? "" : key.substring(0, slash);
        String name = key.substring(slash + 1);
        String start = "Metadata " + kind + " key error: ";
        if (key.isEmpty() || name.isEmpty()) {
            return Optional.of(start + "key cannot be empty string");
        }
        if (name.contains("/")) {
            return Optional.of(start + "key has more than one '/'");
        }
        if (name.length() > 63) {
            return Optional.of(start + "'" + name.substring(0, 8) + "...' is greater than 63 characters");
        }
        if (!NAME.matcher(name).matches()) {
            return Optional.of(start + "'" + name + "' contains invalid characters");
        }
        if (prefix.equals("cloudfoundry.org")) {
            return Optional.of(start + "prefix 'cloudfoundry.org' is reserved");
        }
        if (slash >= 0 && (prefix.length() > 253 || !PREFIX.matcher(prefix).matches())) {
            return Optional.of(start + "prefix '" + prefix + "' must be in valid dns format");
        }
        return Optional.empty();
    }
}
