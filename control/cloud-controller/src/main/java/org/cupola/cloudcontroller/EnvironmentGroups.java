package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.UPDATED_AT;
import static org.cupola.cloudcontroller.Columns.text;

import java.util.Map;
import java.util.TreeMap;
import org.cupola.platform.sql.Database;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Table;
import tools.jackson.databind.JsonNode;

/** The environment that all running apps, or all staging ones, get. Blocking; any thread. */
final class EnvironmentGroups {
    static final Table<?> GROUPS = Columns.table("environment_groups");
    static final Field<String> VARIABLES = text("variables");
    static final String RUNNING = "running";
    static final String STAGING = "staging";

    private final Database database;
    private final Stamps stamps;

    /** One group; {@code updatedAt} is 0 while nobody has set it. */
    record Group(String name, Map<String, String> variables, long updatedAt) {}

    EnvironmentGroups(Database database, Stamps stamps) {
        this.database = database;
        this.stamps = stamps;
    }

    Group find(String name) {
        return database.read(dsl -> find(dsl, name));
    }

    Group find(DSLContext dsl, String name) {
        return dsl.selectFrom(GROUPS)
                .where(NAME.eq(name))
                .fetchOptional(row -> new Group(name, Stored.map(row.get(VARIABLES)), row.get(UPDATED_AT)))
                .orElse(new Group(name, Map.of(), 0));
    }

    /** Merges key by key; null removes. */
    Group merge(String name, JsonNode changes) {
        return database.write(dsl -> {
            Map<String, String> variables = new TreeMap<>(find(dsl, name).variables());
            changes.properties().forEach(entry -> {
                if (entry.getValue().isNull()) {
                    variables.remove(entry.getKey());
                } else {
                    variables.put(entry.getKey(), entry.getValue().asString());
                }
            });
            long now = stamps.micros();
            dsl.deleteFrom(GROUPS).where(NAME.eq(name)).execute();
            dsl.insertInto(GROUPS)
                    .set(NAME, name)
                    .set(VARIABLES, Stored.map(variables))
                    .set(UPDATED_AT, now)
                    .execute();
            return new Group(name, variables, now);
        });
    }
}
