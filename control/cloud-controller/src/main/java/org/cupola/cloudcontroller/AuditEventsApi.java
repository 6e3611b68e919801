package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;
import static org.cupola.cloudcontroller.Columns.TYPE;

import java.util.List;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/audit_events}. */
final class AuditEventsApi {
    private static final List<RoleType> SPACE_READERS =
            List.of(RoleType.SPACE_AUDITOR, RoleType.SPACE_DEVELOPER, RoleType.SPACE_SUPPORTER);

    private final Store store;
    private final Urls urls;
    private final Listing listing;

    AuditEventsApi(Api api) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/audit_events", this::list).get("/v3/audit_events/{guid}", this::show);
    }

    private static Condition seen(Call call) {
        if (call.caller().readsEverything()) {
            return DSL.noCondition();
        }
        String user = call.caller().guid();
        return SPACE_GUID
                .in(RoleRepository.spacesOf(user, SPACE_READERS))
                .or(ORGANIZATION_GUID.in(RoleRepository.organizationsOf(user, List.of(RoleType.ORGANIZATION_AUDITOR))));
    }

    private Reply list(Call call) {
        ListQuery query = call.list("types", "target_guids", "target_guids[]", "space_guids", "organization_guids");
        Condition where = seen(call)
                .and(query.common())
                .and(query.in("types", TYPE))
                .and(query.in("target_guids", AuditEvents.TARGET_GUID))
                .and(query.in("space_guids", SPACE_GUID))
                .and(query.in("organization_guids", ORGANIZATION_GUID));
        if (query.has("target_guids[not]")) {
            where = where.and(AuditEvents.TARGET_GUID.notIn(query.values("target_guids[not]")));
        }
        Condition all = where;
        Page<AuditEvents.Event> page = store.database.read(dsl -> store.events.table.page(dsl, all, query));
        return listing.reply(call, query, page, this::present);
    }

    private Reply show(Call call) {
        return store.database
                .read(dsl ->
                        store.events.table.findWhere(dsl, GUID.eq(call.guid()).and(seen(call))))
                .map(event -> Reply.ok(present(event)))
                .orElseThrow(() -> ApiException.notFound("Event"));
    }

    private ObjectNode present(AuditEvents.Event event) {
        ObjectNode document = event.stamp().document().put("type", event.type());
        document.set("actor", party(event.actor()));
        document.set("target", party(event.target()));
        document.set("data", event.data());
        document.set("space", event.spaceGuid() == null ? Docs.orNull(null) : Docs.guid(event.spaceGuid()));
        document.set(
                "organization",
                event.organizationGuid() == null ? Docs.orNull(null) : Docs.guid(event.organizationGuid()));
        document.putObject("links")
                .set("self", urls.link("/audit_events/" + event.stamp().guid()));
        return document;
    }

    private static ObjectNode party(AuditEvents.Party party) {
        return Docs.object().put("guid", party.guid()).put("type", party.type()).put("name", party.name());
    }
}
