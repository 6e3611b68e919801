package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.exception.IntegrityConstraintViolationException;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/domains}. */
final class Domains {
    private static final Pattern FORMAT = Pattern.compile(
            "([a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?\\.)+[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?");

    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final Jobs jobs;
    private final RouterGroups routerGroups;

    Domains(Api api, RouterGroups routerGroups) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.jobs = api.jobs();
        this.routerGroups = routerGroups;
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/domains", call -> list(call, visible.visibleDomains(call)))
                .post("/v3/domains", this::create)
                .get("/v3/domains/{guid}", call -> Reply.ok(present(visible.domain(call, call.guid()))))
                .patch("/v3/domains/{guid}", this::update)
                .delete("/v3/domains/{guid}", this::delete)
                .post("/v3/domains/{guid}/relationships/shared_organizations", this::share)
                .delete("/v3/domains/{guid}/relationships/shared_organizations/{organization}", this::unshare)
                .get("/v3/domains/{guid}/route_reservations", this::reservations);
    }

    Reply list(Call call, Condition restriction) {
        ListQuery query = call.list("names", "organization_guids", "label_selector");
        Condition where = restriction
                .and(query.common())
                .and(query.in("names", NAME))
                .and(query.in("organization_guids", ORGANIZATION_GUID))
                .and(LabelSelector.condition(query));
        Page<Domain> page = store.database.read(dsl -> store.domains.table.page(dsl, where, query));
        return Reply.ok(listing.document(call, query, page, Domain::guid, this::present));
    }

    private Reply create(Call call) {
        Body body = call.body()
                .allow(
                        "name",
                        "internal",
                        "router_group",
                        "relationships",
                        "metadata",
                        "enforce_route_policies",
                        "route_policies_scope");
        String name = body.requiredString("name").toLowerCase(Locale.ROOT);
        boolean internal = body.bool("internal").orElse(false);
        String routerGroup = body.node("router_group", "guid").asString("");
        String organizationGuid = body.relationship("organization").orElse("");
        Metadata metadata = Metadata.read(body);
        if (!name.isEmpty() && (name.length() > 253 || !FORMAT.matcher(name).matches())) {
            body.refuse("Name does not comply with RFC 1035 standards");
        }
        if (internal && !organizationGuid.isEmpty()) {
            body.refuse("Can not associate an internal domain with an organization");
        }
        if (internal && !routerGroup.isEmpty()) {
            body.refuse("Internal domains cannot be associated to a router group.");
        }
        if (!routerGroup.isEmpty() && !organizationGuid.isEmpty()) {
            body.refuse("Domains scoped to an organization cannot be associated to a router group.");
        }
        List<String> shared = body.node("relationships").has("shared_organizations")
                ? body.toMany(body.node("relationships", "shared_organizations"))
                : List.of();
        if (!shared.isEmpty() && organizationGuid.isEmpty()) {
            body.refuse("cannot contain shared_organizations without an owning organization.");
        }
        body.check();
        requireMayCreate(call, organizationGuid);
        if (!routerGroup.isEmpty()) {
            requireTcpGroup(routerGroup);
        }
        Domain domain = new Domain(
                store.stamps.create(), name, internal, nullIfEmpty(routerGroup), nullIfEmpty(organizationGuid));
        try {
            store.database.writeVoid(dsl -> {
                refuseOverlap(dsl, domain);
                store.domains.insert(dsl, domain);
                shared.forEach(organization -> store.domains.share(dsl, domain.guid(), organization));
                store.metadata.merge(dsl, domain.guid(), metadata);
            });
        } catch (IntegrityConstraintViolationException e) {
            ApiException taken = ApiException.unprocessable("The domain name \"" + name + "\" is already in use");
            taken.initCause(e);
            throw taken;
        }
        return Reply.created(present(domain));
    }

    private static @Nullable String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }

    private void requireMayCreate(Call call, String organizationGuid) {
        if (organizationGuid.isEmpty()) {
            call.permissions().requireAdmin();
            return;
        }
        Organization organization = store.database
                .read(dsl -> store.organizations.table.find(dsl, organizationGuid))
                .filter(found -> call.permissions().readsOrganization(found.guid()))
                .orElseThrow(() -> ApiException.unprocessable("Organization with guid '" + organizationGuid
                        + "' does not exist or you do not have access to it."));
        call.permissions().requireManager(organization);
        if (!call.permissions().admin()) {
            store.flags.require(call.permissions(), "private_domain_creation");
        }
    }

    private void requireTcpGroup(String guid) {
        RouterGroups.RouterGroup group = routerGroups
                .find(guid)
                .orElseThrow(() -> ApiException.unprocessable("Router group with guid '" + guid + "' not found."));
        if (!group.tcp()) {
            throw ApiException.unprocessable("Router group must be of type tcp.");
        }
    }

    /** Nobody may take a name above or below a domain that is not theirs, nor one that is a route. */
    private void refuseOverlap(DSLContext dsl, Domain domain) {
        if (store.domains.named(dsl, domain.name()).isPresent()) {
            throw ApiException.unprocessable("The domain name \"" + domain.name() + "\" is already in use");
        }
        for (Domain other : store.domains.table.all(dsl, DSL.noCondition())) {
            boolean nested =
                    domain.name().endsWith("." + other.name()) || other.name().endsWith("." + domain.name());
            boolean foreign = !other.shared() && !Objects.equals(other.organizationGuid(), domain.organizationGuid());
            boolean above = other.name().endsWith("." + domain.name()) && other.shared() && !domain.shared();
            if (nested && (foreign || above)) {
                throw ApiException.unprocessable("The domain name \"" + domain.name()
                        + "\" cannot be created because \"" + other.name()
                        + "\" is already reserved by another domain");
            }
        }
    }

    private Reply update(Call call) {
        Domain domain = visible.domain(call, call.guid());
        requireOwner(call, domain);
        Body body = call.body().allow("metadata");
        Metadata metadata = Metadata.read(body);
        body.check();
        store.database.writeVoid(dsl -> store.metadata.merge(dsl, domain.guid(), metadata));
        return Reply.ok(present(domain));
    }

    private void requireOwner(Call call, Domain domain) {
        String owner = domain.organizationGuid();
        if (owner == null) {
            call.permissions().requireAdmin();
        } else {
            call.permissions().requireManager(visible.organization(call, owner));
        }
    }

    private Reply delete(Call call) {
        Domain domain = visible.domain(call, call.guid());
        requireOwner(call, domain);
        return jobs.delete("domain", domain.guid());
    }

    private Reply share(Call call) {
        Domain domain = visible.domain(call, call.guid());
        requireOwner(call, domain);
        Body body = call.body().allow("data");
        List<String> guids = body.toMany(body.root());
        body.check();
        if (domain.shared()) {
            throw ApiException.unprocessable(
                    "Domains can not be shared with other organizations unless they are scoped to an organization.");
        }
        store.database.writeVoid(dsl -> guids.forEach(guid -> {
            if (store.organizations.table.find(dsl, guid).isEmpty()) {
                throw ApiException.unprocessable(
                        "Organization with guid '" + guid + "' does not exist, or you do not have access to it.");
            }
            store.domains.share(dsl, domain.guid(), guid);
        }));
        return Reply.ok(Docs.toMany(store.database.read(dsl -> store.domains.sharedWith(dsl, domain.guid()))));
    }

    private Reply unshare(Call call) {
        Domain domain = visible.domain(call, call.guid());
        requireOwner(call, domain);
        store.database.writeVoid(dsl -> store.domains.unshare(dsl, domain.guid(), call.parameter("organization")));
        return Reply.noContent();
    }

    private Reply reservations(Call call) {
        call.allowParameters("host", "path", "port");
        Domain domain = visible.domain(call, call.guid());
        String host = call.query().get("host", "");
        String path = call.query().get("path", "");
        String port = call.query().get("port", "0");
        if (!port.matches("\\d{1,5}")) {
            throw ApiException.badQuery("Port must be an integer");
        }
        boolean taken = store.database
                .read(dsl -> store.routes.find(dsl, domain.guid(), host, path, Integer.parseInt(port)))
                .isPresent();
        return Reply.ok(Docs.object().put("matching_route", taken));
    }

    ObjectNode present(Domain domain) {
        return present(domain, store.database.read(dsl -> store.metadata.of(dsl, domain.guid())));
    }

    ObjectNode present(Domain domain, Metadata metadata) {
        String self = "/domains/" + domain.guid();
        ObjectNode document =
                domain.stamp().document().put("name", domain.name()).put("internal", domain.internal());
        if (domain.routerGroupGuid() == null) {
            document.putNull("router_group");
        } else {
            document.putObject("router_group").put("guid", domain.routerGroupGuid());
        }
        document.putArray("supported_protocols").add(domain.tcp() ? "tcp" : "http");
        document.set("metadata", metadata.document());
        ObjectNode relationships = document.putObject("relationships");
        relationships.set("organization", Docs.toOne(domain.organizationGuid()));
        List<String> shared =
                domain.shared() ? List.of() : store.database.read(dsl -> store.domains.sharedWith(dsl, domain.guid()));
        relationships.set("shared_organizations", Docs.toMany(shared));
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link(self));
        links.set("route_reservations", urls.link(self + "/route_reservations"));
        if (domain.organizationGuid() != null) {
            links.set("organization", urls.link("/organizations/" + domain.organizationGuid()));
            links.set("shared_organizations", urls.link(self + "/relationships/shared_organizations"));
        }
        if (domain.routerGroupGuid() != null) {
            links.set("router_group", Docs.link(urls.base() + "/routing/v1/router_groups/" + domain.routerGroupGuid()));
        }
        return document;
    }

    void include(List<Domain> domains, ObjectNode included) {
        ArrayNode array = included.putArray("domains");
        Set<String> seen = new LinkedHashSet<>();
        domains.stream().filter(domain -> seen.add(domain.guid())).forEach(domain -> array.add(present(domain)));
    }
}
