package org.cupola.cloudcontroller;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** The rules for an app's own environment variables. Pure. */
final class EnvironmentVariables {
    private EnvironmentVariables() {}

    /** What there is, changed key by key; null removes. */
    static Map<String, String> merged(Map<String, String> present, JsonNode changes, Consumer<String> problems) {
        Map<String, String> merged = new TreeMap<>(present);
        if (changes.isMissingNode() || changes.isNull()) {
            return merged;
        }
        if (!changes.isObject()) {
            problems.accept("Environment variables must be an object");
            return merged;
        }
        changes.properties().forEach(entry -> {
            String key = entry.getKey();
            JsonNode value = entry.getValue();
            checkKey(key, problems);
            if (value.isNull()) {
                merged.remove(key);
            } else if (value.isString()) {
                merged.put(key, value.asString());
            } else {
                problems.accept(
                        "Non-string value in environment variable for key '" + key + "', value '" + value + "'");
            }
        });
        return merged;
    }

    static void checkKey(String key, Consumer<String> problems) {
        String upper = key.toUpperCase(Locale.ROOT);
        if (key.isEmpty()) {
            problems.accept("Environment variable name cannot be empty");
        } else if (upper.startsWith("VCAP_")) {
            problems.accept("Environment variables cannot start with VCAP_");
        } else if (upper.startsWith("VMC")) {
            problems.accept("Environment variables cannot start with VMC_");
        } else if (upper.equals("PORT")) {
            problems.accept("Environment variables cannot set PORT");
        }
    }
}
