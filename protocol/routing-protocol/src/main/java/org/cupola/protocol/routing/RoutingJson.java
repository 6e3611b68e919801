package org.cupola.protocol.routing;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON of the Routing API by the rules of Go's {@code encoding/json}, which its servers and clients have always had: the first
 * value of a body counts, keys match in any case, unknown ones are ignored, {@code null} is the zero value, a number must
 * fit its type, and {@code < > &} are written escaped. Immutable, any thread.
 */
public final class RoutingJson {
    /** For bodies as a whole; single objects are read and written by their records. */
    public static final JsonMapper MAPPER = JsonMapper.builder(
                    JsonFactory.builder().characterEscapes(new GoEscapes()).build())
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private RoutingJson() {}

    /** One JSON object, read field by field; a wrong type or range is an {@link IllegalArgumentException}. */
    static final class Fields {
        private final String type;
        private final JsonNode object;

        /** @param type what the object is, for messages */
        Fields(String type, JsonNode object) {
            if (!object.isObject()) {
                throw new IllegalArgumentException(
                        "json: " + describe(object) + " (expected: an object of type " + type + ")");
            }
            this.type = type;
            this.object = object;
        }

        String text(String key) {
            String text = optionalText(key);
            return text == null ? "" : text;
        }

        @Nullable
        String optionalText(String key) {
            return value(key, "string", value -> value.isString() ? value.asString() : null);
        }

        long number(String key, long min, long max) {
            Long number = optionalNumber(key, min, max);
            return number == null ? 0 : number;
        }

        @Nullable
        Long optionalNumber(String key, long min, long max) {
            return value(
                    key,
                    "whole number from " + min + " to " + max,
                    value -> value.isIntegralNumber()
                                    && value.canConvertToLong()
                                    && value.asLong() >= min
                                    && value.asLong() <= max
                            ? value.asLong()
                            : null);
        }

        int port(String key) {
            return (int) number(key, 0, 65_535);
        }

        boolean flag(String key) {
            Boolean flag = value(key, "boolean", value -> value.isBoolean() ? value.asBoolean() : null);
            return flag != null && flag;
        }

        /** Absent when the key is missing or {@code null}. */
        @Nullable
        JsonNode find(String key) {
            JsonNode exact = object.get(key);
            if (exact == null) {
                for (Map.Entry<String, JsonNode> property : object.properties()) {
                    if (property.getKey().equalsIgnoreCase(key)) {
                        exact = property.getValue();
                    }
                }
            }
            return exact == null || exact.isNull() ? null : exact;
        }

        private <T> @Nullable T value(String key, String expected, Function<JsonNode, @Nullable T> convert) {
            JsonNode found = find(key);
            if (found == null) {
                return null;
            }
            T value = convert.apply(found);
            if (value == null) {
                throw new IllegalArgumentException(
                        "json: " + type + "." + key + ": " + describe(found) + " (expected: " + expected + ")");
            }
            return value;
        }

        private static String describe(JsonNode node) {
            String text = node.toString();
            return text.length() > 60 ? text.substring(0, 60) + "…" : text;
        }
    }

    private static final class GoEscapes extends CharacterEscapes {
        private static final long serialVersionUID = 1L;

        private final int[] ascii = standardAsciiEscapesForJSON();

        GoEscapes() {
            ascii['<'] = ESCAPE_STANDARD;
            ascii['>'] = ESCAPE_STANDARD;
            ascii['&'] = ESCAPE_STANDARD;
        }

        @Override
        public int[] getEscapeCodesForAscii() {
            return ascii.clone();
        }

        @Override
        public @Nullable SerializableString getEscapeSequence(int character) {
            return switch (character) {
                case 0x2028 -> new SerializedString("\\u2028");
                case 0x2029 -> new SerializedString("\\u2029");
                default -> null;
            };
        }
    }
}
