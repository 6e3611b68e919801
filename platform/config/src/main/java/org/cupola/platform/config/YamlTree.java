package org.cupola.platform.config;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads YAML as Go's decoders do, to whom a scalar is what its reader wants it to be: a number that is written another way
 * than numbers are printed ({@code 1.50}, {@code 1e3}) stays text, so that a password of that kind is taken literally.
 */
final class YamlTree {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private YamlTree() {}

    /** The first document; {@code null} when there is none. */
    static @Nullable JsonNode parse(String text) {
        try (JsonParser parser = YAMLMapper.shared().createParser(text)) {
            return parser.nextToken() == null ? null : node(parser);
        }
    }

    private static JsonNode node(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case VALUE_NUMBER_INT -> literally(NODES.numberNode(parser.getBigIntegerValue()), parser.getString());
            case VALUE_NUMBER_FLOAT -> literally(NODES.numberNode(parser.getDoubleValue()), parser.getString());
            default -> parser.getString().equals("~") ? NODES.nullNode() : NODES.stringNode(parser.getString());
        };
    }

    private static JsonNode literally(JsonNode number, String text) {
        return number.asString().equals(text) ? number : NODES.stringNode(text);
    }

    private static ObjectNode object(JsonParser parser) {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            object.set(name, node(parser));
        }
        return object;
    }

    private static ArrayNode array(JsonParser parser) {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(node(parser));
        }
        return array;
    }
}
