package org.cupola.gorouter.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.cupola.gorouter.head.Ascii;
import org.cupola.gorouter.head.HeaderLines;
import org.cupola.gorouter.head.Names;

/** Header names that a message's Connection header declares to be for this hop only. */
final class ConnectionTokens {
    private static final Set<String> USUAL = Set.of("close", "keep-alive", "upgrade", "te", "");

    private ConnectionTokens() {}

    /** Lower-case names besides the ones that are always removed; empty in all but rare messages. */
    static List<String> of(HeaderLines lines, Set<String> protectedNames) {
        int first = lines.first(Names.CONNECTION);
        if (first < 0) {
            return List.of();
        }
        List<String> names = List.of();
        for (int line = first; line < lines.count(); line++) {
            if (lines.id(line) != Names.CONNECTION || isUsual(lines, line)) {
                continue;
            }
            for (String token : lines.valueOfLine(line).split(",", -1)) {
                String name = token.strip().toLowerCase(Locale.ROOT);
                if (!USUAL.contains(name) && !protectedNames.contains(name)) {
                    names = names.isEmpty() ? new ArrayList<>() : names;
                    names.add(name);
                }
            }
        }
        return names;
    }

    private static boolean isUsual(HeaderLines lines, int line) {
        byte[] bytes = lines.bytes();
        int start = lines.valueStart(line);
        int end = lines.valueEnd(line);
        return Ascii.equalsIgnoreCase(bytes, start, end, "keep-alive")
                || Ascii.equalsIgnoreCase(bytes, start, end, "close")
                || Ascii.equalsIgnoreCase(bytes, start, end, "upgrade");
    }

    /** Whether the line is one of them. What frames the message is not for a client to remove. */
    static boolean has(List<String> names, HeaderLines lines, int line) {
        if (names.isEmpty()) {
            return false;
        }
        int id = lines.id(line);
        if (id == Names.HOST || id == Names.CONTENT_LENGTH || id == Names.TRANSFER_ENCODING) {
            return false;
        }
        for (String name : names) {
            if (Ascii.equalsIgnoreCase(lines.bytes(), lines.nameStart(line), lines.nameEnd(line), name)) {
                return true;
            }
        }
        return false;
    }
}
