package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.exception.IntegrityConstraintViolationException;
import org.jooq.impl.DSL;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/routes}, without destinations. */
final class Routes {
    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final Jobs jobs;
    private final RouteRules rules;
    private final QuotaGuard quotas;
    private final Domains domains;
    private final Spaces spaces;
    private final LrpSync lrps;

    Routes(Api api, RouteRules rules, Domains domains, Spaces spaces) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.jobs = api.jobs();
        this.lrps = api.lrps();
        this.rules = rules;
        this.quotas = new QuotaGuard(store);
        this.domains = domains;
        this.spaces = spaces;
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/routes", call -> list(call, DSL.noCondition()))
                .post("/v3/routes", this::create)
                .get("/v3/routes/{guid}", this::show)
                .patch("/v3/routes/{guid}", this::update)
                .delete("/v3/routes/{guid}", this::delete)
                .get("/v3/routes/{guid}/relationships/shared_spaces", this::sharedSpaces)
                .post("/v3/routes/{guid}/relationships/shared_spaces", this::share)
                .delete("/v3/routes/{guid}/relationships/shared_spaces/{space}", this::unshare)
                .patch("/v3/routes/{guid}/relationships/space", this::move)
                .get("/v3/apps/{guid}/routes", this::ofApp)
                .delete("/v3/spaces/{guid}/routes", this::deleteUnmapped);
    }

    private Reply ofApp(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        return list(call, mappedTo(List.of(in.guid())));
    }

    private static Condition mappedTo(List<String> appGuids) {
        return GUID.in(DSL.select(DestinationRepository.ROUTE_GUID)
                .from(DestinationRepository.DESTINATIONS)
                .where(APP_GUID.in(appGuids)));
    }

    private Reply list(Call call, Condition restriction) {
        ListQuery query = call.list(
                "hosts",
                "paths",
                "ports",
                "domain_guids",
                "space_guids",
                "organization_guids",
                "app_guids",
                "service_instance_guids",
                "label_selector",
                "include");
        Condition where = restriction
                .and(call.permissions().visibleRoutes(SPACE_GUID))
                .and(query.common())
                .and(query.in("hosts", RouteRepository.HOST))
                .and(query.in("paths", RouteRepository.PATH))
                .and(query.inNumbers("ports", RouteRepository.PORT))
                .and(query.in("domain_guids", RouteRepository.DOMAIN_GUID))
                .and(query.in("space_guids", SPACE_GUID))
                .and(LabelSelector.condition(query));
        if (query.has("organization_guids")) {
            where = where.and(SPACE_GUID.in(DSL.select(GUID)
                    .from(SpaceRepository.SPACES)
                    .where(ORGANIZATION_GUID.in(query.values("organization_guids")))));
        }
        if (query.has("app_guids")) {
            where = where.and(mappedTo(query.values("app_guids")));
        }
        if (query.has("service_instance_guids")) {
            where = where.and(DSL.falseCondition());
        }
        Condition all = where;
        Page<Route> page = store.database.read(dsl -> store.routes.page(dsl, all, query));
        Map<String, List<Destination>> destinations = store.database.read(dsl -> store.destinations.ofRoutes(
                dsl, page.items().stream().map(Route::guid).toList()));
        ObjectNode document = listing.document(
                call,
                query,
                page,
                Route::guid,
                (route, metadata) -> present(route, destinations.getOrDefault(route.guid(), List.of()), metadata));
        include(query.values("include"), page.items(), document);
        return Reply.ok(document);
    }

    private void include(List<String> include, List<Route> routes, ObjectNode document) {
        if (include.isEmpty()) {
            return;
        }
        ObjectNode included = document.putObject("included");
        Set<String> spaceGuids =
                routes.stream().map(Route::spaceGuid).collect(Collectors.toCollection(LinkedHashSet::new));
        for (String value : include) {
            switch (value) {
                case "domain" ->
                    domains.include(routes.stream().map(Route::domain).toList(), included);
                case "space" -> spaces.includeSpaces(spaceGuids, included);
                case "space.organization" -> {
                    List<Space> found = store.database.read(dsl -> store.spaces.table.all(dsl, spaceGuids));
                    spaces.includeSpaces(spaceGuids, included);
                    spaces.includeOrganizations(found, included);
                }
                default ->
                    throw ApiException.badQuery("Invalid included resource: '" + value
                            + "'. Valid included resources are: 'domain', 'space', 'space.organization'");
            }
        }
    }

    private Reply show(Call call) {
        call.allowParameters("include");
        Route route = visible.route(call, call.guid());
        ObjectNode document = present(route);
        String include = call.query().get("include");
        include(include == null ? List.of() : List.of(include.split(",")), List.of(route), document);
        return Reply.ok(document);
    }

    private Reply create(Call call) {
        Body body = call.body().allow("host", "path", "port", "relationships", "options", "metadata");
        String spaceGuid = body.requiredRelationship("space");
        String domainGuid = body.requiredRelationship("domain");
        String host = body.string("host").orElse("");
        String path = body.string("path").orElse("");
        int port = body.integer("port", 0).orElse(0);
        RouteRules.checkFormat(body, host, path);
        ObjectNode options = rules.mergedOptions(body, Docs.object());
        Metadata metadata = Metadata.read(body);
        body.check();
        Space space = visible.findSpace(call, spaceGuid)
                .orElseThrow(() -> ApiException.unprocessable(
                        "Invalid space. Ensure that the space exists and you have access to it."));
        call.permissions().requireManage(space);
        if (!call.permissions().admin()) {
            store.flags.require(call.permissions(), "route_creation");
        }
        Domain domain = store.database
                .read(dsl ->
                        store.domains.table.findWhere(dsl, GUID.eq(domainGuid).and(visible.visibleDomains(call))))
                .orElseThrow(() -> ApiException.unprocessable(
                        "Invalid domain. Ensure that the domain exists and you have access to it."));
        Route route = create(call.caller(), space, new RouteRules.Wanted(domain, host, path, port, options), metadata);
        return Reply.created(present(route, List.of(), metadata));
    }

    /** Checks and stores a route that a request or a manifest asks for. */
    Route create(Caller caller, Space space, RouteRules.Wanted wanted, Metadata metadata) {
        Optional<RouterGroups.RouterGroup> group = rules.groupOf(wanted.domain());
        try {
            return store.database.write(dsl -> {
                RouteRules.Wanted checked = rules.check(dsl, wanted, space, group, caller.admin());
                Route route = new Route(
                        store.stamps.create(),
                        space.guid(),
                        checked.domain(),
                        checked.host(),
                        checked.path(),
                        checked.port(),
                        checked.options());
                store.routes.insert(dsl, route);
                store.metadata.merge(dsl, route.guid(), metadata);
                quotas.checkRoutes(dsl, space);
                store.events.record(dsl, caller, "audit.route.create", party(route), space);
                return route;
            });
        } catch (IntegrityConstraintViolationException e) {
            ApiException taken = ApiException.unprocessable(
                    "Route already exists for domain '" + wanted.domain().name() + "'.");
            taken.initCause(e);
            throw taken;
        }
    }

    private static AuditEvents.Party party(Route route) {
        return new AuditEvents.Party(route.guid(), "route", route.host());
    }

    private Reply update(Call call) {
        Route route = visible.route(call, call.guid());
        Space space = store.database.read(dsl -> visible.spaceOf(dsl, route.spaceGuid()));
        call.permissions().requireManage(space);
        Body body = call.body().allow("metadata", "options");
        ObjectNode options = rules.mergedOptions(body, route.options());
        Metadata metadata = Metadata.read(body);
        body.check();
        List<String> changed = store.database.write(dsl -> {
            store.routes.setOptions(dsl, route.guid(), options, store.stamps.micros());
            store.metadata.merge(dsl, route.guid(), metadata);
            store.events.record(dsl, call.caller(), "audit.route.update", party(route), space);
            return options.equals(route.options()) ? List.of() : lrps.touchRoutes(dsl, List.of(route.guid()));
        });
        lrps.sync(changed);
        return Reply.ok(present(visible.route(call, call.guid())));
    }

    private Reply delete(Call call) {
        Route route = visible.route(call, call.guid());
        Space space = store.database.read(dsl -> visible.spaceOf(dsl, route.spaceGuid()));
        call.permissions().requireManage(space);
        store.database.writeVoid(
                dsl -> store.events.record(dsl, call.caller(), "audit.route.delete-request", party(route), space));
        return jobs.delete("route", route.guid());
    }

    private Reply deleteUnmapped(Call call) {
        call.allowParameters("unmapped");
        Space space = visible.space(call, call.guid());
        call.permissions().requireManage(space);
        if (!"true".equals(call.query().get("unmapped"))) {
            throw ApiException.unprocessable(
                    "Mass delete not supported for routes. Use 'unmapped=true' parameter to delete all unmapped routes.");
        }
        return jobs.run("space.delete_unmapped_routes", "space", space.guid(), () -> {
            store.database.writeVoid(dsl -> {
                List<String> unmapped = store
                        .routes
                        .all(
                                dsl,
                                SPACE_GUID
                                        .eq(space.guid())
                                        .and(GUID.notIn(DSL.select(DestinationRepository.ROUTE_GUID)
                                                .from(DestinationRepository.DESTINATIONS))))
                        .stream()
                        .map(Route::guid)
                        .toList();
                store.routes.delete(dsl, unmapped);
                store.metadata.delete(dsl, unmapped);
            });
            return List.of();
        });
    }

    private Reply sharedSpaces(Call call) {
        return Reply.ok(sharedSpaces(visible.route(call, call.guid())));
    }

    private ObjectNode sharedSpaces(Route route) {
        ObjectNode document = Docs.toMany(store.database.read(dsl -> store.routes.sharedWith(dsl, route.guid())));
        document.putObject("links").set("self", urls.link("/routes/" + route.guid() + "/relationships/shared_spaces"));
        return document;
    }

    private Reply share(Call call) {
        Route route = visible.route(call, call.guid());
        Space space = store.database.read(dsl -> visible.spaceOf(dsl, route.spaceGuid()));
        call.permissions().requireManage(space);
        store.flags.require(call.permissions(), "route_sharing");
        Body body = call.body().allow("data");
        List<String> guids = body.toMany(body.root());
        body.check();
        for (String guid : guids) {
            if (visible.findSpace(call, guid).isEmpty()) {
                throw ApiException.unprocessable("Unable to share route " + route.url() + " with spaces ['" + guid
                        + "']. Ensure the spaces exist and that you have access to them.");
            }
        }
        store.database.writeVoid(dsl -> {
            guids.forEach(guid -> store.routes.share(dsl, route.guid(), guid));
            store.events.record(dsl, call.caller(), "audit.route.share", party(route), space);
        });
        return Reply.ok(sharedSpaces(route));
    }

    private Reply unshare(Call call) {
        Route route = visible.route(call, call.guid());
        Space space = store.database.read(dsl -> visible.spaceOf(dsl, route.spaceGuid()));
        call.permissions().requireManage(space);
        store.database.writeVoid(dsl -> {
            store.routes.unshare(dsl, route.guid(), call.parameter("space"));
            store.events.record(dsl, call.caller(), "audit.route.unshare", party(route), space);
        });
        return Reply.noContent();
    }

    private Reply move(Call call) {
        Route route = visible.route(call, call.guid());
        Space space = store.database.read(dsl -> visible.spaceOf(dsl, route.spaceGuid()));
        call.permissions().requireWrite(space);
        String target = call.body().node("data", "guid").asString("");
        Space to = visible.findSpace(call, target)
                .orElseThrow(() -> ApiException.unprocessable("Unable to transfer owner of route '" + route.url()
                        + "' to space '" + target + "'. Ensure the space exists and that you have access to it."));
        call.permissions().requireWrite(to);
        store.database.writeVoid(dsl -> {
            store.routes.setSpace(dsl, route.guid(), to.guid(), store.stamps.micros());
            store.events.record(dsl, call.caller(), "audit.route.transfer-owner", party(route), space);
        });
        return Reply.noContent();
    }

    private ObjectNode present(Route route) {
        return store.database.read(dsl ->
                present(route, store.destinations.ofRoute(dsl, route.guid()), store.metadata.of(dsl, route.guid())));
    }

    private ObjectNode present(Route route, List<Destination> destinations, Metadata metadata) {
        String self = "/routes/" + route.guid();
        ObjectNode document = route.stamp()
                .document()
                .put("protocol", route.tcp() ? "tcp" : "http")
                .put("host", route.host())
                .put("path", route.path());
        if (route.port() == 0) {
            document.putNull("port");
        } else {
            document.put("port", route.port());
        }
        document.put("url", route.url());
        ArrayNode array = document.putArray("destinations");
        destinations.forEach(destination -> array.add(Destinations.present(destination, route)));
        if (!route.options().isEmpty()) {
            document.set("options", route.options());
        }
        document.set("metadata", metadata.document());
        ObjectNode relationships = document.putObject("relationships");
        relationships.set("space", Docs.toOne(route.spaceGuid()));
        relationships.set("domain", Docs.toOne(route.domain().guid()));
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link(self));
        links.set("space", urls.link("/spaces/" + route.spaceGuid()));
        links.set("destinations", urls.link(self + "/destinations"));
        links.set("domain", urls.link("/domains/" + route.domain().guid()));
        return document;
    }
}
