package org.cupola.gorouter.proxy;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds what belongs to the name that a client asks for: by the name itself, then as a wildcard, else the first.
 * Immutable, any thread.
 */
record ByServerName<T>(T first, Map<String, T> byName, boolean single) {
    /** @param all at least one; of several with the same name the last counts */
    static <S, T> ByServerName<T> of(List<S> all, Function<S, T> value, Function<S, List<String>> names) {
        Map<String, T> byName = new HashMap<>();
        for (S one : all) {
            names.apply(one).forEach(name -> byName.put(name.toLowerCase(Locale.ROOT), value.apply(one)));
        }
        return new ByServerName<>(value.apply(all.getFirst()), Map.copyOf(byName), all.size() == 1);
    }

    /** @param name {@code null} when the client did not say */
    T find(@Nullable String name) {
        String wanted = name == null ? "" : name.toLowerCase(Locale.ROOT);
        T exact = byName.get(wanted);
        if (exact != null) {
            return exact;
        }
        int dot = wanted.indexOf('.');
        return byName.getOrDefault(dot < 0 ? "" : "*" + wanted.substring(dot), first);
    }
}
