package org.cupola.protocol.bbs;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Go writes absent lists and maps as {@code null} or not at all; here they are empty. */
final class JsonValues {
    private JsonValues() {}

    static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    static <T> Map<String, T> orEmpty(@Nullable Map<String, T> map) {
        return map == null ? Map.of() : Map.copyOf(map);
    }
}
