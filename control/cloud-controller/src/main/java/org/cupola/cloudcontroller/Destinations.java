package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/routes/:guid/destinations}: which process types a route leads to. */
final class Destinations {
    private static final int MAX_DESTINATIONS = 100;
    private static final int MAX_PORTS = 10;

    private final Store store;
    private final Urls urls;
    private final Visible visible;
    private final LrpSync lrps;

    /** One destination of a request body. */
    private record Wanted(
            String appGuid,
            String processType,
            @Nullable Integer port,
            @Nullable String protocol,
            @Nullable Integer weight) {}

    Destinations(Api api) {
        this.store = api.store();
        this.urls = api.urls();
        this.visible = api.visible();
        this.lrps = api.lrps();
    }

    void register(ApiRoutes routes) {
        String path = "/v3/routes/{guid}/destinations";
        routes.get(path, this::list)
                .post(path, this::add)
                .patch(path, this::replace)
                .patch(path + "/{destination}", this::update)
                .delete(path + "/{destination}", this::delete);
    }

    private Reply list(Call call) {
        ListQuery query = call.list("app_guids");
        Route route = visible.route(call, call.guid());
        Condition where = query.common()
                .and(query.in("app_guids", APP_GUID))
                .and(DestinationRepository.ROUTE_GUID.eq(route.guid()));
        return Reply.ok(document(route, store.database.read(dsl -> store.destinations.all(dsl, where))));
    }

    private ObjectNode document(Route route, List<Destination> destinations) {
        ObjectNode document = Docs.object();
        ArrayNode array = document.putArray("destinations");
        destinations.forEach(destination -> array.add(present(destination, route)));
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/routes/" + route.guid() + "/destinations"));
        links.set("route", urls.link("/routes/" + route.guid()));
        return document;
    }

    private ObjectNode document(Route route) {
        return document(route, store.database.read(dsl -> store.destinations.ofRoute(dsl, route.guid())));
    }

    private Reply add(Call call) {
        Route route = managed(call);
        List<Wanted> wanted = read(call, route, false);
        List<String> changed = store.database.write(dsl -> {
            wanted.forEach(destination -> map(dsl, call.caller(), route, destination));
            return lrps.touchRoutes(dsl, List.of(route.guid()));
        });
        lrps.sync(changed);
        return Reply.ok(document(route));
    }

    private Reply replace(Call call) {
        Route route = managed(call);
        List<Wanted> wanted = read(call, route, true);
        List<String> changed = store.database.write(dsl -> {
            List<String> before = lrps.touchRoutes(dsl, List.of(route.guid()));
            for (Destination destination : store.destinations.ofRoute(dsl, route.guid())) {
                if (wanted.stream().noneMatch(other -> same(destination, other))) {
                    unmap(dsl, call.caller(), route, destination);
                }
            }
            wanted.forEach(destination -> map(dsl, call.caller(), route, destination));
            List<String> all = new ArrayList<>(before);
            all.addAll(lrps.touchRoutes(dsl, List.of(route.guid())));
            return all;
        });
        lrps.sync(changed);
        return Reply.ok(document(route));
    }

    private Reply update(Call call) {
        Route route = managed(call);
        Destination destination = find(call, route);
        Body body = call.body().allow("protocol");
        Optional<String> protocol = body.string("protocol");
        protocol.flatMap(value -> wrongProtocol(route, value)).ifPresent(body::refuse);
        body.check();
        List<String> changed = store.database.write(dsl -> {
            store.destinations.setProtocol(dsl, destination.guid(), protocol.orElse(null), store.stamps.micros());
            return lrps.touchRoutes(dsl, List.of(route.guid()));
        });
        lrps.sync(changed);
        return Reply.ok(present(find(call, route), route));
    }

    private Reply delete(Call call) {
        Route route = managed(call);
        Destination destination = find(call, route);
        List<String> changed = store.database.write(dsl -> {
            List<String> affected = lrps.touchRoutes(dsl, List.of(route.guid()));
            unmap(dsl, call.caller(), route, destination);
            return affected;
        });
        lrps.sync(changed);
        return Reply.noContent();
    }

    private Destination find(Call call, Route route) {
        Condition where = GUID.eq(call.parameter("destination")).and(DestinationRepository.ROUTE_GUID.eq(route.guid()));
        return store.database
                .read(dsl -> store.destinations.table.findWhere(dsl, where))
                .orElseThrow(() -> ApiException.unprocessable(
                        "Unable to unmap route from destination. Ensure the route has a destination with this guid."));
    }

    private Route managed(Call call) {
        Route route = visible.route(call, call.guid());
        call.permissions().requireManage(store.database.read(dsl -> visible.spaceOf(dsl, route.spaceGuid())));
        return route;
    }

    private List<Wanted> read(Call call, Route route, boolean weights) {
        Body body = call.body().allow("destinations");
        JsonNode list = body.node("destinations");
        if (!list.isArray() || (!weights && list.isEmpty()) || list.size() > MAX_DESTINATIONS) {
            body.refuse("Destinations must be an array containing between " + (weights ? 0 : 1) + " and "
                    + MAX_DESTINATIONS + " destination objects.");
            body.check();
        }
        List<Wanted> wanted = new ArrayList<>();
        for (JsonNode item : list) {
            wanted.add(read(body, item, wanted.size(), route, weights));
        }
        checkWeights(body, wanted);
        body.check();
        List<String> spaces = new ArrayList<>(store.database.read(dsl -> store.routes.sharedWith(dsl, route.guid())));
        spaces.add(route.spaceGuid());
        for (Wanted destination : wanted) {
            if (visible.findApp(call, destination.appGuid())
                    .filter(in -> spaces.contains(in.space().guid()))
                    .isEmpty()) {
                throw ApiException.unprocessable("App(s) with guid(s) \"" + destination.appGuid()
                        + "\" do not exist or you do not have access.");
            }
        }
        return wanted;
    }

