package org.cupola.routingapi;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
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
    private static final int LENGTH = 23;

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
        return zoned
                ? time.atOffset(ZoneOffset.UTC)
                : text(LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC));
    }

    /** yyyy-MM-dd HH:mm:ss.SSS, by hand: every row that is written has two or three of them. */
    private static String text(LocalDateTime time) {
        byte[] text = new byte[LENGTH];
        digits(text, 0, 4, time.getYear());
        text[4] = '-';
        digits(text, 5, 2, time.getMonthValue());
        text[7] = '-';
        digits(text, 8, 2, time.getDayOfMonth());
        text[10] = ' ';
        digits(text, 11, 2, time.getHour());
        text[13] = ':';
        digits(text, 14, 2, time.getMinute());
        text[16] = ':';
        digits(text, 17, 2, time.getSecond());
        text[19] = '.';
        digits(text, 20, 3, time.getNano() / 1_000_000);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static void digits(byte[] text, int from, int count, int value) {
        int rest = value;
        for (int i = from + count - 1; i >= from; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
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
