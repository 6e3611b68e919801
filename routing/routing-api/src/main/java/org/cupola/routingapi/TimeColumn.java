package org.cupola.routingapi;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * A point in time as the original's databases hold it: with a zone on PostgreSQL, as UTC without one on MySQL. On MySQL and
 * SQLite it goes over the wire as text, so that no time zone of a driver or session can shift it. Immutable.
 */
final class TimeColumn {
    private static final DateTimeFormatter TEXT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

    private final boolean zoned;
    private final Field<?> field;

    TimeColumn(String name, SQLDialect dialect) {
        this.zoned = dialect.family() == SQLDialect.POSTGRES;
        this.field = zoned
                ? DSL.field(DSL.name(name), SQLDataType.TIMESTAMPWITHTIMEZONE)
                : DSL.field(DSL.name(name), SQLDataType.VARCHAR);
    }

    Field<?> field() {
        return field;
    }

    Object bind(Instant time) {
        OffsetDateTime utc = time.atOffset(ZoneOffset.UTC);
        return zoned ? utc : TEXT.format(utc);
    }

    /** {@link Instant#EPOCH} when the column is null. */
    Instant read(Record row) {
        Object value = row.get(field);
        return switch (value) {
            case null -> Instant.EPOCH;
            case OffsetDateTime time -> time.toInstant();
            default -> LocalDateTime.parse(value.toString().replace(' ', 'T')).toInstant(ZoneOffset.UTC);
        };
    }
}
