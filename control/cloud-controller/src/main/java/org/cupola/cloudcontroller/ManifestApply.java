package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Brings apps into the state a manifest describes. Blocking; any thread. */
final class ManifestApply {
    private final Store store;
    private final LrpSync lrps;
    private final AppActions actions;
    private final ProcessChanges changes;
    private final LifecycleRules lifecycles;
    private final Routes routes;
    private final RouteRules routeRules;
    private final Destinations destinations;
    private final RouteNames names;

    ManifestApply(
            Api api,
            AppActions actions,
            ProcessChanges changes,
            LifecycleRules lifecycles,
            Routes routes,
            RouteRules routeRules,
            Destinations destinations,
            RouteNames names) {
        this.store = api.store();
        this.lrps = api.lrps();
        this.actions = actions;
        this.changes = changes;
        this.lifecycles = lifecycles;
        this.routes = routes;
        this.routeRules = routeRules;
        this.destinations = destinations;
        this.names = names;
    }

    /** The app of that name, made if there is none. */
    App findOrCreate(Caller caller, Space space, ManifestFile.Application wanted) {
        return store.database
                .read(dsl -> store.apps.named(dsl, space.guid(), wanted.name()))
                .orElseGet(() -> actions.create(
                        caller,
                        space,
                        wanted.name(),
                        lifecycle(wanted, lifecycles.initial(), true),
                        Map.of(),
                        Metadata.NONE));
    }

    /** Everything but creation; {@code app} may have changed since it was read. */
    void apply(Caller caller, Space space, String appGuid, ManifestFile.Application wanted) {
        App app = store.database
                .read(dsl -> store.apps.table.find(dsl, appGuid))
                .orElseThrow(() -> ApiException.notFound("App"));
        if (wanted.node().path("services").size() > 0) {
            JsonNode service = wanted.node().path("services").get(0);
            String name = service.isString()
                    ? service.asString()
                    : service.path("name").asString("");
            throw ApiException.unprocessable("Service instance '" + name + "' not found");
        }
        features(app, wanted);
        List<String> obsolete = processes(caller, space, app, wanted);
        attributes(app, wanted);
        if (!obsolete.isEmpty() && app.started()) {
            lrps.remove(obsolete);
        }
        routes(caller, space, app, wanted);
        environment(app, wanted);
        store.database.writeVoid(
                dsl -> store.events.record(dsl, caller, "audit.app.apply_manifest", AuditEvents.Party.of(app), space));
        lrps.sync(store.database.read(dsl -> lrps.processesOf(dsl, appGuid)));
    }

    private void features(App app, ManifestFile.Application wanted) {
        JsonNode features = wanted.node().path("features");
        store.database.writeVoid(dsl -> features.properties().forEach(feature -> {
            switch (feature.getKey()) {
                case "ssh" ->
                    store.apps.setFeature(
                            dsl,
                            app.guid(),
                            AppRepository.SSH_ENABLED,
                            feature.getValue().asBoolean(),
                            store.stamps.micros());
                case "revisions" ->
                    store.apps.setFeature(
                            dsl,
                            app.guid(),
                            AppRepository.REVISIONS_ENABLED,
                            feature.getValue().asBoolean(),
                            store.stamps.micros());
                default -> throw ApiException.unprocessable("Unknown feature '" + feature.getKey() + "'");
            }
        }));
    }

    /** @return versions that are replaced by new ones */
    private List<String> processes(Caller caller, Space space, App app, ManifestFile.Application wanted) {
        return store.database.write(dsl -> {
            List<String> obsolete = new ArrayList<>();
            for (ObjectNode section : wanted.processes()) {
                String type = section.path("type").asString();
                ProcessRow present = store.processes
                        .ofApp(dsl, app.guid(), type)
                        .orElseGet(() -> created(dsl, caller, space, app, type));
                ProcessRow changed = ManifestProcess.applied(section, present);
                if (!changed.equals(present)) {
                    refuseDuringDeployment(dsl, app, present, changed);
                    ProcessRow written = changes.store(dsl, present, changed);
                    changes.checkQuota(dsl, space, written);
                    if (!written.version().equals(present.version())) {
                        obsolete.add(present.lrpGuid());
                    }
                }
            }
            return obsolete;
        });
    }

