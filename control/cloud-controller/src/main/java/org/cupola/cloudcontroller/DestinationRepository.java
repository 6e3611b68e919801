package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.integer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jspecify.annotations.Nullable;

/** Which route leads to which process type. Blocking; any thread. */
final class DestinationRepository {
    static final Table<?> DESTINATIONS = Columns.table("destinations");
    static final Field<String> ROUTE_GUID = RouteRepository.ROUTE_GUID;
    static final Field<String> PROCESS_TYPE = guid("process_type");
    static final Field<Integer> APP_PORT = integer("app_port");
    static final Field<String> PROTOCOL = guid("protocol");
    static final Field<Integer> WEIGHT = integer("weight");

    final ResourceTable<Destination> table = new ResourceTable<>(DESTINATIONS, DestinationRepository::toDestination);

    void insert(DSLContext dsl, Destination destination) {
        table.insert(dsl, destination.stamp())
                .set(ROUTE_GUID, destination.routeGuid())
                .set(APP_GUID, destination.appGuid())
                .set(PROCESS_TYPE, destination.processType())
                .set(APP_PORT, destination.port())
                .set(PROTOCOL, destination.protocol())
                .set(WEIGHT, destination.weight())
                .execute();
    }

    void setProtocol(DSLContext dsl, String guid, @Nullable String protocol, long now) {
        table.update(dsl, now).set(PROTOCOL, protocol).where(GUID.eq(guid)).execute();
    }

    List<Destination> ofRoute(DSLContext dsl, String routeGuid) {
        return table.all(dsl, ROUTE_GUID.eq(routeGuid));
    }

    Map<String, List<Destination>> ofRoutes(DSLContext dsl, Collection<String> routeGuids) {
        Map<String, List<Destination>> byRoute = new HashMap<>();
        if (!routeGuids.isEmpty()) {
            all(dsl, ROUTE_GUID.in(routeGuids))
                    .forEach(destination -> byRoute.computeIfAbsent(destination.routeGuid(), _ -> new ArrayList<>())
                            .add(destination));
        }
        return byRoute;
    }

    List<Destination> all(DSLContext dsl, Condition where) {
        return table.all(dsl, where);
    }

    void delete(DSLContext dsl, Condition where) {
        table.delete(dsl, where);
    }

    private static Destination toDestination(Record row) {
        return new Destination(
                ResourceTable.stamp(row),
                row.get(ROUTE_GUID),
                row.get(APP_GUID),
                row.get(PROCESS_TYPE),
                row.get(APP_PORT),
                row.get(PROTOCOL),
                row.get(WEIGHT));
    }
}
