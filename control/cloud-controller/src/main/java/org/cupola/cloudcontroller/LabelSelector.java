package org.cupola.cloudcontroller;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jooq.Condition;
import org.jooq.impl.DSL;

/** The query parameter {@code label_selector}: comma separated requirements on labels, all of which must hold. */
final class LabelSelector {
    private static final int MAX_REQUIREMENTS = 50;
    private static final Pattern SET = Pattern.compile("\\s*(\\S+)\\s+(in|notin)\\s*\\(([^()]*)\\)\\s*");
    private static final Pattern EQUALITY = Pattern.compile("\\s*([^=!\\s]+)\\s*(==|=|!=)\\s*(\\S*)\\s*");
    private static final Pattern EXISTS = Pattern.compile("\\s*(!?)([^=!(),\\s]+)\\s*");

    private LabelSelector() {}

    /** The condition on a table of labelled resources; everything when the parameter is absent. */
    static Condition condition(ListQuery query) {
        String selector = query.text("label_selector", "");
        if (!query.has("label_selector")) {
            return DSL.noCondition();
        }
        List<String> requirements = split(selector);
        if (requirements.size() > MAX_REQUIREMENTS) {
            throw ApiException.badQuery("Too many label_selector requirements (maximum is " + MAX_REQUIREMENTS + ")");
        }
        Condition all = DSL.noCondition();
        for (String requirement : requirements) {
            all = all.and(condition(requirement));
        }
        return all;
    }

    private static Condition condition(String requirement) {
        Matcher set = SET.matcher(requirement);
        if (set.matches()) {
            List<String> values =
                    Arrays.stream(set.group(3).split(",", -1)).map(String::trim).toList();
            return set.group(2).equals("in")
                    ? MetadataRepository.labelled(set.group(1), values)
                    : MetadataRepository.labelled(set.group(1), values).not();
        }
        Matcher equality = EQUALITY.matcher(requirement);
        if (equality.matches()) {
            Condition equal = MetadataRepository.labelled(equality.group(1), List.of(equality.group(3)));
            return equality.group(2).equals("!=") ? equal.not() : equal;
        }
        Matcher exists = EXISTS.matcher(requirement);
        if (exists.matches()) {
            Condition present = MetadataRepository.labelled(exists.group(2));
            return exists.group(1).isEmpty() ? present : present.not();
        }
        throw ApiException.badQuery("Invalid label_selector value");
    }

    /** At commas outside of parentheses. */
    private static List<String> split(String selector) {
        List<String> requirements = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < selector.length(); i++) {
            switch (selector.charAt(i)) {
                case '(' -> depth++;
                case ')' -> depth--;
                case ',' -> {
                    if (depth == 0) {
                        requirements.add(selector.substring(start, i));
                        start = i + 1;
                    }
                }
                default -> {}
            }
        }
        requirements.add(selector.substring(start));
        return requirements;
    }
}
