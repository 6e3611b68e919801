package org.cupola.gorouter.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.cupola.gorouter.head.HeaderLines;

/** What is configured to be changed about responses' headers, ready to be compared with their bytes. Immutable. */
final class HeaderRewriting {
    private final byte[][] removed;
    private final byte[][] addedNames;
    private final byte[][] addedLines;

    HeaderRewriting(HeaderRules rules) {
        removed = rules.removed().stream().map(HeaderLines::canonicalName).toArray(byte[][]::new);
        addedNames = rules.added().stream()
                .map(line -> HeaderLines.canonicalName(line.name()))
                .toArray(byte[][]::new);
        addedLines = rules.added().stream()
                .map(line -> (line.name() + ": " + line.value() + "\r\n").getBytes(StandardCharsets.ISO_8859_1))
                .toArray(byte[][]::new);
    }

    boolean isOn() {
        return removed.length > 0 || addedNames.length > 0;
    }

    boolean removes(HeaderLines head, int line) {
        for (byte[] name : removed) {
            if (head.isNamed(line, name)) {
                return true;
            }
        }
        return false;
    }

    /** @param canonicalName as {@link HeaderLines#canonicalName} makes it */
    boolean removes(byte[] canonicalName) {
        for (byte[] name : removed) {
            if (Arrays.equals(name, canonicalName)) {
                return true;
            }
        }
        return false;
    }

    /** Appends the lines that the head lacks. */
    void append(HeaderLines head, ByteSink out) {
        for (int i = 0; i < addedNames.length; i++) {
            if (head.find(addedNames[i]) < 0) {
                out.add(addedLines[i]);
            }
        }
    }
}
