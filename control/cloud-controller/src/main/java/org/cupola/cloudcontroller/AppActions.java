package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.exception.IntegrityConstraintViolationException;

/** What is done to apps, by requests, manifests and deployments alike. Blocking; any thread. */
final class AppActions {
    private final Store store;
    private final LrpSync lrps;
    private final QuotaGuard quotas;
    private final CloudControllerConfig config;

    AppActions(Api api) {
        this.store = api.store();
        this.lrps = api.lrps();
        this.quotas = new QuotaGuard(store);
        this.config = api.config();
    }

    /** A new stopped app with its web process. */
    App create(
            Caller caller,
            Space space,
            String name,
            App.Lifecycle lifecycle,
            Map<String, String> environment,
            Metadata metadata) {
        if (lifecycle.docker()) {
            store.flags.require("diego_docker");
        }
        try {
            return store.database.write(dsl -> {
                App app = new App(
                        store.stamps.create(),
                        name,
                        space.guid(),
                        false,
                        lifecycle,
                        null,
                        config.platform().sshByDefault(),
                        true,
                        environment);
                store.apps.insert(dsl, app);
                store.processes.insert(dsl, process(app, ProcessRow.WEB, 1, store.stamps.create(app.guid())));
                store.metadata.merge(dsl, app.guid(), metadata);
                store.events.record(dsl, caller, "audit.app.create", AuditEvents.Party.of(app), space);
                return app;
            });
        } catch (IntegrityConstraintViolationException e) {
            throw nameTaken(name, e);
        }
    }

    static ApiException nameTaken(String name, Throwable cause) {
        ApiException taken = ApiException.unprocessable("App with the name '" + name + "' already exists.");
        taken.initCause(cause);
        return taken;
    }

    /** A process with the platform's defaults. */
    ProcessRow process(App app, String type, int instances, Stamp stamp) {
        CloudControllerConfig.AppLimits limits = config.limits();
        return new ProcessRow(
                stamp,
                app.guid(),
                type,
                UUID.randomUUID().toString(),
                null,
                null,
                instances,
                limits.defaultMemoryMb(),
                limits.defaultDiskMb(),
                limits.defaultLogRate(),
                type.equals(ProcessRow.WEB) ? ProcessRow.HealthCheck.PORT : ProcessRow.HealthCheck.PROCESS,
                ProcessRow.HealthCheck.PROCESS);
    }

    App start(Caller caller, Space space, App app) {
        if (app.started()) {
            return app;
        }
        return run(caller, space, app, "audit.app.start");
    }

    App restart(Caller caller, Space space, App app) {
        return run(caller, space, app, app.started() ? "audit.app.restart" : "audit.app.start");
    }

    /** Starts with new versions of all processes, so that what runs is replaced. */
    private App run(Caller caller, Space space, App app, String event) {
        if (app.dropletGuid() == null) {
            throw ApiException.unprocessable("Assign a droplet before starting this app.");
        }
        if (app.lifecycle().docker()) {
            store.flags.require("diego_docker");
        }
        List<String> obsolete = new ArrayList<>();
        store.database.writeVoid(dsl -> {
            obsolete.clear();
            store.apps.setStarted(dsl, app.guid(), true, store.stamps.micros());
            for (ProcessRow process : store.processes.ofApp(dsl, app.guid())) {
                obsolete.add(process.lrpGuid());
                store.processes.setVersion(
                        dsl, process.guid(), UUID.randomUUID().toString(), store.stamps.micros());
            }
            quotas.checkProcesses(dsl, space);
            store.events.record(dsl, caller, event, AuditEvents.Party.of(app), space);
        });
        if (app.started()) {
            lrps.remove(obsolete);
        }
        lrps.sync(store.database.read(dsl -> lrps.processesOf(dsl, app.guid())));
        return reload(app);
    }

    App stop(Caller caller, Space space, App app) {
        store.database.writeVoid(dsl -> {
            if (store.deployments.activeOf(dsl, app.guid()).isPresent()) {
                throw ApiException.stopDisabledDuringDeployment();
            }
            store.apps.setStarted(dsl, app.guid(), false, store.stamps.micros());
            store.events.record(dsl, caller, "audit.app.stop", AuditEvents.Party.of(app), space);
        });
        lrps.sync(store.database.read(dsl -> lrps.processesOf(dsl, app.guid())));
        return reload(app);
    }

    private App reload(App app) {
        return store.database
                .read(dsl -> store.apps.table.find(dsl, app.guid()))
                .orElseThrow(() -> ApiException.notFound("App"));
    }

    /** Makes a droplet the app's current one and gives the app the processes it names. */
    void assignDroplet(DSLContext dsl, Caller caller, Space space, App app, String dropletGuid) {
        Optional<Droplet> droplet = store.droplets
                .table
                .find(dsl, dropletGuid)
                .filter(found -> found.appGuid().equals(app.guid()) && found.staged());
        if (droplet.isEmpty()) {
            throw ApiException.unprocessable(
                    "Unable to assign current droplet. Ensure the droplet exists and belongs to this app.");
        }
        store.apps.setDroplet(dsl, app.guid(), dropletGuid, store.stamps.micros());
        for (String type : new TreeSet<>(droplet.get().processTypes().keySet())) {
            if (store.processes.ofApp(dsl, app.guid(), type).isEmpty()) {
                Stamp stamp = store.stamps.create();
                store.processes.insert(dsl, process(app, type, type.equals(ProcessRow.WEB) ? 1 : 0, stamp));
                store.events.record(
                        dsl,
                        caller,
                        "audit.app.process.create",
                        AuditEvents.Party.of(app),
                        space,
                        Docs.object().put("process_guid", stamp.guid()).put("process_type", type));
            }
        }
        store.events.record(
                dsl,
                caller,
                "audit.app.droplet.mapped",
                AuditEvents.Party.of(app),
                space,
                Docs.object().set("request", Docs.object().put("droplet_guid", dropletGuid)));
    }

    /** Deletes the app and all that is its own; blobs are the caller's. Returns the versions that may still run. */
    List<String> delete(DSLContext dsl, String appGuid) {
        List<String> lrpGuids = store.processes.ofApp(dsl, appGuid).stream()
                .map(ProcessRow::lrpGuid)
                .toList();
        List<String> owned = new ArrayList<>(List.of(appGuid));
        for (var table : List.of(
                ProcessRepository.PROCESSES,
                PackageRepository.PACKAGES,
                DropletRepository.DROPLETS,
                BuildRepository.BUILDS,
                DeploymentRepository.DEPLOYMENTS,
                TaskRepository.TASKS,
                DestinationRepository.DESTINATIONS)) {
            owned.addAll(
                    dsl.select(GUID).from(table).where(APP_GUID.eq(appGuid)).fetch(GUID));
            dsl.deleteFrom(table).where(APP_GUID.eq(appGuid)).execute();
        }
        store.metadata.delete(dsl, owned);
        store.apps.table.delete(dsl, GUID.eq(appGuid));
        return lrpGuids;
    }
}
