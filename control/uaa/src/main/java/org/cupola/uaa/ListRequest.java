package org.cupola.uaa;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Which part of a list was asked for.
 *
 * @param sortBy     an attribute, or empty for the default
 * @param start      1-based
 * @param count      0 to 500
 * @param attributes what to show of each resource, in the caller's case; empty means everything
 */
record ListRequest(String filter, String sortBy, boolean ascending, int start, int count, List<String> attributes) {
    static final String SCIM_SCHEMA = "urn:scim:schemas:core:1.0";
    private static final int DEFAULT_COUNT = 100;
    private static final int MAX_COUNT = 500;

    static ListRequest of(Call call) {
        int start = Math.max(1, number(call, "startIndex", 1));
        int count = Math.clamp(number(call, "count", DEFAULT_COUNT), 0, MAX_COUNT);
        boolean ascending = !call.param("sortOrder")
                .orElse("ascending")
                .toLowerCase(java.util.Locale.ROOT)
                .startsWith("desc");
        List<String> attributes =
                call.param("attributes").map(SeedReader::commas).orElse(List.of());
        return new ListRequest(
                call.param("filter").orElse(""), call.param("sortBy").orElse(""), ascending, start, count, attributes);
    }

    private static int number(Call call, String name, int otherwise) {
        return call.param(name)
                .map(text -> {
                    try {
                        return Integer.parseInt(text);
                    } catch (NumberFormatException e) {
                        throw UaaError.scim(400, "scim", name + ": " + text + " (expected: a number)");
                    }
                })
                .orElse(otherwise);
    }

    boolean shows(String attribute) {
        return attributes.isEmpty()
                || attributes.stream()
                        .anyMatch(each -> each.equalsIgnoreCase(attribute)
                                || each.toLowerCase(java.util.Locale.ROOT)
                                        .startsWith(attribute.toLowerCase(java.util.Locale.ROOT) + "."));
    }

    /** The envelope; each resource reduced to the attributes asked for. */
    <T> Map<String, Object> envelope(Page<T> page, String schema, Function<T, ? extends Map<String, Object>> describe) {
        Map<String, Object> envelope = new LinkedHashMap<>();
        envelope.put(
                "resources",
                page.items().stream().map(describe).map(this::reduced).toList());
        envelope.put("startIndex", start);
        envelope.put("itemsPerPage", count);
        envelope.put("totalResults", page.total());
        envelope.put("schemas", List.of(schema));
        return envelope;
    }

    private Map<String, Object> reduced(Map<String, Object> resource) {
        if (attributes.isEmpty()) {
            return resource;
        }
        Map<String, Object> reduced = new LinkedHashMap<>();
        for (String attribute : attributes) {
            resource.forEach((key, value) -> {
                if (key.equalsIgnoreCase(attribute)) {
                    reduced.put(key, value);
                } else if (attribute
                        .toLowerCase(java.util.Locale.ROOT)
                        .startsWith(key.toLowerCase(java.util.Locale.ROOT) + ".")) {
                    nested(value, attribute.substring(key.length() + 1))
                            .forEach(found -> reduced.put(attribute, found));
                }
            });
        }
        return reduced;
    }

    private static List<Object> nested(Object value, String attribute) {
        return switch (value) {
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .filter(entry -> String.valueOf(entry.getKey()).equalsIgnoreCase(attribute))
                        .map(entry -> (Object) entry.getValue())
                        .toList();
            case List<?> list ->
                List.of(list.stream()
                        .flatMap(each -> nested(each, attribute).stream())
                        .toList());
            default -> List.of();
        };
    }

    /** One page and how many there are in all. */
    record Page<T>(List<T> items, int total) {
        Page {
            items = List.copyOf(items);
        }
    }
}
