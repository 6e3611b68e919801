package org.cupola.rep.executor;

import java.util.Map;

/**
 * Whose log it is.
 *
 * @param guid   of the log stream: the application's
 * @param index  of the instance
 * @param source when an action does not name its own
 * @param tags   for whoever reads the log
 */
public record LogConfig(String guid, int index, String source, Map<String, String> tags) {
    public LogConfig {
        tags = Map.copyOf(tags);
    }
}
