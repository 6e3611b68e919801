package org.cupola.protocol.bbs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which root file systems of one URL scheme a cell has.
 *
 * @param type {@code arbitrary} (any) or {@code fixed_set}
 * @param set  the names of a fixed set, each with an empty object
 */
public record RootFsProvider(
        @JsonProperty("type") String type,
        @JsonProperty("set") @Nullable Map<String, Map<String, String>> set) {
    public RootFsProvider {
        type = JsonValues.orEmpty(type);
    }

    public static RootFsProvider arbitrary() {
        return new RootFsProvider("arbitrary", null);
    }

    public static RootFsProvider fixedSet(Collection<String> names) {
        Map<String, Map<String, String>> set = new TreeMap<>();
        names.forEach(name -> set.put(name, Map.of()));
        return new RootFsProvider("fixed_set", set);
    }

    /** @param opaque what follows the scheme of the root file system's URL, up to a question mark */
    public boolean has(String opaque) {
        return type.equals("arbitrary") || (type.equals("fixed_set") && set != null && set.containsKey(opaque));
    }
}
