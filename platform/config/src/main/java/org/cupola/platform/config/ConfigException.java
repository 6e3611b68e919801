package org.cupola.platform.config;

import java.util.List;

/** A configuration that cannot be used; the message has one line per problem. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    public ConfigException(String source, List<String> problems) {
        super(source + ": " + String.join("\n" + source + ": ", problems));
        this.problems = List.copyOf(problems);
    }

    /** Each as {@code path: found (expected: …)}, without the file's name. */
    public List<String> problems() {
        return problems;
    }
}
