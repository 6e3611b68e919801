package org.cupola.uaa;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The filter of a SCIM list: {@code attr op "value"} with {@code and}, {@code or} and parentheses ({@code and} binds
 * tighter); attribute names and operators in any case. Immutable.
 */
sealed interface ScimFilter {
    /** Both of them. */
    record And(ScimFilter left, ScimFilter right) implements ScimFilter {}

    /** One of them. */
    record Or(ScimFilter left, ScimFilter right) implements ScimFilter {}

    /**
     * One comparison.
     *
     * @param attribute in lower case
     * @param value     empty for {@code pr}
     */
    record Comparison(String attribute, Operator operator, String value) implements ScimFilter {}

    /** As the grammar spells them, in lower case. */
    enum Operator {
        EQ,
        CO,
        SW,
        PR,
        GT,
        GE,
        LT,
        LE
    }

    /** @throws UaaError 400 {@code scim} with the text of the filter */
    static ScimFilter parse(String text) {
        return new Parser(text).parse();
    }

    static UaaError invalid(String text) {
        return UaaError.scim(400, "scim", "Invalid filter expression: [" + text + "]");
    }

    /** All attributes the filter speaks of. */
    default Set<String> attributes() {
        Set<String> attributes = new HashSet<>();
        comparisons().forEach(comparison -> attributes.add(comparison.attribute()));
        return attributes;
    }

    default List<Comparison> comparisons() {
        List<Comparison> all = new ArrayList<>();
        collect(this, all);
        return all;
    }

    private static void collect(ScimFilter filter, List<Comparison> all) {
        switch (filter) {
            case And and -> {
                collect(and.left(), all);
                collect(and.right(), all);
            }
            case Or or -> {
                collect(or.left(), all);
                collect(or.right(), all);
            }
            case Comparison comparison -> all.add(comparison);
        }
    }

    /** Recursive descent; depth is bounded so that a hostile filter cannot overflow the stack. */
    final class Parser {
        private static final int MAX_TERMS = 1_000;
        private static final Pattern TOKEN = Pattern.compile(
                "\\s*(?:(\\()|(\\))|\"((?:[^\"\\\\]|\\\\.)*)\"|'((?:[^'\\\\]|\\\\.)*)'|([^\\s()\"']+))");
        private static final Pattern ATTRIBUTE = Pattern.compile("[A-Za-z][A-Za-z0-9_.:$-]*");
        private final String text;
        private final Matcher matcher;
        private Token next;
        private int depth;
        private int terms;

        private enum Kind {
            OPEN,
            CLOSE,
            QUOTED,
            WORD,
            END
        }

        private record Token(Kind kind, String text) {
            boolean is(String word) {
                return kind == Kind.WORD && text.equalsIgnoreCase(word);
            }
        }

        private Parser(String text) {
            this.text = text;
            this.matcher = TOKEN.matcher(text);
            this.next = read();
        }

        private ScimFilter parse() {
            ScimFilter filter = or();
            if (next.kind() != Kind.END) {
                throw invalid(text);
            }
            return filter;
        }

        private ScimFilter or() {
            ScimFilter left = and();
            while (next.is("or")) {
                take();
                left = new Or(left, and());
            }
            return left;
        }

        private ScimFilter and() {
            ScimFilter left = term();
            while (next.is("and")) {
                take();
                left = new And(left, term());
            }
            return left;
        }

        private ScimFilter term() {
            if (++terms > MAX_TERMS) {
                throw invalid(text);
            }
            if (next.kind() == Kind.OPEN) {
                if (++depth > 50) {
                    throw invalid(text);
                }
                take();
                ScimFilter inner = or();
                if (next.kind() != Kind.CLOSE) {
                    throw invalid(text);
                }
                take();
                depth--;
                return inner;
            }
            Token attribute = take();
            if (attribute.kind() != Kind.WORD
                    || !ATTRIBUTE.matcher(attribute.text()).matches()) {
                throw invalid(text);
            }
            Operator operator = operator(take());
            String value = operator == Operator.PR ? "" : value(take());
            return new Comparison(attribute.text().toLowerCase(Locale.ROOT), operator, value);
        }

        private Operator operator(Token token) {
            for (Operator operator : Operator.values()) {
                if (token.is(operator.name())) {
                    return operator;
                }
            }
            throw invalid(text);
        }

        private String value(Token token) {
            if (token.kind() != Kind.QUOTED && token.kind() != Kind.WORD) {
                throw invalid(text);
            }
            return token.text();
        }

        private Token take() {
            Token taken = next;
            next = read();
            return taken;
        }

        private Token read() {
            if (matcher.lookingAt()) {
                Token token = token();
                matcher.region(matcher.end(), text.length());
                return token;
            }
            if (text.substring(matcher.regionStart()).isBlank()) {
                return new Token(Kind.END, "");
            }
            throw invalid(text);
        }

        private Token token() {
            if (matcher.group(1) != null) {
                return new Token(Kind.OPEN, "(");
            }
            if (matcher.group(2) != null) {
                return new Token(Kind.CLOSE, ")");
            }
            String quoted = matcher.group(3) != null ? matcher.group(3) : matcher.group(4);
            return quoted != null
                    ? new Token(Kind.QUOTED, quoted.replaceAll("\\\\(.)", "$1"))
                    : new Token(Kind.WORD, matcher.group(5));
        }
    }
}