    private ProcessRow created(DSLContext dsl, Caller caller, Space space, App app, String type) {
        ProcessRow process = actions.process(app, type, type.equals(ProcessRow.WEB) ? 1 : 0, store.stamps.create());
        store.processes.insert(dsl, process);
        store.events.record(
                dsl,
                caller,
                "audit.app.process.create",
                AuditEvents.Party.of(app),
                space,
                Docs.object().put("process_guid", process.guid()).put("process_type", type));
        return process;
    }

    private void refuseDuringDeployment(DSLContext dsl, App app, ProcessRow present, ProcessRow changed) {
        if (present.web()
                && present.instances() != changed.instances()
                && store.deployments.activeOf(dsl, app.guid()).isPresent()) {
            throw ApiException.scaleDisabledDuringDeployment();
        }
    }

    private void attributes(App app, ManifestFile.Application wanted) {
        App.Lifecycle lifecycle = lifecycle(wanted, app.lifecycle(), false);
        List<String> problems = lifecycles.check(lifecycle);
        Metadata metadata =
                wanted.node().has("metadata") ? Metadata.read(wanted.node().path("metadata"), problems) : Metadata.NONE;
        if (!problems.isEmpty()) {
            throw ApiException.unprocessable(String.join(", ", problems));
        }
        store.database.writeVoid(dsl -> {
            if (!lifecycle.equals(app.lifecycle())) {
                store.apps.setLifecycle(dsl, app.guid(), lifecycle, store.stamps.micros());
            }
            store.metadata.merge(dsl, app.guid(), metadata);
        });
    }

    private static App.Lifecycle lifecycle(
            ManifestFile.Application wanted, App.Lifecycle present, boolean mayBeDocker) {
        ObjectNode node = wanted.node();
        boolean docker =
                node.has("docker") || node.path("lifecycle").asString("").equals("docker");
        if (docker && (mayBeDocker || present.docker())) {
            return new App.Lifecycle("docker", List.of(), "");
        }
        List<String> buildpacks = present.buildpacks();
        if (node.has("buildpacks")) {
            buildpacks = Stored.list(
                    node.path("buildpacks").isArray() ? node.path("buildpacks").toString() : "[]");
        } else if (node.has("buildpack")) {
            String one = node.path("buildpack").asString("");
            buildpacks = one.isEmpty() || one.equals("default") || one.equals("null") ? List.of() : List.of(one);
        }
        return new App.Lifecycle(
                present.type(),
                buildpacks,
                node.path("stack").isString() ? node.path("stack").asString() : present.stack());
    }

    private void routes(Caller caller, Space space, App app, ManifestFile.Application wanted) {
        if (wanted.is("no-route")) {
            unmapAll(caller, app);
            return;
        }
        JsonNode listed = wanted.node().path("routes");
        for (JsonNode entry : listed) {
            JsonNode protocol = entry.path("protocol");
            map(
                    caller,
                    space,
                    app,
                    entry.path("route").asString(),
                    protocol.isString() ? protocol.asString() : null,
                    options(entry.path("options")));
        }
        boolean routeless = listed.isEmpty()
                && !store.database.read(dsl -> store.destinations.table.exists(dsl, APP_GUID.eq(app.guid())));
        if (routeless && (wanted.is("default-route") || wanted.is("random-route"))) {
            String host = wanted.is("random-route") ? names.hostFor(app.name()) : app.name();
            invent(caller, space, app, host);
        }
    }

    private ObjectNode options(JsonNode given) {
        ObjectNode options = Docs.object();
        given.properties().forEach(entry -> {
            if (!entry.getValue().isNull()) {
                options.put(entry.getKey(), entry.getValue().asString());
            }
        });
        routeRules.checkOptions(options).ifPresent(problem -> {
            throw ApiException.unprocessable(problem);
        });
        return options;
    }

    private void unmapAll(Caller caller, App app) {
        List<String> changed = store.database.write(dsl -> {
            Set<String> affected = new TreeSet<>();
            for (Destination destination : store.destinations.all(dsl, APP_GUID.eq(app.guid()))) {
                affected.addAll(lrps.touchRoutes(dsl, List.of(destination.routeGuid())));
                store.routes
                        .find(dsl, destination.routeGuid())
                        .ifPresent(route -> destinations.unmap(dsl, caller, route, destination));
            }
            return List.copyOf(affected);
        });
        lrps.sync(changed);
    }

