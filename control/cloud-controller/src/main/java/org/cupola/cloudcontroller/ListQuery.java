package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.CREATED_AT;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.UPDATED_AT;

import com.linecorp.armeria.common.QueryParams;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.OrderField;
import org.jooq.impl.DSL;

/** The query of a list request: paging, ordering, filters. Immutable. */
final class ListQuery {
    private static final Set<String> ALWAYS =
            Set.of("page", "per_page", "order_by", "guids", "created_ats", "updated_ats");

    private final QueryParams query;
    private final int page;
    private final int perPage;
    private final Map<String, Field<?>> orderings = new LinkedHashMap<>();

    private ListQuery(QueryParams query) {
        this.query = query;
        this.page = number("page", 1, 1, Integer.MAX_VALUE, "Page must be greater than 0");
        this.perPage = number("per_page", 50, 1, 5000, "Per page must be between 1 and 5000");
        orderings.put("created_at", CREATED_AT);
        orderings.put("updated_at", UPDATED_AT);
    }

    static ListQuery of(QueryParams query, Set<String> filters) {
        Set<String> allowed = new TreeSet<>(ALWAYS);
        allowed.addAll(filters);
        refuseUnknown(query, allowed);
        return new ListQuery(query);
    }

    static void refuseUnknown(QueryParams query, Set<String> allowed) {
        List<String> unknown = query.names().stream()
                .filter(name -> !allowed.contains(name) && !allowed.contains(name.replaceFirst("\\[.*]$", "[]")))
                .filter(name -> !name.matches("(created|updated)_ats\\[(lt|lte|gt|gte)]"))
                .map(name -> "'" + name + "'")
                .toList();
        if (!unknown.isEmpty()) {
            throw ApiException.badQuery("Unknown query parameter(s): " + String.join(", ", unknown)
                    + ". Valid parameters are: '" + String.join("', '", new TreeSet<>(allowed)) + "'");
        }
    }

    /** Lets the list be ordered by name too. */
    ListQuery orderedByName() {
        orderings.put("name", NAME);
        return this;
    }

    ListQuery orderedBy(String name, Field<?> field) {
        orderings.put(name, field);
        return this;
    }

    int page() {
        return page;
    }

    int perPage() {
        return perPage;
    }

    QueryParams parameters() {
        return query;
    }

    boolean has(String name) {
        return query.contains(name);
    }

    String text(String name, String otherwise) {
        String value = query.get(name);
        return value == null ? otherwise : value;
    }

    List<OrderField<?>> ordering() {
        String asked = text("order_by", "created_at");
        boolean descending = asked.startsWith("-");
        String name = descending || asked.startsWith("+") || asked.startsWith(" ") ? asked.substring(1) : asked;
        Field<?> field = orderings.get(name);
        if (field == null) {
            throw ApiException.badQuery("Order by can only be: '" + String.join("', '", orderings.keySet()) + "'");
        }
        List<OrderField<?>> ordering = new ArrayList<>();
        ordering.add(descending ? field.desc() : field.asc());
        if (!field.equals(CREATED_AT)) {
            ordering.add(CREATED_AT.asc());
        }
        ordering.add(GUID.asc());
        return ordering;
    }

    /** The elements of an array filter; elements are percent-encoded once more, so that they may hold commas. */
    List<String> values(String name) {
        String value = query.get(name);
        if (value == null) {
            return List.of();
        }
        return Arrays.stream(value.split(",", -1)).map(ListQuery::decode).toList();
    }

    private static String decode(String element) {
        try {
            return element.indexOf('%') < 0
                    ? element
                    : URLDecoder.decode(element.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiException.badQuery("invalid percent-encoding in '" + element + "'");
        }
    }

    /** Everything when the filter is absent; an empty element means empty or null. */
    Condition in(String name, Field<String> field) {
        if (!query.contains(name)) {
            return DSL.noCondition();
        }
        List<String> values = values(name);
        Condition condition = field.in(values);
        return values.contains("") ? condition.or(field.isNull()) : condition;
    }

    Condition inNumbers(String name, Field<Integer> field) {
        if (!query.contains(name)) {
            return DSL.noCondition();
        }
        try {
            return field.in(values(name).stream().map(Integer::valueOf).toList());
        } catch (NumberFormatException e) {
            throw ApiException.badQuery(Body.label(name) + " must be an array of numbers");
        }
    }

    /** Guids and times, which all lists know. */
    Condition common() {
        return in("guids", GUID).and(times("created_ats", CREATED_AT)).and(times("updated_ats", UPDATED_AT));
    }

    private Condition times(String name, Field<Long> field) {
        Condition condition = DSL.noCondition();
        if (query.contains(name)) {
            Condition any = DSL.falseCondition();
            for (String time : values(name)) {
                long from = micros(name, time);
                any = any.or(field.between(from, from + 999_999));
            }
            condition = condition.and(any);
        }
        for (String operator : List.of("lt", "lte", "gt", "gte")) {
            String time = query.get(name + "[" + operator + "]");
            if (time != null) {
                long from = micros(name, time);
                condition = condition.and(
                        switch (operator) {
                            case "lt" -> field.lt(from);
                            case "lte" -> field.le(from + 999_999);
                            case "gt" -> field.gt(from + 999_999);
                            default -> field.ge(from);
                        });
            }
        }
        return condition;
    }

    private static long micros(String name, String time) {
        try {
            return Instant.parse(time).getEpochSecond() * 1_000_000L;
        } catch (DateTimeException e) {
            throw ApiException.badQuery(Body.label(name)
                    + " has an invalid timestamp format. Timestamps should be formatted as 'YYYY-MM-DDThh:mm:ssZ'");
        }
    }

    private int number(String name, int otherwise, int min, int max, String problem) {
        String value = query.get(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.matches("\\d{1,9}") || Integer.parseInt(value) < min || Integer.parseInt(value) > max) {
            throw ApiException.badQuery(problem);
        }
        return Integer.parseInt(value);
    }
}
