package org.cupola.cloudcontroller;

import org.cupola.platform.json.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The small JSON shapes that every v3 document is made of. */
final class Docs {
    private Docs() {}

    static ObjectNode object() {
        return Json.MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return Json.MAPPER.createArrayNode();
    }

    static ArrayNode strings(Iterable<String> texts) {
        ArrayNode array = array();
        texts.forEach(array::add);
        return array;
    }

    /** {@code {"data": {"guid": …}}}, or {@code {"data": null}}. */
    static ObjectNode toOne(@Nullable String guid) {
        ObjectNode relationship = object();
        if (guid == null) {
            relationship.putNull("data");
        } else {
            relationship.putObject("data").put("guid", guid);
        }
        return relationship;
    }

    static ObjectNode toMany(Iterable<String> guids) {
        ObjectNode relationship = object();
        ArrayNode data = relationship.putArray("data");
        guids.forEach(guid -> data.addObject().put("guid", guid));
        return relationship;
    }

    static ObjectNode guid(String guid) {
        return object().put("guid", guid);
    }

    static ObjectNode link(String href) {
        return object().put("href", href);
    }

    static ObjectNode link(String href, String method) {
        return link(href).put("method", method);
    }

    static ObjectNode error(ApiError error) {
        return object().put("code", error.code()).put("title", error.title()).put("detail", error.detail());
    }

    static ObjectNode errors(Iterable<ApiError> errors) {
        ObjectNode envelope = object();
        ArrayNode list = envelope.putArray("errors");
        errors.forEach(error -> list.add(error(error)));
        return envelope;
    }

    /** The object stored as text, or an empty one. */
    static ObjectNode parse(@Nullable String stored) {
        return stored == null || stored.isEmpty() ? object() : (ObjectNode) Json.tree(stored);
    }

    static ArrayNode parseArray(@Nullable String stored) {
        return stored == null || stored.isEmpty() ? array() : (ArrayNode) Json.tree(stored);
    }

    static JsonNode orNull(@Nullable JsonNode node) {
        return node == null ? Json.MAPPER.nullNode() : node;
    }
}
