package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.exception.IntegrityConstraintViolationException;
import org.jooq.impl.DSL;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/organization_quotas} and {@code /v3/space_quotas}. */
final class Quotas {
    private static final Map<String, List<String>> LIMITS = Map.of(
            "apps",
            List.of(
                    "total_memory_in_mb",
                    "per_process_memory_in_mb",
                    "total_instances",
                    "per_app_tasks",
                    "log_rate_limit_in_bytes_per_second"),
            "services",
            List.of("paid_services_allowed", "total_service_instances", "total_service_keys"),
            "routes",
            List.of("total_routes", "total_reserved_ports"),
            "domains",
            List.of("total_domains"));

    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final Jobs jobs;

    Quotas(Api api) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.jobs = api.jobs();
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/organization_quotas", this::list)
                .post("/v3/organization_quotas", this::create)
                .get("/v3/organization_quotas/{guid}", call -> Reply.ok(present(find(call, call.guid()))))
                .patch("/v3/organization_quotas/{guid}", this::update)
                .delete("/v3/organization_quotas/{guid}", this::delete)
                .post("/v3/organization_quotas/{guid}/relationships/organizations", this::assign)
                .get("/v3/space_quotas", this::listOfSpaces)
                .post("/v3/space_quotas", this::createOfSpace)
                .get("/v3/space_quotas/{guid}", call -> Reply.ok(presentOfSpace(findOfSpace(call, call.guid()))))
                .patch("/v3/space_quotas/{guid}", this::updateOfSpace)
                .delete("/v3/space_quotas/{guid}", this::deleteOfSpace)
                .post("/v3/space_quotas/{guid}/relationships/spaces", this::apply)
                .delete("/v3/space_quotas/{guid}/relationships/spaces/{space}", this::remove);
    }

    private Reply list(Call call) {
        ListQuery query = call.list("names", "organization_guids").orderedByName();
        Condition where = seen(call).and(query.common()).and(query.in("names", NAME));
        if (query.has("organization_guids")) {
            where = where.and(GUID.in(DSL.select(OrganizationRepository.QUOTA_GUID)
                    .from(OrganizationRepository.ORGANIZATIONS)
                    .where(GUID.in(query.values("organization_guids")))));
        }
        Condition all = where;
        Page<Quota> page = store.database.read(dsl -> store.quotas.ofOrganizations.page(dsl, all, query));
        return listing.reply(call, query, page, this::present);
    }

    /** The quotas of the caller's organizations. */
    private static Condition seen(Call call) {
        return call.caller().readsEverything()
                ? DSL.noCondition()
                : GUID.in(DSL.select(OrganizationRepository.QUOTA_GUID)
                        .from(OrganizationRepository.ORGANIZATIONS)
                        .where(call.permissions().visibleOrganizations(GUID)));
    }

    private Quota find(Call call, String guid) {
        return store.database
                .read(dsl -> store.quotas.ofOrganizations.findWhere(
                        dsl, GUID.eq(guid).and(seen(call))))
                .orElseThrow(() -> ApiException.notFound("Organization quota"));
    }

    private Reply create(Call call) {
        call.permissions().requireAdmin();
        Body body = call.body().allow("name", "apps", "services", "routes", "domains", "relationships");
        String name = body.requiredString("name");
        ObjectNode limits = merged(unlimited(true), body);
        List<String> organizations = body.node("relationships").has("organizations")
                ? body.toMany(body.node("relationships", "organizations"))
                : List.of();
        body.check();
        Quota quota = new Quota(store.stamps.create(), name, "", limits);
        unique(
                "Organization Quota '" + name + "' already exists.",
                () -> store.database.writeVoid(dsl -> {
                    store.quotas.insertOfOrganization(dsl, quota);
                    assign(dsl, quota, organizations);
                }));
        return Reply.created(present(quota));
    }

    private Reply update(Call call) {
        call.permissions().requireAdmin();
        Quota quota = find(call, call.guid());
        Body body = call.body().allow("name", "apps", "services", "routes", "domains");
        String name = body.name("name").orElse(quota.name());
        ObjectNode limits = merged(quota.limits().deepCopy(), body);
        body.check();
        unique(
                "Organization Quota '" + name + "' already exists.",
                () -> store.database.writeVoid(dsl -> store.quotas.update(
                        dsl, store.quotas.ofOrganizations, quota.guid(), name, limits, store.stamps.micros())));
        return Reply.ok(present(find(call, call.guid())));
    }

    private Reply delete(Call call) {
        call.permissions().requireAdmin();
        Quota quota = find(call, call.guid());
        if (!organizationsOf(quota).isEmpty()) {
            throw ApiException.unprocessable(
                    "This quota is applied to one or more organizations. Apply different quotas to those organizations before deleting.");
        }
        return jobs.delete("organization_quota", quota.guid());
    }

    private Reply assign(Call call) {
        call.permissions().requireAdmin();
        Quota quota = find(call, call.guid());
        Body body = call.body().allow("data");
        List<String> guids = body.toMany(body.root());
        body.check();
        store.database.writeVoid(dsl -> assign(dsl, quota, guids));
        ObjectNode document = Docs.toMany(organizationsOf(quota));
        document.putObject("links")
                .set("self", urls.link("/organization_quotas/" + quota.guid() + "/relationships/organizations"));
        return Reply.ok(document);
    }

    private void assign(DSLContext dsl, Quota quota, List<String> organizationGuids) {
        for (String guid : organizationGuids) {
            Organization organization = store.organizations
                    .table
                    .find(dsl, guid)
                    .orElseThrow(() -> ApiException.unprocessable("Organizations with guids [\"" + guid
                            + "\"] do not exist, or you do not have access to them."));
            store.organizations.update(
                    dsl,
                    new Organization(organization.stamp(), organization.name(), organization.suspended(), quota.guid()),
                    store.stamps.micros());
        }
    }

    private List<String> organizationsOf(Quota quota) {
        return store.database.read(dsl -> dsl.select(GUID)
                .from(OrganizationRepository.ORGANIZATIONS)
                .where(OrganizationRepository.QUOTA_GUID.eq(quota.guid()))
                .fetch(GUID));
    }

    private Reply listOfSpaces(Call call) {
        ListQuery query =
                call.list("names", "organization_guids", "space_guids").orderedByName();
        Condition where = seenOfSpaces(call)
                .and(query.common())
                .and(query.in("names", NAME))
                .and(query.in("organization_guids", ORGANIZATION_GUID));
        if (query.has("space_guids")) {
            where = where.and(GUID.in(DSL.select(SpaceRepository.QUOTA_GUID)
                    .from(SpaceRepository.SPACES)
                    .where(GUID.in(query.values("space_guids")))));
        }
        Condition all = where;
        Page<Quota> page = store.database.read(dsl -> store.quotas.ofSpaces.page(dsl, all, query));
        return listing.reply(call, query, page, this::presentOfSpace);
    }

    private static Condition seenOfSpaces(Call call) {
        if (call.caller().readsEverything()) {
            return DSL.noCondition();
        }
        return ORGANIZATION_GUID
                .in(RoleRepository.organizationsOf(call.caller().guid(), List.of(RoleType.ORGANIZATION_MANAGER)))
                .or(GUID.in(DSL.select(SpaceRepository.QUOTA_GUID)
                        .from(SpaceRepository.SPACES)
                        .where(call.permissions().visibleSpaces(GUID))));
    }

    private Quota findOfSpace(Call call, String guid) {
        return store.database
                .read(dsl -> store.quotas.ofSpaces.findWhere(dsl, GUID.eq(guid).and(seenOfSpaces(call))))
                .orElseThrow(() -> ApiException.notFound("Space quota"));
    }

    private Reply createOfSpace(Call call) {
        Body body = call.body().allow("name", "apps", "services", "routes", "relationships");
        String name = body.requiredString("name");
        String organizationGuid = body.requiredRelationship("organization");
        ObjectNode limits = merged(unlimited(false), body);
        List<String> spaces = body.node("relationships").has("spaces")
                ? body.toMany(body.node("relationships", "spaces"))
                : List.of();
        body.check();
        Organization organization = store.database
                .read(dsl -> store.organizations.table.find(dsl, organizationGuid))
                .filter(found -> call.permissions().readsOrganization(found.guid()))
                .orElseThrow(() -> ApiException.unprocessable("Organization with guid '" + organizationGuid
                        + "' does not exist, or you do not have access to it."));
        call.permissions().requireManager(organization);
        Quota quota = new Quota(store.stamps.create(), name, organizationGuid, limits);
        unique(
                "Space Quota '" + name + "' already exists.",
                () -> store.database.writeVoid(dsl -> {
                    store.quotas.insertOfSpace(dsl, quota);
                    spaces.forEach(guid -> applyTo(dsl, quota, guid));
                }));
        return Reply.created(presentOfSpace(quota));
    }

    private Reply updateOfSpace(Call call) {
        Quota quota = findOfSpace(call, call.guid());
        requireManager(call, quota);
        Body body = call.body().allow("name", "apps", "services", "routes");
        String name = body.name("name").orElse(quota.name());
        ObjectNode limits = merged(quota.limits().deepCopy(), body);
        body.check();
        unique(
                "Space Quota '" + name + "' already exists.",
                () -> store.database.writeVoid(dsl -> store.quotas.update(
                        dsl, store.quotas.ofSpaces, quota.guid(), name, limits, store.stamps.micros())));
        return Reply.ok(presentOfSpace(findOfSpace(call, call.guid())));
    }

    private Reply deleteOfSpace(Call call) {
        Quota quota = findOfSpace(call, call.guid());
        requireManager(call, quota);
        return jobs.delete("space_quota", quota.guid());
    }

    private Reply apply(Call call) {
        Quota quota = findOfSpace(call, call.guid());
        requireManager(call, quota);
        Body body = call.body().allow("data");
        List<String> guids = body.toMany(body.root());
        body.check();
        store.database.writeVoid(dsl -> guids.forEach(guid -> applyTo(dsl, quota, guid)));
        ObjectNode document = Docs.toMany(spacesOf(quota));
        document.putObject("links").set("self", urls.link("/space_quotas/" + quota.guid() + "/relationships/spaces"));
        return Reply.ok(document);
    }

    private void applyTo(DSLContext dsl, Quota quota, String spaceGuid) {
        boolean inOrganization = store.spaces
                .table
                .find(dsl, spaceGuid)
                .filter(space -> space.organizationGuid().equals(quota.organizationGuid()))
                .isPresent();
        if (!inOrganization) {
            throw ApiException.unprocessable("Spaces with guids [\"" + spaceGuid
                    + "\"] do not exist within the organization specified, or you do not have access to them.");
        }
        store.spaces.setQuota(dsl, spaceGuid, quota.guid(), store.stamps.micros());
    }

    private Reply remove(Call call) {
        Quota quota = findOfSpace(call, call.guid());
        requireManager(call, quota);
        Space space = visible.space(call, call.parameter("space"));
        if (!quota.guid().equals(space.quotaGuid())) {
            throw ApiException.unprocessable("Unable to remove quota from space with guid '" + space.guid()
                    + "'. Ensure the space quota is applied to this space.");
        }
        store.database.writeVoid(dsl -> store.spaces.setQuota(dsl, space.guid(), null, store.stamps.micros()));
        return Reply.noContent();
    }

    private void requireManager(Call call, Quota quota) {
        call.permissions().requireManager(visible.organization(call, quota.organizationGuid()));
    }

    private List<String> spacesOf(Quota quota) {
        return store.database.read(dsl -> dsl.select(GUID)
                .from(SpaceRepository.SPACES)
                .where(SpaceRepository.QUOTA_GUID.eq(quota.guid()))
                .fetch(GUID));
    }

    private static void unique(String taken, Runnable write) {
        try {
            write.run();
        } catch (IntegrityConstraintViolationException e) {
            ApiException refused = ApiException.unprocessable(taken);
            refused.initCause(e);
            throw refused;
        }
    }

    static ObjectNode unlimited(boolean withDomains) {
        ObjectNode limits = Docs.object();
        List<String> groups = new ArrayList<>(List.of("apps", "services", "routes"));
        if (withDomains) {
            groups.add("domains");
        }
        for (String group : groups) {
            ObjectNode node = limits.putObject(group);
            Optional.ofNullable(LIMITS.get(group)).orElse(List.of()).forEach(node::putNull);
        }
        ((ObjectNode) limits.path("services")).put("paid_services_allowed", true);
        return limits;
    }

    /** The limits with what the body sets. */
    private static ObjectNode merged(ObjectNode limits, Body body) {
        for (String group : List.copyOf(limits.propertyNames())) {
            JsonNode given = body.node(group);
            if (given.isMissingNode() || given.isNull()) {
                continue;
            }
            if (!given.isObject()) {
                body.refuse(Body.label(group) + " must be an object");
                continue;
            }
            ObjectNode target = (ObjectNode) limits.path(group);
            given.properties().forEach(entry -> {
                String key = entry.getKey();
                JsonNode value = entry.getValue();
                if (!target.has(key)) {
                    body.refuse(Body.label(group) + " Unknown field(s): '" + key + "'");
                } else if (key.equals("paid_services_allowed") ? !value.isBoolean() : !limit(value)) {
                    body.refuse(Body.label(group) + " " + Body.label(key)
                            + (value.isNumber() ? " must be greater than or equal to 0" : " is not a number"));
                } else {
                    target.set(key, value);
                }
            });
        }
        return limits;
    }

    private static boolean limit(JsonNode value) {
        return value.isNull() || (value.isIntegralNumber() && value.asLong() >= 0);
    }

    private ObjectNode present(Quota quota) {
        ObjectNode document = quota.stamp().document().put("name", quota.name());
        document.setAll(quota.limits().deepCopy());
        document.putObject("relationships").set("organizations", Docs.toMany(organizationsOf(quota)));
        document.putObject("links").set("self", urls.link("/organization_quotas/" + quota.guid()));
        return document;
    }

    private ObjectNode presentOfSpace(Quota quota) {
        ObjectNode document = quota.stamp().document().put("name", quota.name());
        document.setAll(quota.limits().deepCopy());
        ObjectNode relationships = document.putObject("relationships");
        relationships.set("organization", Docs.toOne(quota.organizationGuid()));
        relationships.set("spaces", Docs.toMany(spacesOf(quota)));
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/space_quotas/" + quota.guid()));
        links.set("organization", urls.link("/organizations/" + quota.organizationGuid()));
        return document;
    }
}