    private void map(Caller caller, Space space, App app, String text, @Nullable String protocol, ObjectNode options) {
        ManifestRoute wanted = ManifestRoute.parse(text)
                .orElseThrow(() -> ApiException.unprocessable("The route '" + text + "' is not a properly formed URL"));
        for (ManifestRoute.Candidate candidate : wanted.candidates()) {
            Optional<Domain> domain = store.database
                    .read(dsl -> store.domains.named(dsl, candidate.domain()))
                    .filter(found ->
                            store.database.read(dsl -> store.domains.usableIn(dsl, found, space.organizationGuid())));
            if (domain.isPresent()) {
                map(caller, space, app, domain.get(), candidate.host(), wanted, protocol, options);
                return;
            }
        }
        throw ApiException.unprocessable("For route '" + text + "': No domains exist for route " + text);
    }

    private void map(
            Caller caller,
            Space space,
            App app,
            Domain domain,
            String host,
            ManifestRoute wanted,
            @Nullable String protocol,
            ObjectNode options) {
        Route route = store.database
                .read(dsl -> store.routes.find(dsl, domain.guid(), host, wanted.path(), wanted.port()))
                .orElseGet(() -> routes.create(
                        caller,
                        space,
                        new RouteRules.Wanted(domain, host, wanted.path(), wanted.port(), options),
                        Metadata.NONE));
        boolean shared = store.database
                .read(dsl -> store.routes.sharedWith(dsl, route.guid()))
                .contains(space.guid());
        if (!route.spaceGuid().equals(space.guid()) && !shared) {
            throw ApiException.unprocessable("Routes cannot be mapped to destinations in different spaces");
        }
        store.database.writeVoid(dsl -> {
            if (!options.isEmpty() && !options.equals(route.options())) {
                ObjectNode merged = route.options().deepCopy();
                merged.setAll(options);
                store.routes.setOptions(dsl, route.guid(), merged, store.stamps.micros());
            }
            replaceProtocol(dsl, caller, route, app, protocol);
            destinations.map(dsl, caller, route, app.guid(), protocol);
            lrps.touchRoutes(dsl, List.of(route.guid()));
        });
    }

    /** A destination whose protocol changes is made anew. */
    private void replaceProtocol(DSLContext dsl, Caller caller, Route route, App app, @Nullable String protocol) {
        if (protocol == null) {
            return;
        }
        store.destinations.ofRoute(dsl, route.guid()).stream()
                .filter(destination -> destination.appGuid().equals(app.guid())
                        && destination.processType().equals(ProcessRow.WEB)
                        && !protocol.equals(destination.protocol()))
                .forEach(destination -> destinations.unmap(dsl, caller, route, destination));
    }

    private void invent(Caller caller, Space space, App app, String host) {
        Domain domain = store.database
                .read(dsl -> store.domains.defaultOf(dsl, space.organizationGuid()))
                .orElseThrow(() -> ApiException.unprocessable("No default domains available"));
        if (!host.matches("[\\w-]+")) {
            throw ApiException.unprocessable(
                    "Failed to create default route from app name: Host must be either \"*\" or contain only alphanumeric characters, \"_\", or \"-\"");
        }
        ManifestRoute wanted = new ManifestRoute(host + "." + domain.name(), 0, "");
        map(caller, space, app, domain, host, wanted, null, Docs.object());
    }

    private void environment(App app, ManifestFile.Application wanted) {
        JsonNode env = wanted.node().path("env");
        if (!env.isObject()) {
            return;
        }
        Map<String, String> merged = new TreeMap<>(app.environment());
        env.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            if (value.isNull()) {
                merged.remove(entry.getKey());
            } else {
                merged.put(entry.getKey(), value.isValueNode() ? value.asString() : value.toString());
            }
        });
        store.database.writeVoid(dsl -> store.apps.setEnvironment(dsl, app.guid(), merged, store.stamps.micros()));
    }
}
