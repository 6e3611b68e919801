package org.cupola.rep.container;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Environment variables keep their order: a later one may be seen to replace an earlier one. */
final class Environment {
    private Environment() {}

    static Map<String, String> copy(Map<String, String> variables) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    }
}
