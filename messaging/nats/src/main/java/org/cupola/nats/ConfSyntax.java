package org.cupola.nats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cupola.platform.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * The syntax of nats-server's configuration files: keys with values after a blank, {@code :} or {@code =}; entries
 * separated by line ends, {@code ,} or {@code ;}; maps in braces, lists in brackets, texts bare, quoted or as a block in
 * parentheses; comments after {@code #} or {@code //}; sizes such as {@code 64MB}; {@code $NAME} for an earlier entry
 * of this or an outer map or else an environment variable; {@code include FILE}. JSON is a subset.
 *
 * <p>The result holds maps, lists, texts, longs, doubles and booleans. Used by one thread, for one file.
 */
final class ConfSyntax {
    private static final Pattern INTEGER =
            Pattern.compile("([-+]?\\d+)(k|kb|ki|kib|m|mb|mi|mib|g|gb|gi|gib|t|tb|ti|tib)?");
    private static final Pattern DECIMAL = Pattern.compile("[-+]?\\d+\\.\\d+");
    private static final int MAX_DEPTH = 64;
    private static final char END = '\uffff';

    private final String source;
    private final Path folder;
    private final String text;
    private final Function<String, @Nullable String> environment;
    private final List<Map<String, Object>> scopes;
    private final Set<String> variables;
    private final int depth;
    private int position;

    private ConfSyntax(
            String source,
            Path folder,
            String text,
            Function<String, @Nullable String> environment,
            List<Map<String, Object>> scopes,
            Set<String> variables,
            int depth) {
        this.depth = depth;
        this.source = source;
        this.folder = folder;
        this.text = text;
        this.environment = environment;
        this.scopes = scopes;
        this.variables = variables;
    }

    /**
     * What a file says.
     *
     * @param variables names of entries that others refer to: they need not be settings themselves
     */
    record Parsed(Map<String, Object> entries, Set<String> variables) {}

    /** @throws ConfigException when a file cannot be read or understood; names the line */
    static Parsed read(Path file, Function<String, @Nullable String> environment) throws ConfigException {
        var parsed = new Parsed(new LinkedHashMap<>(), new HashSet<>());
        include(file, environment, new ArrayList<>(List.of(parsed.entries)), parsed.variables, 0);
        return parsed;
    }

    static Parsed parse(String source, String text, Function<String, @Nullable String> environment)
            throws ConfigException {
        var parsed = new Parsed(new LinkedHashMap<>(), new HashSet<>());
        List<Map<String, Object>> scopes = new ArrayList<>(List.of(parsed.entries));
        new ConfSyntax(source, Path.of(""), text, environment, scopes, parsed.variables, 0).readFile();
        return parsed;
    }

    private static void include(
            Path file,
            Function<String, @Nullable String> environment,
            List<Map<String, Object>> scopes,
            Set<String> variables,
            int depth)
            throws ConfigException {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ConfigException(file.toString(), List.of("cannot be read: " + e));
        }
        Path folder = file.toAbsolutePath().getParent();
        new ConfSyntax(
                        file.toString(),
                        folder == null ? Path.of("") : folder,
                        text,
                        environment,
                        scopes,
                        variables,
                        depth)
                .readFile();
    }

    private void readFile() throws ConfigException {
        skipBlanks(true);
        boolean braces = peek() == '{';
        if (braces) {
            position++;
        }
        readEntries(braces);
        if (braces) {
            skipBlanks(true);
        }
        if (peek() != END) {
            throw problem("'" + peek() + "' (expected: the end of the file)");
        }
    }

    /** Reads up to and including the closing brace, or the end of the file. */
    private void readEntries(boolean braces) throws ConfigException {
        while (true) {
            skipBlanks(true);
            char next = peek();
            if (next == END && !braces) {
                return;
            }
            if (next == '}' && braces) {
                position++;
                return;
            }
            if (next == END) {
                throw problem("end of file (expected: '}')");
            }
            readEntry();
        }
    }

    private void readEntry() throws ConfigException {
        int start = position;
        boolean quoted = peek() == '"' || peek() == '\'';
        String key = quoted ? quotedText(peek()) : bareKey();
        if (key.isEmpty()) {
            position = start;
            throw problem("'" + peek() + "' (expected: a key)");
        }
        skipBlanks(false);
        if (!quoted && key.equalsIgnoreCase("include")) {
            Object file = value();
            if (depth == MAX_DEPTH) {
                throw problem("include: nested too deeply (expected: at most " + MAX_DEPTH + ")");
            }
            include(folder.resolve(file.toString()), environment, scopes, variables, depth + 1);
            return;
        }
        if (peek() == ':' || peek() == '=') {
            position++;
            skipBlanks(true);
        }
        if (peek() == END || peek() == '\n' || peek() == '}') {
            throw problem(key + ": nothing (expected: a value)");
        }
        scopes.getLast().put(key, value());
    }

    private String bareKey() {
        int start = position;
        while (!isBlank(peek()) && ":={}[],;\n\uffff".indexOf(peek()) < 0) {
            position++;
        }
        return text.substring(start, position);
    }

    private Object value() throws ConfigException {
        return switch (peek()) {
            case '{' -> map();
            case '[' -> list();
            case '(' -> block();
            case '"', '\'' -> quotedText(peek());
            default -> bareValue();
        };
    }

    private Map<String, Object> map() throws ConfigException {
        if (scopes.size() > MAX_DEPTH) {
            throw problem("nested too deeply (expected: at most " + MAX_DEPTH + ")");
        }
        position++;
        Map<String, Object> map = new LinkedHashMap<>();
        scopes.add(map);
        readEntries(true);
        scopes.removeLast();
        return map;
    }

    private List<Object> list() throws ConfigException {
        position++;
        List<Object> list = new ArrayList<>();
        scopes.add(new HashMap<>()); // counts towards the depth
        if (scopes.size() > MAX_DEPTH) {
            throw problem("nested too deeply (expected: at most " + MAX_DEPTH + ")");
        }
        for (skipBlanks(true); peek() != ']'; skipBlanks(true)) {
            if (peek() == END) {
                throw problem("end of file (expected: ']')");
            }
            list.add(value());
        }
        scopes.removeLast();
        position++;
        return list;
    }

    private String block() throws ConfigException {
        int end = text.indexOf("\n)", position);
        int close = end < 0 ? text.indexOf(')', position) : end + 1;
        if (close < 0) {
            throw problem("end of file (expected: ')')");
        }
        String content = text.substring(position + 1, close);
        position = close + 1;
        return content.strip();
    }

    private String quotedText(char quote) throws ConfigException {
        position++;
        var content = new StringBuilder();
        for (char next = peek(); next != quote; next = peek()) {
            if (next == END) {
                throw problem("end of file (expected: " + quote + ")");
            }
            position++;
            content.append(next == '\\' && quote == '"' ? escaped() : next);
        }
        position++;
        return content.toString();
    }

    private char escaped() throws ConfigException {
        char escape = peek();
        position++;
        return switch (escape) {
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case '"', '\\', '/' -> escape;
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            default -> throw problem("\\" + escape + " (expected: one of \\t \\n \\r \\\" \\\\ \\xHH)");
        };
    }

    private char hex(int digits) throws ConfigException {
        try {
            char value = (char) Integer.parseInt(text, position, position + digits, 16);
            position += digits;
            return value;
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw problem("a bad hexadecimal escape (expected: " + digits + " digits)");
        }
    }

    private Object bareValue() throws ConfigException {
        int start = position;
        while (!isBlank(peek()) && ",;]}\n\uffff".indexOf(peek()) < 0) {
            position++;
        }
        String bare = text.substring(start, position);
        if (bare.isEmpty()) {
            throw problem("'" + peek() + "' (expected: a value)");
        }
        if (bare.startsWith("$") && !bare.startsWith("$2")) { // $2a$… is a bcrypt hash
            return variable(bare.substring(1));
        }
        return scalar(bare);
    }

    private Object variable(String name) throws ConfigException {
        for (Map<String, Object> scope : scopes.reversed()) {
            Object found = scope.get(name);
            if (found != null) {
                variables.add(name);
                return found;
            }
        }
        String found = environment.apply(name);
        if (found == null) {
            throw problem("$" + name + ": not set (expected: an earlier entry or an environment variable)");
        }
        return scalar(found);
    }

    private static Object scalar(String bare) {
        String lower = bare.toLowerCase(Locale.ROOT);
        if (List.of("true", "yes", "on").contains(lower)) {
            return true;
        }
        if (List.of("false", "no", "off").contains(lower)) {
            return false;
        }
        Matcher integer = INTEGER.matcher(lower);
        if (integer.matches()) {
            try {
                return Math.multiplyExact(Long.parseLong(integer.group(1)), unit(integer.group(2)));
            } catch (ArithmeticException | NumberFormatException e) {
                return bare;
            }
        }
        return DECIMAL.matcher(bare).matches() ? (Object) Double.valueOf(bare) : bare;
    }

    /** A single letter is decimal, one with a {@code b} or {@code i} binary. */
    private static long unit(@Nullable String suffix) {
        if (suffix == null) {
            return 1;
        }
        long base = suffix.length() == 1 ? 1000 : 1024;
        int power = "kmgt".indexOf(suffix.charAt(0)) + 1;
        long unit = 1;
        for (int i = 0; i < power; i++) {
            unit *= base;
        }
        return unit;
    }

    private char peek() {
        return position < text.length() ? text.charAt(position) : END;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }

    /** Blanks and, when {@code separators}, also line ends, commas, semicolons and comments. */
    private void skipBlanks(boolean separators) {
        while (true) {
            char next = peek();
            if (isBlank(next) || (separators && (next == '\n' || next == ',' || next == ';'))) {
                position++;
            } else if (separators && (next == '#' || text.startsWith("//", position))) {
                int end = text.indexOf('\n', position);
                position = end < 0 ? text.length() : end;
            } else {
                return;
            }
        }
    }

    private ConfigException problem(String what) {
        long line = text.substring(0, Math.min(position, text.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count()
                + 1;
        return new ConfigException(source, List.of("line " + line + ": " + what));
    }
}
