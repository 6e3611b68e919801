package org.cupola.platform.sql;

import java.util.List;
import java.util.function.Consumer;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * Brings a database to the newest version of a component's schema, step by step; each step and the note that it ran
 * are one transaction where the database allows it. Components that share a database use different names.
 */
public final class Migrations {
    private static final Table<?> TABLE = DSL.table(DSL.name("cupola_migrations"));
    private static final Field<String> COMPONENT = DSL.field(DSL.name("component"), SQLDataType.VARCHAR(64));
    private static final Field<Integer> VERSION = DSL.field(DSL.name("version"), SQLDataType.INTEGER);

    private final String component;
    private final List<Consumer<DSLContext>> steps;

    /** @param steps the schema's history: version 1 first; a released step never changes */
    public Migrations(String component, List<Consumer<DSLContext>> steps) {
        this.component = component;
        this.steps = List.copyOf(steps);
    }

    /** @throws IllegalStateException when the database is of a newer version than this program knows */
    public void run(Database database) {
        database.exclusively("migrations", () -> migrate(database));
    }

    private void migrate(Database database) {
        database.writeVoid(dsl ->
                dsl.createTableIfNotExists(TABLE).columns(COMPONENT, VERSION).execute());
        int present = database.read(this::version);
        if (present > steps.size()) {
            throw new IllegalStateException("the database of " + component + " has version " + present
                    + ", newer than version " + steps.size() + " of this program");
        }
        for (int version = present + 1; version <= steps.size(); version++) {
            int next = version;
            database.writeVoid(dsl -> apply(dsl, next));
        }
    }

    private int version(DSLContext dsl) {
        Integer version = dsl.select(DSL.max(VERSION))
                .from(TABLE)
                .where(COMPONENT.eq(component))
                .fetchOne(0, Integer.class);
        return version == null ? 0 : version;
    }

    private void apply(DSLContext dsl, int version) {
        if (version(dsl) >= version) {
            return; // another instance was faster
        }
        steps.get(version - 1).accept(dsl);
        dsl.insertInto(TABLE)
                .columns(COMPONENT, VERSION)
                .values(component, version)
                .execute();
    }
}
