package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;

import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/** Finds what a request names; what the caller may not see is not found. Blocking; any thread. */
final class Visible {
    private final Store store;

    /** An app and where it is. */
    record AppIn(App app, Space space) {
        String guid() {
            return app.guid();
        }
    }

    /** A process, its app and where that is. */
    record ProcessIn(ProcessRow process, App app, Space space) {}

    Visible(Store store) {
        this.store = store;
    }

    Organization organization(Call call, String guid) {
        return store.database
                .read(dsl -> store.organizations.table.find(dsl, guid))
                .filter(organization -> call.permissions().readsOrganization(organization.guid()))
                .orElseThrow(() -> ApiException.notFound("Organization"));
    }

    Space space(Call call, String guid) {
        return findSpace(call, guid).orElseThrow(() -> ApiException.notFound("Space"));
    }

    Optional<Space> findSpace(Call call, String guid) {
        return store.database
                .read(dsl -> store.spaces.table.find(dsl, guid))
                .filter(space -> call.permissions().readsSpace(space));
    }

    AppIn app(Call call, String guid) {
        return findApp(call, guid).orElseThrow(() -> ApiException.notFound("App"));
    }

    Optional<AppIn> findApp(Call call, String guid) {
        return store.database
                .read(dsl -> store.apps.table.find(dsl, guid))
                .flatMap(app -> findSpace(call, app.spaceGuid()).map(space -> new AppIn(app, space)));
    }

    ProcessIn process(Call call, String guid) {
        return store.database
                .read(dsl -> store.processes.table.find(dsl, guid))
                .flatMap(process ->
                        findApp(call, process.appGuid()).map(in -> new ProcessIn(process, in.app(), in.space())))
                .orElseThrow(() -> ApiException.notFound("Process"));
    }

    /** By app and type, as {@code /v3/apps/:guid/processes/:type} names it. */
    ProcessIn processOfApp(Call call, String appGuid, String type) {
        AppIn in = app(call, appGuid);
        return store.database
                .read(dsl -> store.processes.ofApp(dsl, appGuid, type))
                .map(process -> new ProcessIn(process, in.app(), in.space()))
                .orElseThrow(() -> ApiException.notFound("Process"));
    }

    /** The app that a package, build, droplet or deployment belongs to, if the caller sees it. */
    AppIn owner(Call call, String appGuid, String resource) {
        return findApp(call, appGuid).orElseThrow(() -> ApiException.notFound(resource));
    }

    Route route(Call call, String guid) {
        return store.database
                .read(dsl -> store.routes.find(dsl, guid))
                .filter(route -> store.database
                        .read(dsl -> store.spaces.table.find(dsl, route.spaceGuid()))
                        .filter(space -> call.permissions().readsRoutes(space))
                        .isPresent())
                .orElseThrow(() -> ApiException.notFound("Route"));
    }

    Domain domain(Call call, String guid) {
        return store.database
                .read(dsl -> store.domains.table.findWhere(dsl, GUID.eq(guid).and(visibleDomains(call))))
                .orElseThrow(() -> ApiException.notFound("Domain"));
    }

    Condition visibleDomains(Call call) {
        if (call.caller().readsEverything()) {
            return DSL.noCondition();
        }
        return Columns.ORGANIZATION_GUID
                .isNull()
                .or(call.permissions().visibleOrganizations(Columns.ORGANIZATION_GUID))
                .or(GUID.in(DSL.select(DomainRepository.DOMAIN_GUID)
                        .from(DomainRepository.SHARES)
                        .where(call.permissions().visibleOrganizations(Columns.ORGANIZATION_GUID))));
    }

    Space spaceOf(DSLContext dsl, String guid) {
        return store.spaces
                .table
                .find(dsl, guid)
                .orElseThrow(() -> new IllegalStateException("space " + guid + " does not exist"));
    }
}
