package org.cupola.routingapi;

import java.time.Instant;
import java.util.List;
import org.cupola.protocol.routing.HttpRoute;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jspecify.annotations.Nullable;

/** Table {@code routes}. */
final class HttpRouteRows extends RouteRows<HttpRoute> {
    private static final Field<String> ROUTE = text("route");
    private static final Field<Integer> PORT = number("port");
    private static final Field<String> IP = text("ip");
    private static final Field<String> LOG_GUID = text("log_guid");
    private static final Field<String> ROUTE_SERVICE_URL = text("route_service_url");

    private final TimeColumn createdAt;
    private final TimeColumn updatedAt;
    private final TimeColumn expiresAt;

    HttpRouteRows(SQLDialect dialect) {
        super("routes");
        this.createdAt = new TimeColumn("created_at", dialect);
        this.updatedAt = new TimeColumn("updated_at", dialect);
        this.expiresAt = new TimeColumn("expires_at", dialect);
    }

    @Override
    List<Field<?>> allFields() {
        return List.of(
                GUID,
                createdAt.field(),
                updatedAt.field(),
                expiresAt.field(),
                ROUTE,
                PORT,
                IP,
                TTL,
                LOG_GUID,
                ROUTE_SERVICE_URL,
                MODIFICATION_GUID,
                MODIFICATION_INDEX);
    }

    @Override
    StoredRoute<HttpRoute> read(Record row) {
        var route = new HttpRoute(
                text(row, ROUTE),
                number(row, PORT),
                text(row, IP),
                row.get(TTL),
                text(row, LOG_GUID),
                text(row, ROUTE_SERVICE_URL),
                tag(row));
        return new StoredRoute<>(text(row, GUID), route, expiresAt.read(row));
    }

    @Override
    @Nullable
    Object[] allValues(StoredRoute<HttpRoute> row, Instant now) {
        HttpRoute route = row.route();
        return new @Nullable Object[] {
            row.rowGuid(),
            createdAt.bind(now),
            updatedAt.bind(now),
            expiresAt.bind(row.expiresAt()),
            route.route(),
            route.port(),
            route.ip(),
            route.ttl(),
            route.logGuid(),
            route.routeServiceUrl(),
            route.modificationTag().guid(),
            route.modificationTag().index()
        };
    }

    @Override
    List<Field<?>> changingFields() {
        return List.of(updatedAt.field(), expiresAt.field(), TTL, LOG_GUID, MODIFICATION_GUID, MODIFICATION_INDEX);
    }

    @Override
    @Nullable
    Object[] changingValues(StoredRoute<HttpRoute> row, Instant now) {
        HttpRoute route = row.route();
        return new @Nullable Object[] {
            updatedAt.bind(now),
            expiresAt.bind(row.expiresAt()),
            route.ttl(),
            route.logGuid(),
            route.modificationTag().guid(),
            route.modificationTag().index(),
            row.rowGuid()
        };
    }
}