    private static Wanted read(Body body, JsonNode item, int index, Route route, boolean weights) {
        String at = "Destinations[" + index + "]: ";
        String app = item.path("app").path("guid").asString("");
        if (app.isEmpty()) {
            body.refuse(at + "app must have the structure {\"guid\": \"app_guid\"}");
        }
        Integer port = null;
        if (item.hasNonNull("port")) {
            port = item.path("port").asInt(0);
            if (!item.path("port").isIntegralNumber() || port < 1 || port > 65_535) {
                body.refuse(at + "port must be a positive integer between 1 and 65535 inclusive.");
            }
        }
        String protocol = item.hasNonNull("protocol") ? item.path("protocol").asString("") : null;
        if (protocol != null) {
            wrongProtocol(route, protocol).ifPresent(problem -> body.refuse(at + problem));
        }
        Integer weight = null;
        if (item.hasNonNull("weight")) {
            weight = item.path("weight").asInt(0);
            if (!weights) {
                body.refuse(at + "weighted destinations cannot be used when adding destinations.");
            } else if (weight < 1 || weight > 100) {
                body.refuse(at + "weight must be a positive integer between 1 and 100 inclusive.");
            }
        }
        return new Wanted(
                app, item.path("app").path("process").path("type").asString(ProcessRow.WEB), port, protocol, weight);
    }

    private static void checkWeights(Body body, List<Wanted> wanted) {
        long weighted = wanted.stream().filter(one -> one.weight() != null).count();
        if (weighted == 0) {
            return;
        }
        if (weighted != wanted.size()) {
            body.refuse("Destinations cannot contain both weighted and unweighted destinations.");
        }
        int sum = wanted.stream()
                .mapToInt(one -> Optional.ofNullable(one.weight()).orElse(0))
                .sum();
        if (sum != 100) {
            body.refuse("Destinations must have weights that sum to 100.");
        }
    }

    private static Optional<String> wrongProtocol(Route route, String protocol) {
        boolean right = route.tcp() ? protocol.equals("tcp") : protocol.equals("http1") || protocol.equals("http2");
        return right
                ? Optional.empty()
                : Optional.of("Cannot use '" + protocol + "' protocol for " + (route.tcp() ? "tcp" : "http")
                        + " routes; valid options are: [" + (route.tcp() ? "tcp" : "http1, http2") + "].");
    }

    /** Adds the destination unless there is one like it. */
    private void map(DSLContext dsl, Caller caller, Route route, Wanted wanted) {
        List<Destination> present = store.destinations.ofRoute(dsl, route.guid());
        if (present.stream().anyMatch(destination -> same(destination, wanted))) {
            return;
        }
        refuseTooManyPorts(dsl, wanted);
        Destination destination = new Destination(
                store.stamps.create(),
                route.guid(),
                wanted.appGuid(),
                wanted.processType(),
                wanted.port(),
                wanted.protocol(),
                wanted.weight());
        store.destinations.insert(dsl, destination);
        event(dsl, caller, "audit.app.map-route", route, destination);
    }

    /** Leads the route to the app's process type as well; for manifests. */
    void map(DSLContext dsl, Caller caller, Route route, String appGuid, @Nullable String protocol) {
        map(dsl, caller, route, new Wanted(appGuid, ProcessRow.WEB, null, protocol, null));
    }

    void unmap(DSLContext dsl, Caller caller, Route route, Destination destination) {
        store.destinations.delete(dsl, GUID.eq(destination.guid()));
        event(dsl, caller, "audit.app.unmap-route", route, destination);
    }

    private void refuseTooManyPorts(DSLContext dsl, Wanted wanted) {
        long ports = store
                .destinations
                .all(
                        dsl,
                        APP_GUID.eq(wanted.appGuid()).and(DestinationRepository.PROCESS_TYPE.eq(wanted.processType())))
                .stream()
                .map(Destination::effectivePort)
                .distinct()
                .count();
        if (ports >= MAX_PORTS && wanted.port() != null) {
            throw ApiException.unprocessable("Process must have at most " + MAX_PORTS + " exposed ports.");
        }
    }

    private static boolean same(Destination destination, Wanted wanted) {
        return destination.appGuid().equals(wanted.appGuid())
                && destination.processType().equals(wanted.processType())
                && Objects.equals(destination.port(), wanted.port())
                && Objects.equals(destination.weight(), wanted.weight())
                && (wanted.protocol() == null || Objects.equals(destination.protocol(), wanted.protocol()));
    }

    private void event(DSLContext dsl, Caller caller, String type, Route route, Destination destination) {
        store.apps
                .table
                .find(dsl, destination.appGuid())
                .ifPresent(app -> store.events.record(
                        dsl,
                        caller,
                        type,
                        AuditEvents.Party.of(app),
                        visible.spaceOf(dsl, app.spaceGuid()),
                        Docs.object()
                                .put("route_guid", route.guid())
                                .put("app_port", destination.port())
                                .put("destination_guid", destination.guid())
                                .put("process_type", destination.processType())));
    }

    static ObjectNode present(Destination destination, Route route) {
        ObjectNode document = Docs.object().put("guid", destination.guid());
        document.putObject("app")
                .put("guid", destination.appGuid())
                .putObject("process")
                .put("type", destination.processType());
        document.put("weight", destination.weight()).put("port", destination.effectivePort());
        String protocol = destination.protocol();
        document.put("protocol", protocol != null ? protocol : route.tcp() ? "tcp" : "http1");
        return document.put("created_at", Stamp.text(destination.stamp().createdAt()))
                .put("updated_at", Stamp.text(destination.stamp().updatedAt()));
    }
}
