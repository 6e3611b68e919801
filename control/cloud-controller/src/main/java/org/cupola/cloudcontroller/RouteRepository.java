package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.integer;
import static org.cupola.cloudcontroller.Columns.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import tools.jackson.databind.node.ObjectNode;

/** Routes, as stored, each with its domain. Blocking; any thread. */
final class RouteRepository {
    static final Table<?> ROUTES = Columns.table("routes");
    static final Table<?> SHARES = Columns.table("route_shares");
    static final Field<String> ROUTE_GUID = guid("route_guid");
    static final Field<String> DOMAIN_GUID = DomainRepository.DOMAIN_GUID;
    static final Field<String> HOST = guid("host");
    static final Field<String> PATH = guid("path");
    static final Field<Integer> PORT = integer("port");
    static final Field<String> OPTIONS = text("options");

    private final ResourceTable<Row> table = new ResourceTable<>(ROUTES, RouteRepository::toRow);
    private final DomainRepository domains;

    /** A route that does not know its domain yet. */
    private record Row(
            Stamp stamp, String spaceGuid, String domainGuid, String host, String path, int port, ObjectNode options) {}

    RouteRepository(DomainRepository domains) {
        this.domains = domains;
    }

    void insert(DSLContext dsl, Route route) {
        table.insert(dsl, route.stamp())
                .set(SPACE_GUID, route.spaceGuid())
                .set(DOMAIN_GUID, route.domain().guid())
                .set(HOST, route.host())
                .set(PATH, route.path())
                .set(PORT, route.port())
                .set(OPTIONS, route.options().toString())
                .execute();
    }

    void setOptions(DSLContext dsl, String guid, ObjectNode options, long now) {
        table.update(dsl, now)
                .set(OPTIONS, options.toString())
                .where(GUID.eq(guid))
                .execute();
    }

    void setSpace(DSLContext dsl, String guid, String spaceGuid, long now) {
        table.update(dsl, now).set(SPACE_GUID, spaceGuid).where(GUID.eq(guid)).execute();
    }

    Optional<Route> find(DSLContext dsl, String guid) {
        return all(dsl, GUID.eq(guid)).stream().findFirst();
    }

    Optional<Route> find(DSLContext dsl, String domainGuid, String host, String path, int port) {
        return all(
                        dsl,
                        DOMAIN_GUID
                                .eq(domainGuid)
                                .and(HOST.eq(host))
                                .and(PATH.eq(path))
                                .and(PORT.eq(port)))
                .stream()
                .findFirst();
    }

    List<Route> all(DSLContext dsl, Condition where) {
        return withDomains(dsl, table.all(dsl, where));
    }

    Page<Route> page(DSLContext dsl, Condition where, ListQuery query) {
        Page<Row> rows = table.page(dsl, where, query);
        return new Page<>(rows.total(), withDomains(dsl, rows.items()));
    }

    int count(DSLContext dsl, Condition where) {
        return table.count(dsl, where);
    }

    boolean exists(DSLContext dsl, Condition where) {
        return table.exists(dsl, where);
    }

    void delete(DSLContext dsl, Collection<String> guids) {
        dsl.deleteFrom(SHARES).where(ROUTE_GUID.in(guids)).execute();
        dsl.deleteFrom(DestinationRepository.DESTINATIONS)
                .where(ROUTE_GUID.in(guids))
                .execute();
        table.delete(dsl, GUID.in(guids));
    }

    List<String> sharedWith(DSLContext dsl, String guid) {
        return dsl.select(SPACE_GUID).from(SHARES).where(ROUTE_GUID.eq(guid)).fetch(SPACE_GUID);
    }

    void share(DSLContext dsl, String guid, String spaceGuid) {
        if (!sharedWith(dsl, guid).contains(spaceGuid)) {
            dsl.insertInto(SHARES)
                    .set(ROUTE_GUID, guid)
                    .set(SPACE_GUID, spaceGuid)
                    .execute();
        }
    }

    void unshare(DSLContext dsl, String guid, String spaceGuid) {
        dsl.deleteFrom(SHARES)
                .where(ROUTE_GUID.eq(guid), SPACE_GUID.eq(spaceGuid))
                .execute();
    }

    private List<Route> withDomains(DSLContext dsl, List<Row> rows) {
        Map<String, Domain> byGuid = new HashMap<>();
        domains.table
                .all(dsl, rows.stream().map(Row::domainGuid).distinct().toList())
                .forEach(domain -> byGuid.put(domain.guid(), domain));
        List<Route> routes = new ArrayList<>();
        for (Row row : rows) {
            Domain domain = byGuid.get(row.domainGuid());
            if (domain != null) {
                routes.add(new Route(
                        row.stamp(), row.spaceGuid(), domain, row.host(), row.path(), row.port(), row.options()));
            }
        }
        return routes;
    }

    private static Row toRow(Record row) {
        return new Row(
                ResourceTable.stamp(row),
                row.get(SPACE_GUID),
                row.get(DOMAIN_GUID),
                row.get(HOST),
                row.get(PATH),
                row.get(PORT),
                Docs.parse(row.get(OPTIONS)));
    }
}
