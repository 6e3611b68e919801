package org.cupola.gorouter.proxy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An operator's page for our own errors, in as much of Go's {@code html/template} as such pages use: the fields
 * {@code .Status}, {@code .StatusText} and {@code .Message}, {@code .Header.Get "Name"}, comments, {@code if}, {@code else}
 * and {@code end}, {@code eq} and {@code ne} with a literal, and trimming dashes. Values are escaped for HTML. Immutable.
 */
public final class ErrorTemplate {
    private static final Pattern ACTION = Pattern.compile("\\{\\{(-\\s)?\\s*(.*?)\\s*(\\s-)?}}", Pattern.DOTALL);
    private static final Pattern HEADER = Pattern.compile("\\.Header\\.Get\\s+\"([^\"]*)\"");
    private static final Pattern COMPARISON = Pattern.compile("(eq|ne)\\s+(\\(.*\\)|\\.\\S+)\\s+(\"([^\"]*)\"|\\d+)");

    private sealed interface Part {}

    private record Text(String text) implements Part {}

    private record Value(Function<Page, String> value) implements Part {}

    private record Choice(Function<Page, Boolean> condition, List<Part> then, List<Part> otherwise) implements Part {}

    /** What a page is made from; {@code header} is asked for response headers and answers "" for none. */
    record Page(int status, String message, Function<String, String> header) {}

    private final List<Part> parts;

    private ErrorTemplate(List<Part> parts) {
        this.parts = parts;
    }

    /** @throws IllegalArgumentException for an action that is not understood */
    public static ErrorTemplate parse(String source) {
        Deque<List<Part>> open = new ArrayDeque<>();
        Deque<Choice> choices = new ArrayDeque<>();
        open.push(new ArrayList<>());
        Matcher action = ACTION.matcher(source);
        int end = 0;
        boolean trim = false;
        while (action.find()) {
            String text = source.substring(end, action.start());
            text = trim ? text.stripLeading() : text;
            text = action.group(1) != null ? text.stripTrailing() : text;
            open.element().add(new Text(text));
            trim = action.group(3) != null;
            end = action.end();
            String code = action.group(2);
            if (code.startsWith("/*")) {
                continue;
            }
            if (code.startsWith("if ")) {
                var choice = new Choice(condition(code.substring(3).strip()), new ArrayList<>(), new ArrayList<>());
                open.element().add(choice);
                choices.push(choice);
                open.push(choice.then());
            } else if (code.equals("else") && !choices.isEmpty()) {
                open.pop();
                open.push(choices.element().otherwise());
            } else if (code.equals("end") && !choices.isEmpty()) {
                open.pop();
                choices.pop();
            } else {
                open.element().add(new Value(value(code)));
            }
        }
        String rest = source.substring(end);
        open.element().add(new Text(trim ? rest.stripLeading() : rest));
        if (!choices.isEmpty()) {
            throw new IllegalArgumentException("an if without its end");
        }
        return new ErrorTemplate(List.copyOf(open.element()));
    }

    private static Function<Page, Boolean> condition(String code) {
        Matcher comparison = COMPARISON.matcher(code);
        if (!comparison.matches()) {
            Function<Page, String> value = value(code);
            return page -> !value.apply(page).isEmpty() && !value.apply(page).equals("0");
        }
        Function<Page, String> left = value(comparison.group(2));
        String literal = comparison.group(4) == null ? comparison.group(3) : comparison.group(4);
        boolean equal = comparison.group(1).equals("eq");
        return page -> left.apply(page).equals(literal) == equal;
    }

    private static Function<Page, String> value(String code) {
        String bare = code.startsWith("(") && code.endsWith(")")
                ? code.substring(1, code.length() - 1).strip()
                : code;
        Matcher header = HEADER.matcher(bare);
        if (header.matches()) {
            String name = header.group(1);
            return page -> page.header().apply(name);
        }
        return switch (bare) {
            case ".Status" -> page -> Integer.toString(page.status());
            case ".StatusText" -> page -> Reasons.of(page.status());
            case ".Message" -> Page::message;
            default ->
                throw new IllegalArgumentException("{{ " + code
                        + " }} (expected: .Status, .StatusText, .Message, .Header.Get \"…\", if, else or end)");
        };
    }

    String render(Page page) {
        var out = new StringBuilder();
        render(parts, page, out);
        return out.toString();
    }

    private static void render(List<Part> parts, Page page, StringBuilder out) {
        for (Part part : parts) {
            switch (part) {
                case Text text -> out.append(text.text());
                case Value value -> escape(value.value().apply(page), out);
                case Choice choice ->
                    render(choice.condition().apply(page) ? choice.then() : choice.otherwise(), page, out);
            }
        }
    }

    private static void escape(String text, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&#34;");
                case '\'' -> out.append("&#39;");
                case '\0' -> out.append('\ufffd');
                default -> out.append(c);
            }
        }
    }
}
