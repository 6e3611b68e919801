package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/** Reads what shall run: processes of started apps with a staged droplet. Blocking; any thread. */
final class RunnableProcesses {
    private static final int BATCH = 500;

    private final Store store;

    RunnableProcesses(Store store) {
        this.store = store;
    }

    List<RunnableProcess> all(DSLContext dsl) {
        return where(dsl, DSL.noCondition());
    }

    List<RunnableProcess> of(DSLContext dsl, Collection<String> processGuids) {
        return processGuids.isEmpty() ? List.of() : where(dsl, GUID.in(processGuids));
    }

    private List<RunnableProcess> where(DSLContext dsl, Condition condition) {
        Condition started = APP_GUID.in(DSL.select(GUID)
                .from(AppRepository.APPS)
                .where(AppRepository.STARTED.eq(true))
                .and(AppRepository.DROPLET_GUID.isNotNull()));
        List<ProcessRow> processes = store.processes.table.all(dsl, condition.and(started));
        List<RunnableProcess> runnable = new ArrayList<>();
        for (int from = 0; from < processes.size(); from += BATCH) {
            runnable.addAll(complete(dsl, processes.subList(from, Math.min(processes.size(), from + BATCH))));
        }
        return runnable;
    }

    private List<RunnableProcess> complete(DSLContext dsl, List<ProcessRow> processes) {
        Set<String> appGuids = processes.stream().map(ProcessRow::appGuid).collect(Collectors.toSet());
        Map<String, App> apps = byGuid(store.apps.table.all(dsl, appGuids), App::guid);
        Map<String, Space> spaces = byGuid(
                store.spaces.table.all(
                        dsl, apps.values().stream().map(App::spaceGuid).collect(Collectors.toSet())),
                Space::guid);
        Map<String, Droplet> droplets = droplets(dsl, processes, apps);
        Map<String, List<RunnableProcess.Mapping>> mappings = mappings(dsl, appGuids);
        List<RunnableProcess> complete = new ArrayList<>();
        for (ProcessRow process : processes) {
            App app = apps.get(process.appGuid());
            Space space = app == null ? null : spaces.get(app.spaceGuid());
            Droplet droplet = droplets.get(process.guid());
            if (app != null && space != null && droplet != null && droplet.staged()) {
                complete.add(new RunnableProcess(
                        process,
                        app,
                        space,
                        droplet,
                        mappings.getOrDefault(app.guid() + "/" + process.type(), List.of())));
            }
        }
        return complete;
    }

    /** By process; while a deployment runs, the old processes keep the droplet they were started with. */
    private Map<String, Droplet> droplets(DSLContext dsl, List<ProcessRow> processes, Map<String, App> apps) {
        Map<String, Deployment> deployments = byGuid(
                store.deployments.table.all(dsl, APP_GUID.in(apps.keySet()).and(DeploymentRepository.ACTIVE)),
                Deployment::appGuid);
        Map<String, String> guids = new HashMap<>();
        for (ProcessRow process : processes) {
            App app = apps.get(process.appGuid());
            String guid = app == null ? null : app.dropletGuid();
            if (guid != null) {
                Deployment deployment = deployments.get(process.appGuid());
                guids.put(process.guid(), deployment == null ? guid : deployment.dropletOf(process, guid));
            }
        }
        Map<String, Droplet> found = byGuid(store.droplets.table.all(dsl, Set.copyOf(guids.values())), Droplet::guid);
        Map<String, Droplet> byProcess = new HashMap<>();
        guids.forEach((process, droplet) -> {
            if (found.containsKey(droplet)) {
                byProcess.put(process, found.get(droplet));
            }
        });
        return byProcess;
    }

    /** By app guid and process type. */
    private Map<String, List<RunnableProcess.Mapping>> mappings(DSLContext dsl, Set<String> appGuids) {
        List<Destination> destinations = store.destinations.all(dsl, APP_GUID.in(appGuids));
        Set<String> routeGuids =
                destinations.stream().map(Destination::routeGuid).collect(Collectors.toSet());
        Map<String, Route> routes =
                routeGuids.isEmpty() ? Map.of() : byGuid(store.routes.all(dsl, GUID.in(routeGuids)), Route::guid);
        Map<String, List<RunnableProcess.Mapping>> mappings = new HashMap<>();
        for (Destination destination : destinations) {
            Route route = routes.get(destination.routeGuid());
            if (route != null) {
                mappings.computeIfAbsent(
                                destination.appGuid() + "/" + destination.processType(), _ -> new ArrayList<>())
                        .add(new RunnableProcess.Mapping(route, destination));
            }
        }
        return mappings;
    }

    private static <T> Map<String, T> byGuid(List<T> items, Function<T, String> guid) {
        Map<String, T> map = new HashMap<>();
        items.forEach(item -> map.put(guid.apply(item), item));
        return map;
    }
}
