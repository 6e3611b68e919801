package org.cupola.protocol.routing;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A small map of texts that takes little room: two arrays, looked through from the front. A router keeps one for each of
 * its endpoints, where hash tables would be most of what an endpoint costs. Immutable.
 */
public final class Tags extends AbstractMap<String, String> {
    private final String[] keys;
    private final String[] values;

    /** @param keys all different; the arrays are the map's from now on */
    Tags(String[] keys, String[] values) {
        this.keys = keys;
        this.values = values;
    }

    @Override
    public @Nullable String get(@Nullable Object key) {
        for (int i = 0; i < keys.length; i++) {
            if (keys[i].equals(key)) {
                return values[i];
            }
        }
        return null;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return get(key) != null;
    }

    @Override
    public int size() {
        return keys.length;
    }

    @Override
    public Set<Map.Entry<String, String>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<String, String>> iterator() {
                return IntStream.range(0, keys.length)
                        .mapToObj(i -> Map.entry(keys[i], values[i]))
                        .iterator();
            }

            @Override
            public int size() {
                return keys.length;
            }
        };
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (other instanceof Tags tags && Arrays.equals(keys, tags.keys)) {
            return Arrays.equals(values, tags.values);
        }
        return super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
