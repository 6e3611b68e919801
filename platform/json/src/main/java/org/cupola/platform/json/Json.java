package org.cupola.platform.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes JSON between records, trees and UTF-8 bytes.
 *
 * <p>Unknown properties are ignored, as the original components do; {@code null} record components are not
 * written. Malformed input throws {@link JacksonException} (unchecked), whose {@code getOriginalMessage()} is fit for
 * users. Immutable, any thread.
 */
public final class Json {
    /** The mapper behind every method here, for streaming and for types with their own needs. */
    public static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .changeDefaultPropertyInclusion(include -> include.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private Json() {}

    public static <T> T read(byte[] utf8, Class<T> type) {
        return MAPPER.readValue(utf8, type);
    }

    public static <T> T read(String text, Class<T> type) {
        return MAPPER.readValue(text, type);
    }

    public static JsonNode tree(byte[] utf8) {
        return MAPPER.readTree(utf8);
    }

    public static JsonNode tree(String text) {
        return MAPPER.readTree(text);
    }

    public static byte[] bytes(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    public static String text(Object value) {
        return new String(bytes(value), StandardCharsets.UTF_8);
    }

    /** For files that people read. */
    public static String pretty(Object value) {
        ObjectMapper mapper = MAPPER;
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    }
}
