package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;

import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.exception.IntegrityConstraintViolationException;
import org.jooq.impl.DSL;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/organizations}. */
final class Organizations {
    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final Jobs jobs;
    private final Domains domains;

    Organizations(Api api, Domains domains) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.jobs = api.jobs();
        this.domains = domains;
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/organizations", this::list)
                .post("/v3/organizations", this::create)
                .get("/v3/organizations/{guid}", call -> Reply.ok(present(visible.organization(call, call.guid()))))
                .patch("/v3/organizations/{guid}", this::update)
                .delete("/v3/organizations/{guid}", this::delete)
                .get("/v3/organizations/{guid}/domains", this::domains)
                .get("/v3/organizations/{guid}/domains/default", this::defaultDomain)
                .get("/v3/organizations/{guid}/relationships/default_isolation_segment", this::isolationSegment)
                .get("/v3/organizations/{guid}/usage_summary", this::usage);
    }

    private Reply list(Call call) {
        ListQuery query =
                call.list("names", "label_selector", "isolation_segment_guids").orderedByName();
        Condition where = call.permissions()
                .visibleOrganizations(GUID)
                .and(query.common())
                .and(query.in("names", NAME))
                .and(LabelSelector.condition(query));
        Page<Organization> page = store.database.read(dsl -> store.organizations.table.page(dsl, where, query));
        return Reply.ok(listing.document(call, query, page, Organization::guid, this::present));
    }

    private Reply create(Call call) {
        Permissions permissions = call.permissions();
        if (!permissions.admin()) {
            if (!store.flags.enabled("user_org_creation")) {
                throw ApiException.notAuthorized();
            }
        }
        Body body = call.body().allow("name", "suspended", "metadata");
        String name = body.requiredString("name");
        boolean suspended = body.bool("suspended").orElse(false);
        Metadata metadata = Metadata.read(body);
        body.check();
        try {
            Organization created = store.database.write(dsl -> {
                Quota quota = store.quotas
                        .ofOrganizations
                        .findWhere(dsl, DSL.noCondition())
                        .orElseThrow(() -> new IllegalStateException("no organization quota exists"));
                Organization organization = new Organization(store.stamps.create(), name, suspended, quota.guid());
                store.organizations.insert(dsl, organization);
                store.metadata.merge(dsl, organization.guid(), metadata);
                if (!permissions.admin()) {
                    for (RoleType type : new RoleType[] {RoleType.ORGANIZATION_USER, RoleType.ORGANIZATION_MANAGER}) {
                        store.roles.insert(
                                dsl,
                                new Role(
                                        store.stamps.create(),
                                        type,
                                        call.caller().guid(),
                                        organization.guid(),
                                        null));
                    }
                }
                event(dsl, call, "audit.organization.create", organization);
                return organization;
            });
            return Reply.created(present(created));
        } catch (IntegrityConstraintViolationException e) {
            throw nameTaken(name, e);
        }
    }

    private Reply update(Call call) {
        Organization organization = visible.organization(call, call.guid());
        call.permissions().requireManager(organization);
        Body body = call.body().allow("name", "suspended", "metadata");
        Optional<String> name = body.name("name");
        Optional<Boolean> suspended = body.bool("suspended");
        Metadata metadata = Metadata.read(body);
        body.check();
        if (suspended.isPresent() && suspended.get() != organization.suspended()) {
            call.permissions().requireAdmin();
        }
        try {
            Organization changed = new Organization(
                    organization.stamp(),
                    name.orElse(organization.name()),
                    suspended.orElse(organization.suspended()),
                    organization.quotaGuid());
            store.database.writeVoid(dsl -> {
                store.organizations.update(dsl, changed, store.stamps.micros());
                store.metadata.merge(dsl, organization.guid(), metadata);
                event(dsl, call, "audit.organization.update", changed);
            });
            return Reply.ok(present(visible.organization(call, call.guid())));
        } catch (IntegrityConstraintViolationException e) {
            throw nameTaken(name.orElse(""), e);
        }
    }

    private Reply delete(Call call) {
        Organization organization = visible.organization(call, call.guid());
        call.permissions().requireAdmin();
        store.database.writeVoid(dsl -> event(dsl, call, "audit.organization.delete-request", organization));
        return jobs.delete("organization", organization.guid());
    }

    private Reply domains(Call call) {
        Organization organization = visible.organization(call, call.guid());
        return domains.list(call, DomainRepository.usableIn(organization.guid()));
    }

    private Reply defaultDomain(Call call) {
        Organization organization = visible.organization(call, call.guid());
        return store.database
                .read(dsl -> store.domains.defaultOf(dsl, organization.guid()))
                .map(domain -> Reply.ok(domains.present(domain)))
                .orElseThrow(() -> ApiException.notFound("Default domain"));
    }

    private Reply isolationSegment(Call call) {
        Organization organization = visible.organization(call, call.guid());
        ObjectNode document = Docs.toOne(null);
        document.putObject("links")
                .set(
                        "self",
                        urls.link(
                                "/organizations/" + organization.guid() + "/relationships/default_isolation_segment"));
        return Reply.ok(document);
    }

    private Reply usage(Call call) {
        Organization organization = visible.organization(call, call.guid());
        Usage usage = store.database.read(dsl -> Usage.ofOrganization(dsl, organization.guid()));
        ObjectNode document = Docs.object();
        document.set("usage_summary", usage.document());
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/organizations/" + organization.guid() + "/usage_summary"));
        links.set("organization", urls.link("/organizations/" + organization.guid()));
        return Reply.ok(document);
    }

    ObjectNode present(Organization organization) {
        return present(organization, store.database.read(dsl -> store.metadata.of(dsl, organization.guid())));
    }

    ObjectNode present(Organization organization, Metadata metadata) {
        String self = "/organizations/" + organization.guid();
        ObjectNode document = organization
                .stamp()
                .document()
                .put("name", organization.name())
                .put("suspended", organization.suspended());
        document.putObject("relationships").set("quota", Docs.toOne(organization.quotaGuid()));
        document.set("metadata", metadata.document());
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link(self));
        links.set("domains", urls.link(self + "/domains"));
        links.set("default_domain", urls.link(self + "/domains/default"));
        links.set("quota", urls.link("/organization_quotas/" + organization.quotaGuid()));
        return document;
    }

    private void event(DSLContext dsl, Call call, String type, Organization organization) {
        store.events.record(
                dsl,
                AuditEvents.Party.of(call.caller()),
                type,
                new AuditEvents.Party(organization.guid(), "organization", organization.name()),
                Docs.object(),
                null,
                organization.guid());
    }

    private static ApiException nameTaken(String name, Throwable cause) {
        ApiException taken = ApiException.unprocessable("Organization '" + name + "' already exists.");
        taken.initCause(cause);
        return taken;
    }
}
