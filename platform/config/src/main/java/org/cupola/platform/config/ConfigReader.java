package org.cupola.platform.config;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.cupola.platform.json.Json;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One object of a configuration file, read key by key.
 *
 * <p>A value of the wrong type or out of range is noted and its default returned, so that reading goes on and {@link
 * #finish} reports all problems together. Keys nobody asked for are logged as warnings by {@code finish}: the
 * originals ignore them, an operator should still learn of a typing error. A key that is present with {@code null} counts as
 * absent. Confined to the thread that reads.
 */
public final class ConfigReader {
    private static final Logger log = LoggerFactory.getLogger(ConfigReader.class);
    private static final Map<String, Boolean> YAML_WORDS = yamlWords();

    private final String source;
    private final String path;
    private final JsonNode node;
    private final Findings findings;
    private final Set<String> asked = new LinkedHashSet<>();
    private final Map<String, ConfigReader> children = new LinkedHashMap<>();

    private static final class Findings {
        private final List<String> problems = new ArrayList<>();
        private final List<ConfigReader> readers = new ArrayList<>();
        private final Set<Path> files = new LinkedHashSet<>();
        private final boolean keysInAnyCase;

        Findings(boolean keysInAnyCase) {
            this.keysInAnyCase = keysInAnyCase;
        }
    }

    private ConfigReader(String source, String path, JsonNode node, Findings findings) {
        this.source = source;
        this.path = path;
        this.node = node;
        this.findings = findings;
        findings.readers.add(this);
    }

    /** @throws ConfigException when the file cannot be read or is not a YAML mapping; an empty file is an empty mapping */
    public static ConfigReader yaml(Path file) throws ConfigException {
        return ofYaml(file.toString(), readFile(file));
    }

    /**
     * Keys match in any case, as in the Go programs whose files these are.
     *
     * @throws ConfigException when the file cannot be read or is not a JSON object
     */
    public static ConfigReader json(Path file) throws ConfigException {
        return ofJson(file.toString(), readFile(file));
    }

    public static ConfigReader ofYaml(String source, String text) throws ConfigException {
        try {
            return root(source, YamlTree.parse(text), "a YAML mapping", false);
        } catch (JacksonException e) {
            throw new ConfigException(source, List.of("not valid YAML: " + where(e)));
        }
    }

    public static ConfigReader ofJson(String source, String text) throws ConfigException {
        try {
            return root(source, Json.tree(text), "a JSON object", true);
        } catch (JacksonException e) {
            throw new ConfigException(source, List.of("not valid JSON: " + where(e)));
        }
    }

    private static ConfigReader root(String source, @Nullable JsonNode tree, String expected, boolean keysInAnyCase)
            throws ConfigException {
        JsonNode node =
                tree == null || tree.isMissingNode() || tree.isNull() ? JsonNodeFactory.instance.objectNode() : tree;
        if (!node.isObject()) {
            throw new ConfigException(source, List.of(node.getNodeType() + " (expected: " + expected + ")"));
        }
        return new ConfigReader(source, "", node, new Findings(keysInAnyCase));
    }

    private static String readFile(Path file) throws ConfigException {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new ConfigException(file.toString(), List.of("no such file"));
        } catch (IOException e) {
            throw new ConfigException(file.toString(), List.of("cannot be read: " + e));
        }
    }

    private static String where(JacksonException e) {
        var location = e.getLocation();
        String at =
                location == null ? "" : "line " + location.getLineNr() + ", column " + location.getColumnNr() + ": ";
        return at + e.getOriginalMessage().lines().findFirst().orElse("");
    }

    public boolean has(String key) {
        return value(key).isPresent();
    }

    /** The raw value, for shapes the typed methods do not cover; counts as asked for. */
    public Optional<JsonNode> value(String key) {
        String present = present(key);
        asked.add(present);
        JsonNode value = node.get(present);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    /** Text; numbers and booleans are taken as their text, as YAML writers expect. */
    public Optional<String> string(String key) {
        return value(key)
                .flatMap(value -> value.isValueNode() ? Optional.of(value.asString()) : problem(key, value, "text"));
    }

    public String string(String key, String otherwise) {
        return string(key).orElse(otherwise);
    }

    /** A text that must be there and not be empty; the empty string after noting the problem. */
    public String required(String key) {
        String found = string(key, "");
        if (found.isEmpty()) {
            problem(key, "missing", "a value");
        }
        return found;
    }

    /**
     * A URL that must be there and name a host; some URL when the problem is reported.
     *
     * @param example shown to whoever got it wrong
     */
    public URI requiredUrl(String key, String example) {
        String text = required(key);
        try {
            URI url = URI.create(text);
            if (url.getHost() != null || text.isEmpty()) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // reported like any other text that is no URL
        }
        refuse(key, text, "a URL such as " + example);
        return URI.create(example);
    }

    /** In YAML also {@code yes}, {@code on}, {@code y} and their opposites, as Go's decoder has it. */
    public boolean bool(String key, boolean otherwise) {
        return value(key)
                .flatMap(value -> switch (value.asString()) {
                    case "true" -> Optional.of(true);
                    case "false" -> Optional.of(false);
                    default -> word(value.asString()).or(() -> this.<Boolean>problem(key, value, "true or false"));
                })
                .orElse(otherwise);
    }

    private Optional<Boolean> word(String text) {
        return findings.keysInAnyCase ? Optional.empty() : Optional.ofNullable(YAML_WORDS.get(text));
    }

    private static Map<String, Boolean> yamlWords() {
        Map<String, Boolean> words = new HashMap<>();
        for (String yes : List.of("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "True", "TRUE")) {
            words.put(yes, true);
        }
        for (String no : List.of("n", "N", "no", "No", "NO", "off", "Off", "OFF", "False", "FALSE")) {
            words.put(no, false);
        }
        return Map.copyOf(words);
    }

    public int integer(String key, int otherwise, int min, int max) {
        return (int) number(key, otherwise, min, max);
    }

    public long number(String key, long otherwise, long min, long max) {
        return value(key)
                .flatMap(value -> parseLong(value)
                        .filter(number -> number >= min && number <= max)
                        .or(() -> problem(key, value, "a whole number from " + min + " to " + max)))
                .orElse(otherwise);
    }

    public double decimal(String key, double otherwise, double min, double max) {
        return value(key)
                .flatMap(value -> parseDouble(value)
                        .filter(number -> number >= min && number <= max)
                        .or(() -> problem(key, value, "a number from " + min + " to " + max)))
                .orElse(otherwise);
    }

    /** Numbers of a list; {@code otherwise} when it is absent, or when an item is none, which is noted. */
    public List<Double> decimals(String key, List<Double> otherwise) {
        Optional<JsonNode> list = value(key);
        if (list.isEmpty()) {
            return otherwise;
        }
        List<Double> numbers = new ArrayList<>();
        for (JsonNode item : items(key, list.get())) {
            Optional<Double> number = parseDouble(item);
            if (number.isEmpty()) {
                problem(key + "[" + numbers.size() + "]", item, "a number");
                return otherwise;
            }
            numbers.add(number.get());
        }
        return List.copyOf(numbers);
    }

    /** A Go duration, or a bare number of nanoseconds as Go's own decoders read it. */
    public Duration duration(String key, Duration otherwise) {
        return value(key)
                .flatMap(value -> {
                    if (value.isIntegralNumber()) {
                        return Optional.of(Duration.ofNanos(value.asLong()));
                    }
                    try {
                        return Optional.of(GoDuration.parse(value.asString()));
                    } catch (IllegalArgumentException e) {
                        return problem(key, value, "a duration such as 300ms, 20s or 1m30s");
                    }
                })
                .orElse(otherwise);
    }

    /** One of the given texts. */
    public String choice(String key, String otherwise, List<String> allowed) {
        return string(key)
                .flatMap(found -> allowed.contains(found)
                        ? Optional.of(found)
                        : problem(key, found, "one of " + String.join(", ", allowed)))
                .orElse(otherwise);
    }

    public Optional<Path> file(String key) {
        Optional<Path> named = string(key).filter(text -> !text.isEmpty()).map(Path::of);
        named.ifPresent(findings.files::add);
        return named;
    }

    /** Those that {@link #file} has told of so far, anywhere in the document, for who wants to watch them. */
    public Set<Path> files() {
        return Set.copyOf(findings.files);
    }

    /** {@code host:port}; without a host every address. */
    public Optional<InetSocketAddress> address(String key) {
        return address(key, "0.0.0.0");
    }

    /** As {@link #address}, for what asks nobody who he is: on loopback unless a host is named. */
    public Optional<InetSocketAddress> loopbackAddress(String key) {
        return address(key, "127.0.0.1");
    }

    private Optional<InetSocketAddress> address(String key, String hostOfNone) {
        return string(key).filter(text -> !text.isEmpty()).flatMap(text -> {
            int colon = text.lastIndexOf(':');
            String port = text.substring(colon + 1);
            if (colon < 0 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535) {
                return this.<InetSocketAddress>problem(key, text, "host:port");
            }
            String host = text.substring(0, colon).replaceAll("^\\[|\\]$", "");
            return Optional.of(new InetSocketAddress(host.isEmpty() ? hostOfNone : host, Integer.parseInt(port)));
        });
    }

    public List<String> strings(String key) {
        return value(key)
                .map(value -> {
                    List<String> texts = new ArrayList<>();
                    for (JsonNode item : items(key, value)) {
                        if (item.isValueNode()) {
                            texts.add(item.asString());
                        } else {
                            problem(key + "[" + texts.size() + "]", item, "text");
                        }
                    }
                    return List.copyOf(texts);
                })
                .orElse(List.of());
    }

    public Map<String, String> stringMap(String key) {
        Map<String, String> map = new LinkedHashMap<>();
        ConfigReader child = object(key);
        child.keys().forEach(name -> child.string(name).ifPresent(text -> map.put(name, text)));
        return map;
    }

    /** The object under the key; an empty one when absent. Always the same reader, so that all that is asked of it counts. */
    public ConfigReader object(String key) {
        return children.computeIfAbsent(key, this::child);
    }

    private ConfigReader child(String key) {
        JsonNode value = value(key).orElse(JsonNodeFactory.instance.objectNode());
        if (!value.isObject()) {
            problem(key, value, "a mapping");
            value = JsonNodeFactory.instance.objectNode();
        }
        return new ConfigReader(source, at(key), value, findings);
    }

    public List<ConfigReader> objects(String key) {
        return value(key)
                .map(value -> {
                    List<ConfigReader> children = new ArrayList<>();
                    for (JsonNode item : items(key, value)) {
                        String name = key + "[" + children.size() + "]";
                        if (!item.isObject()) {
                            problem(name, item, "a mapping");
                        }
                        children.add(new ConfigReader(
                                source,
                                at(name),
                                item.isObject() ? item : JsonNodeFactory.instance.objectNode(),
                                findings));
                    }
                    return List.copyOf(children);
                })
                .orElse(List.of());
    }

    public Stream<String> keys() {
        return node.propertyNames().stream();
    }

    /** Notes a problem found by the caller, such as two keys that contradict each other. */
    public void refuse(String key, Object found, String expected) {
        problem(key, String.valueOf(found), expected);
    }

    /** Notes a problem in the caller's own words, where the original's wording is relied on. */
    public void note(String problem) {
        findings.problems.add(problem);
    }

    /**
     * To be called once on the root, after everything has been read.
     *
     * @throws ConfigException with every problem noted by this reader and those made from it
     */
    public void finish() throws ConfigException {
        if (!findings.problems.isEmpty()) {
            throw new ConfigException(source, findings.problems);
        }
        unknownKeys()
                .forEach(key -> log.atWarn()
                        .addKeyValue("file", source)
                        .addKeyValue("key", key)
                        .log("unknown configuration key is ignored"));
    }

    /** Paths present in the file that nobody asked for. */
    public List<String> unknownKeys() {
        return findings.readers.stream()
                .flatMap(reader ->
                        reader.keys().filter(key -> !reader.asked.contains(key)).map(reader::at))
                .toList();
    }

    /** The key as the file spells it: as Go's JSON does, another case counts where the exact spelling is absent. */
    private String present(String key) {
        if (!findings.keysInAnyCase || node.has(key)) {
            return key;
        }
        return keys().filter(key::equalsIgnoreCase).findFirst().orElse(key);
    }

    private Iterable<JsonNode> items(String key, JsonNode value) {
        if (!value.isArray()) {
            problem(key, value, "a list");
            return List.of();
        }
        return value;
    }

    private static Optional<Long> parseLong(JsonNode value) {
        try {
            return Optional.of(Long.parseLong(value.asString()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<Double> parseDouble(JsonNode value) {
        if (value.isNumber()) {
            return Optional.of(value.asDouble());
        }
        try {
            return Optional.of(Double.parseDouble(value.isString() ? value.asString() : ""));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private <T> Optional<T> problem(String key, JsonNode found, String expected) {
        return problem(
                key,
                found.isValueNode() ? found.asString() : found.getNodeType().toString(),
                expected);
    }

    private <T> Optional<T> problem(String key, String found, String expected) {
        findings.problems.add(at(key) + ": " + found + " (expected: " + expected + ")");
        return Optional.empty();
    }

    private String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
