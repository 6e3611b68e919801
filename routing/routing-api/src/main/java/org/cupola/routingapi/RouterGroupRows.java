package org.cupola.routingapi;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.protocol.routing.RouterGroup;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** Table {@code router_groups}. Blocking; immutable. */
final class RouterGroupRows {
    private static final Table<?> TABLE = DSL.table(DSL.name("router_groups"));
    private static final Field<String> GUID = RouteRows.text("guid");
    private static final Field<String> NAME = RouteRows.text("name");
    private static final Field<String> TYPE = RouteRows.text("type");
    private static final Field<String> RESERVABLE_PORTS = RouteRows.text("reservable_ports");

    private final TimeColumn createdAt;
    private final TimeColumn updatedAt;

    RouterGroupRows(SQLDialect dialect) {
        this.createdAt = new TimeColumn("created_at", dialect);
        this.updatedAt = new TimeColumn("updated_at", dialect);
    }

    List<RouterGroup> load(DSLContext db) {
        return db.select(GUID, NAME, TYPE, RESERVABLE_PORTS)
                .from(TABLE)
                .orderBy(NAME)
                .fetch(row -> new RouterGroup(
                        RouteRows.text(row, GUID),
                        RouteRows.text(row, NAME),
                        RouteRows.text(row, TYPE),
                        RouteRows.text(row, RESERVABLE_PORTS)));
    }

    void insert(DSLContext db, RouterGroup group, Instant now) {
        Map<Field<?>, Object> row = new LinkedHashMap<>();
        row.put(GUID, group.guid());
        row.put(createdAt.field(), createdAt.bind(now));
        row.put(updatedAt.field(), updatedAt.bind(now));
        row.put(NAME, group.name());
        row.put(TYPE, group.type());
        row.put(RESERVABLE_PORTS, group.reservablePorts());
        db.insertInto(TABLE).set(row).execute();
    }

    void updatePorts(DSLContext db, RouterGroup group, Instant now) {
        Map<Field<?>, Object> row = new LinkedHashMap<>();
        row.put(updatedAt.field(), updatedAt.bind(now));
        row.put(RESERVABLE_PORTS, group.reservablePorts());
        db.update(TABLE).set(row).where(GUID.eq(group.guid())).execute();
    }

    void delete(DSLContext db, String guid) {
        db.deleteFrom(TABLE).where(GUID.eq(guid)).execute();
    }
}
