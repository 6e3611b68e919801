package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;

import com.linecorp.armeria.common.HttpStatus;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.exception.IntegrityConstraintViolationException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/spaces}, without manifests. */
final class Spaces {
    private static final String NAME_TAKEN = "Name must be unique per organization";

    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final Jobs jobs;
    private final Organizations organizations;

    Spaces(Api api, Organizations organizations) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.jobs = api.jobs();
        this.organizations = organizations;
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/spaces", this::list)
                .post("/v3/spaces", this::create)
                .get("/v3/spaces/{guid}", this::show)
                .patch("/v3/spaces/{guid}", this::update)
                .delete("/v3/spaces/{guid}", this::delete)
                .get("/v3/spaces/{guid}/features", this::features)
                .get("/v3/spaces/{guid}/features/{name}", this::feature)
                .patch("/v3/spaces/{guid}/features/{name}", this::setFeature)
                .get("/v3/spaces/{guid}/relationships/isolation_segment", this::isolationSegment)
                .get("/v3/spaces/{guid}/usage_summary", this::usage);
    }

    private Reply list(Call call) {
        ListQuery query = call.list("names", "organization_guids", "label_selector", "include")
                .orderedByName();
        Condition where = call.permissions()
                .visibleSpaces(GUID)
                .and(query.common())
                .and(query.in("names", NAME))
                .and(query.in("organization_guids", ORGANIZATION_GUID))
                .and(LabelSelector.condition(query));
        Page<Space> page = store.database.read(dsl -> store.spaces.table.page(dsl, where, query));
        ObjectNode document = listing.document(call, query, page, Space::guid, this::present);
        include(query.values("include"), page.items(), document);
        return Reply.ok(document);
    }

    private Reply show(Call call) {
        call.allowParameters("include");
        Space space = visible.space(call, call.guid());
        ObjectNode document = present(space);
        String include = call.query().get("include");
        include(include == null ? List.of() : List.of(include.split(",")), List.of(space), document);
        return Reply.ok(document);
    }

    private void include(List<String> include, List<Space> spaces, ObjectNode document) {
        for (String value : include) {
            if (!value.equals("org") && !value.equals("organization")) {
                throw ApiException.badQuery("Invalid included resource: '" + value
                        + "'. Valid included resources are: 'org', 'organization'");
            }
        }
        if (!include.isEmpty()) {
            includeOrganizations(spaces, document.putObject("included"));
        }
    }

    void includeOrganizations(List<Space> spaces, ObjectNode included) {
        Set<String> guids = new LinkedHashSet<>();
        spaces.forEach(space -> guids.add(space.organizationGuid()));
        List<Organization> found = store.database.read(dsl -> store.organizations.table.all(dsl, guids));
        ArrayNode array = included.putArray("organizations");
        var metadata = listing.metadata(found, Organization::guid);
        found.forEach(organization -> array.add(
                organizations.present(organization, metadata.getOrDefault(organization.guid(), Metadata.NONE))));
    }

    void includeSpaces(Set<String> spaceGuids, ObjectNode included) {
        List<Space> found = store.database.read(dsl -> store.spaces.table.all(dsl, spaceGuids));
        ArrayNode array = included.putArray("spaces");
        var metadata = listing.metadata(found, Space::guid);
        found.forEach(space -> array.add(present(space, metadata.getOrDefault(space.guid(), Metadata.NONE))));
    }

    private Reply create(Call call) {
        Body body = call.body().allow("name", "relationships", "metadata");
        String name = body.requiredString("name");
        String organizationGuid = body.requiredRelationship("organization");
        Metadata metadata = Metadata.read(body);
        body.check();
        Organization organization = store.database
                .read(dsl -> store.organizations.table.find(dsl, organizationGuid))
                .filter(found -> call.permissions().readsOrganization(found.guid()))
                .orElseThrow(() -> ApiException.unprocessable(
                        "Invalid organization. Ensure the organization exists and you have access to it."));
        call.permissions().requireManager(organization);
        try {
            String guid = store.database.write(dsl -> {
                Stamp stamp = store.stamps.create();
                store.spaces.insert(dsl, stamp, name, organizationGuid);
                store.metadata.merge(dsl, stamp.guid(), metadata);
                event(dsl, call, "audit.space.create", stamp.guid(), name, organizationGuid);
                return stamp.guid();
            });
            return Reply.created(present(store.database.read(dsl -> visible.spaceOf(dsl, guid))));
        } catch (IntegrityConstraintViolationException e) {
            throw nameTaken(e);
        }
    }

    private Reply update(Call call) {
        Space space = visible.space(call, call.guid());
        call.permissions().requireChange(space);
        Body body = call.body().allow("name", "metadata");
        Optional<String> name = body.name("name");
        Metadata metadata = Metadata.read(body);
        body.check();
        try {
            store.database.writeVoid(dsl -> {
                store.spaces.rename(dsl, space.guid(), name.orElse(space.name()), store.stamps.micros());
                store.metadata.merge(dsl, space.guid(), metadata);
                event(
                        dsl,
                        call,
                        "audit.space.update",
                        space.guid(),
                        name.orElse(space.name()),
                        space.organizationGuid());
            });
            return Reply.ok(present(visible.space(call, call.guid())));
        } catch (IntegrityConstraintViolationException e) {
            throw nameTaken(e);
        }
    }

    private Reply delete(Call call) {
        Space space = visible.space(call, call.guid());
        if (!call.permissions().managesOrganization(space.organizationGuid())) {
            throw ApiException.notAuthorized();
        }
        store.database.writeVoid(dsl ->
                event(dsl, call, "audit.space.delete-request", space.guid(), space.name(), space.organizationGuid()));
        return jobs.delete("space", space.guid());
    }

    private Reply features(Call call) {
        Space space = visible.space(call, call.guid());
        ObjectNode document = Docs.object();
        document.putArray("resources").add(ssh(space));
        return Reply.ok(document);
    }

    private Reply feature(Call call) {
        Space space = visible.space(call, call.guid());
        requireKnown(call);
        return Reply.ok(ssh(space));
    }

    private Reply setFeature(Call call) {
        Space space = visible.space(call, call.guid());
        call.permissions().requireChange(space);
        requireKnown(call);
        Body body = call.body().allow("enabled");
        boolean enabled = body.bool("enabled").orElseGet(() -> {
            body.refuse("Enabled must be a boolean");
            return false;
        });
        body.check();
        store.database.writeVoid(dsl -> store.spaces.allowSsh(dsl, space.guid(), enabled, store.stamps.micros()));
        return Reply.ok(ssh(visible.space(call, call.guid())));
    }

    private static void requireKnown(Call call) {
        if (!call.parameter("name").equals("ssh")) {
            throw ApiException.notFound("Feature");
        }
    }

    private static ObjectNode ssh(Space space) {
        return Docs.object()
                .put("name", "ssh")
                .put("description", "Enable SSHing into apps in the space.")
                .put("enabled", space.sshAllowed());
    }

    private Reply isolationSegment(Call call) {
        Space space = visible.space(call, call.guid());
        ObjectNode document = Docs.toOne(null);
        document.putObject("links")
                .set("self", urls.link("/spaces/" + space.guid() + "/relationships/isolation_segment"));
        return Reply.ok(document);
    }

    private Reply usage(Call call) {
        Space space = visible.space(call, call.guid());
        ObjectNode usage =
                store.database.read(dsl -> Usage.ofSpace(dsl, space.guid())).document();
        usage.remove("domains");
        ObjectNode document = Docs.object();
        document.set("usage_summary", usage);
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/spaces/" + space.guid() + "/usage_summary"));
        links.set("space", urls.link("/spaces/" + space.guid()));
        return Reply.ok(document);
    }

    private ObjectNode present(Space space) {
        return present(space, store.database.read(dsl -> store.metadata.of(dsl, space.guid())));
    }

    ObjectNode present(Space space, Metadata metadata) {
        String self = "/spaces/" + space.guid();
        ObjectNode document = space.stamp().document().put("name", space.name()).put("suspended", false);
        ObjectNode relationships = document.putObject("relationships");
        relationships.set("organization", Docs.toOne(space.organizationGuid()));
        relationships.set("quota", Docs.toOne(space.quotaGuid()));
        document.set("metadata", metadata.document());
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link(self));
        links.set("organization", urls.link("/organizations/" + space.organizationGuid()));
        links.set("features", urls.link(self + "/features"));
        links.set("apply_manifest", urls.post(self + "/actions/apply_manifest"));
        if (space.quotaGuid() != null) {
            links.set("quota", urls.link("/space_quotas/" + space.quotaGuid()));
        }
        return document;
    }

    private void event(DSLContext dsl, Call call, String type, String guid, String name, String organizationGuid) {
        store.events.record(
                dsl,
                AuditEvents.Party.of(call.caller()),
                type,
                new AuditEvents.Party(guid, "space", name),
                Docs.object(),
                guid,
                organizationGuid);
    }

    private static ApiException nameTaken(Throwable cause) {
        ApiException taken = new ApiException(
                HttpStatus.UNPROCESSABLE_ENTITY, List.of(new ApiError(10008, "CF-UnprocessableEntity", NAME_TAKEN)));
        taken.initCause(cause);
        return taken;
    }
}
