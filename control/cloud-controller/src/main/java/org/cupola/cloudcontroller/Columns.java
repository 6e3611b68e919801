package org.cupola.cloudcontroller;

import org.jooq.DataType;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** The columns that several tables share, by the names they have everywhere. */
final class Columns {
    static final DataType<String> GUID_TYPE = SQLDataType.VARCHAR(255);
    static final DataType<String> TEXT_TYPE = SQLDataType.CLOB;

    static final Field<String> GUID = guid("guid");
    static final Field<Long> CREATED_AT = number("created_at");
    static final Field<Long> UPDATED_AT = number("updated_at");
    static final Field<String> NAME = guid("name");
    static final Field<String> STATE = guid("state");
    static final Field<String> TYPE = guid("type");
    static final Field<String> ERROR = text("error");
    static final Field<String> APP_GUID = guid("app_guid");
    static final Field<String> SPACE_GUID = guid("space_guid");
    static final Field<String> ORGANIZATION_GUID = guid("organization_guid");

    private Columns() {}

    static Table<?> table(String name) {
        return DSL.table(DSL.name(name));
    }

    /** A guid, a name or another short text. */
    static Field<String> guid(String name) {
        return DSL.field(DSL.name(name), GUID_TYPE);
    }

    /** A text without a limit. */
    static Field<String> text(String name) {
        return DSL.field(DSL.name(name), TEXT_TYPE);
    }

    static Field<Long> number(String name) {
        return DSL.field(DSL.name(name), SQLDataType.BIGINT);
    }

    static Field<Integer> integer(String name) {
        return DSL.field(DSL.name(name), SQLDataType.INTEGER);
    }

    static Field<Boolean> flag(String name) {
        return DSL.field(DSL.name(name), SQLDataType.BOOLEAN);
    }
}
