package org.cupola.cloudcontroller;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.cupola.platform.json.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Small values kept as JSON in one column. */
final class Stored {
    private Stored() {}

    static String map(Map<String, String> map) {
        ObjectNode node = Docs.object();
        new TreeMap<>(map).forEach(node::put);
        return node.toString();
    }

    static Map<String, String> map(@Nullable String stored) {
        Map<String, String> map = new LinkedHashMap<>();
        Docs.parse(stored)
                .properties()
                .forEach(entry -> map.put(entry.getKey(), entry.getValue().asString()));
        return map;
    }

    static String list(List<String> list) {
        return Docs.strings(list).toString();
    }

    static List<String> list(@Nullable String stored) {
        List<String> list = new ArrayList<>();
        Docs.parseArray(stored).forEach(item -> list.add(item.asString()));
        return list;
    }

    static String healthCheck(ProcessRow.HealthCheck check) {
        ObjectNode node = Docs.object().put("type", check.type());
        put(node, "timeout", check.timeout());
        put(node, "invocation_timeout", check.invocationTimeout());
        put(node, "interval", check.interval());
        if (check.endpoint() != null) {
            node.put("endpoint", check.endpoint());
        }
        return node.toString();
    }

    private static void put(ObjectNode node, String key, @Nullable Integer value) {
        if (value != null) {
            node.put(key, value);
        }
    }

    static ProcessRow.HealthCheck healthCheck(String stored) {
        JsonNode node = Json.tree(stored);
        return new ProcessRow.HealthCheck(
                node.path("type").asString(),
                integer(node, "timeout"),
                integer(node, "invocation_timeout"),
                integer(node, "interval"),
                node.has("endpoint") ? node.path("endpoint").asString() : null);
    }

    private static @Nullable Integer integer(JsonNode node, String key) {
        return node.path(key).isNumber() ? node.path(key).asInt() : null;
    }

    static String lifecycle(App.Lifecycle lifecycle) {
        ObjectNode node = Docs.object().put("type", lifecycle.type()).put("stack", lifecycle.stack());
        node.set("buildpacks", Docs.strings(lifecycle.buildpacks()));
        return node.toString();
    }

    static App.Lifecycle lifecycle(String stored) {
        ObjectNode node = Docs.parse(stored);
        return new App.Lifecycle(
                node.path("type").asString(),
                list(node.path("buildpacks").toString()),
                node.path("stack").asString());
    }

    static String errors(List<ApiError> errors) {
        ArrayNode array = Docs.array();
        errors.forEach(error -> array.add(Docs.error(error)));
        return array.toString();
    }

    static List<ApiError> errors(@Nullable String stored) {
        List<ApiError> errors = new ArrayList<>();
        Docs.parseArray(stored)
                .forEach(error -> errors.add(new ApiError(
                        error.path("code").asInt(),
                        error.path("title").asString(),
                        error.path("detail").asString())));
        return errors;
    }
}
