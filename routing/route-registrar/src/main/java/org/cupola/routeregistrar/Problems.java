package org.cupola.routeregistrar;

import java.util.ArrayList;
import java.util.List;

/**
 * What is wrong with a configuration, as a tree, written as the original writes it: the number of problems below, then each
 * problem or part, indented. Confined to the thread that reads.
 */
final class Problems {
    private static final String INDENT = "    ";

    private final String name;
    private final List<Object> entries = new ArrayList<>();

    /** @param name such as {@code 'config'} or {@code 'route "api"'}, with the quotes */
    Problems(String name) {
        this.name = name;
    }

    void add(String problem) {
        entries.add(problem);
    }

    /** Adds the problems of a part, if it has any. */
    void add(Problems part) {
        if (!part.isEmpty()) {
            entries.add(part);
        }
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    int count() {
        return entries.stream()
                .mapToInt(entry -> entry instanceof Problems part ? part.count() : 1)
                .sum();
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        write(text, "");
        return text.toString();
    }

    private void write(StringBuilder text, String indent) {
        int count = count();
        text.append(indent)
                .append(count == 1 ? "there was 1 error" : "there were " + count + " errors")
                .append(" with ")
                .append(name)
                .append(':');
        for (Object entry : entries) {
            text.append('\n');
            if (entry instanceof Problems part) {
                part.write(text, indent + INDENT);
            } else {
                text.append(indent).append(INDENT).append("* ").append(entry);
            }
        }
    }
}
