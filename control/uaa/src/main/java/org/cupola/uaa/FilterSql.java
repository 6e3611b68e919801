package org.cupola.uaa;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;

/** Turns a filter into a condition on columns. Immutable. */
final class FilterSql {
    private final Map<String, Column> columns;

    /** How an attribute is stored. */
    sealed interface Column {}

    /** Compared without regard to case; {@code lowered} columns hold lower case already, so that their index serves. */
    record TextColumn(Field<String> field, boolean lowered) implements Column {}

    /** A text kept elsewhere: the condition on it is turned into one on the row. Not to be sorted by. */
    record ElsewhereColumn(TextColumn text, UnaryOperator<Condition> onRow) implements Column {}

    /** Compared exactly. */
    record IdColumn(Field<String> field) implements Column {}

    /** {@code true} or {@code false}. */
    record FlagColumn(Field<Boolean> field) implements Column {}

    /** ISO 8601 times, stored as milliseconds. */
    record TimeColumn(Field<Long> field) implements Column {}

    /** @param columns attribute in lower case → column */
    FilterSql(Map<String, Column> columns) {
        this.columns = Map.copyOf(columns);
    }

    /** @throws UaaError 400 when the filter speaks of an unknown attribute or compares it in a way it cannot be */
    Condition condition(String filter) {
        return filter.isBlank() ? DSL.noCondition() : condition(ScimFilter.parse(filter), filter);
    }

    /** The column to sort by. */
    Field<?> sortField(String attribute) {
        return switch (columns.get(attribute.toLowerCase(Locale.ROOT))) {
            case TextColumn text -> text.field();
            case IdColumn id -> id.field();
            case FlagColumn flag -> flag.field();
            case TimeColumn time -> time.field();
            case ElsewhereColumn _ -> throw UaaError.scim(400, "scim", "Invalid sort field: [" + attribute + "]");
            case null -> throw UaaError.scim(400, "scim", "Invalid sort field: [" + attribute + "]");
        };
    }

    private Condition condition(ScimFilter filter, String text) {
        return switch (filter) {
            case ScimFilter.And and -> condition(and.left(), text).and(condition(and.right(), text));
            case ScimFilter.Or or -> condition(or.left(), text).or(condition(or.right(), text));
            case ScimFilter.Comparison comparison -> comparison(comparison, text);
        };
    }

    private Condition comparison(ScimFilter.Comparison comparison, String filter) {
        return switch (columns.get(comparison.attribute())) {
            case TextColumn column -> text(column, comparison);
            case ElsewhereColumn column -> column.onRow().apply(text(column.text(), comparison));
            case IdColumn column -> text(column.field(), comparison.operator(), comparison.value());
            case FlagColumn column -> flag(column.field(), comparison, filter);
            case TimeColumn column -> time(column.field(), comparison, filter);
            case null -> throw ScimFilter.invalid(filter);
        };
    }

    private static Condition text(TextColumn column, ScimFilter.Comparison comparison) {
        Field<String> field = column.lowered() ? column.field() : DSL.lower(column.field());
        return text(field, comparison.operator(), comparison.value().toLowerCase(Locale.ROOT));
    }

    private static Condition text(Field<String> field, ScimFilter.Operator operator, String value) {
        return switch (operator) {
            case EQ -> field.eq(value);
            case CO -> field.contains(value);
            case SW -> field.startsWith(value);
            case PR -> field.ne("");
            case GT -> field.gt(value);
            case GE -> field.ge(value);
            case LT -> field.lt(value);
            case LE -> field.le(value);
        };
    }

    private static Condition flag(Field<Boolean> field, ScimFilter.Comparison comparison, String filter) {
        return switch (comparison.operator()) {
            case EQ -> field.eq(Boolean.parseBoolean(comparison.value()));
            case PR -> field.isNotNull();
            case CO, SW, GT, GE, LT, LE -> throw ScimFilter.invalid(filter);
        };
    }

    private static Condition time(Field<Long> field, ScimFilter.Comparison comparison, String filter) {
        if (comparison.operator() == ScimFilter.Operator.PR) {
            return field.isNotNull();
        }
        long millis = millis(comparison.value(), filter);
        return switch (comparison.operator()) {
            case EQ -> field.eq(millis);
            case GT -> field.gt(millis);
            case GE -> field.ge(millis);
            case LT -> field.lt(millis);
            case LE -> field.le(millis);
            case CO, SW, PR -> throw ScimFilter.invalid(filter);
        };
    }

    private static long millis(String text, String filter) {
        try {
            return text.endsWith("Z")
                    ? Instant.parse(text).toEpochMilli()
                    : OffsetDateTime.parse(text).toInstant().toEpochMilli();
        } catch (DateTimeParseException e) {
            throw ScimFilter.invalid(filter);
        }
    }
}
