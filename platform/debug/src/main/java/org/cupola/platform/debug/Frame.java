package org.cupola.platform.debug;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One call on a stack.
 *
 * @param function class and method
 * @param file     name of the source file; empty when unknown
 * @param line     in that file; 0 when unknown
 */
record Frame(String function, String file, int line) {
    private static final Pattern PRINTED = Pattern.compile("(?:.*/)?([^/(]+)\\(([^:)]*)(?::(\\d+))?\\)");

    /** As {@link StackTraceElement} prints it: {@code java.base/java.lang.Thread.run(Thread.java:1474)}. */
    static Frame parse(String printed) {
        Matcher parts = PRINTED.matcher(printed);
        if (!parts.matches()) {
            return new Frame(printed, "", 0);
        }
        String line = parts.group(3);
        return new Frame(parts.group(1), line == null ? "" : parts.group(2), line == null ? 0 : Integer.parseInt(line));
    }
}
