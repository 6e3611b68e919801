package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.STATE;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/builds}: packages become droplets. */
final class Builds {
    private static final Logger log = LoggerFactory.getLogger(Builds.class);

    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final Jobs jobs;
    private final Stager stager;
    private final BlobStores blobs;
    private final Retention retention;
    private final CloudControllerConfig config;

    Builds(Api api, Stager stager, BlobStores blobs, Retention retention) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.jobs = api.jobs();
        this.config = api.config();
        this.stager = stager;
        this.blobs = blobs;
        this.retention = retention;
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/builds", call -> list(call, DSL.noCondition()))
                .post("/v3/builds", this::create)
                .get("/v3/builds/{guid}", call -> Reply.ok(present(find(call))))
                .patch("/v3/builds/{guid}", this::update)
                .get(
                        "/v3/apps/{guid}/builds",
                        call -> list(
                                call, APP_GUID.eq(visible.app(call, call.guid()).guid())));
    }

    private Build find(Call call) {
        Build build = store.database
                .read(dsl -> store.builds.table.find(dsl, call.guid()))
                .orElseThrow(() -> ApiException.notFound("Build"));
        visible.owner(call, build.appGuid(), "Build");
        return build;
    }

    private Reply list(Call call, Condition restriction) {
        ListQuery query = call.list("app_guids", "package_guids", "states", "label_selector");
        Condition where = restriction
                .and(Processes.inVisibleApps(call, query))
                .and(query.common())
                .and(query.in("app_guids", APP_GUID))
                .and(query.in("package_guids", BuildRepository.PACKAGE_GUID))
                .and(query.in("states", STATE))
                .and(LabelSelector.condition(query));
        Page<Build> page = store.database.read(dsl -> store.builds.table.page(dsl, where, query));
        return Reply.ok(listing.document(call, query, page, Build::guid, this::present));
    }

    private Reply create(Call call) {
        Body body = call.body()
                .allow(
                        "package",
                        "lifecycle",
                        "metadata",
                        "staging_memory_in_mb",
                        "staging_disk_in_mb",
                        "staging_log_rate_limit_bytes_per_second");
        JsonNode guid = body.node("package", "guid");
        if (!guid.isString()) {
            body.refuse("Package guid must be a string");
        }
        Metadata metadata = Metadata.read(body);
        int memory =
                body.integer("staging_memory_in_mb", 1).orElse(config.limits().stagingMemoryMb());
        int disk = body.integer("staging_disk_in_mb", 1).orElse(config.limits().stagingDiskMb());
        long logRate =
                body.number("staging_log_rate_limit_bytes_per_second", -1).orElse(-1L);
        body.check();
        Optional<AppPackage> found = store.database.read(dsl -> store.packages.table.find(dsl, guid.asString()));
        Optional<Visible.AppIn> in = found.flatMap(one -> visible.findApp(call, one.appGuid()));
        if (found.isEmpty() || in.isEmpty()) {
            throw ApiException.unprocessable(
                    "Unable to use package. Ensure that the package exists and you have access to it.");
        }
        AppPackage source = found.get();
        call.permissions().requireManage(in.get().space());
        if (!source.state().equals(AppPackage.READY)) {
            throw ApiException.badRequest("Cannot stage package whose state is not ready.");
        }
        App app = in.get().app();
        Build build = new Build(
                store.stamps.create(),
                app.guid(),
                source.guid(),
                Build.STAGING,
                null,
                null,
                requested(body, app.lifecycle()),
                memory,
                disk,
                logRate,
                call.caller().guid(),
                call.caller().name(),
                call.caller().email());
        store.database.writeVoid(dsl -> {
            if (store.builds.table.exists(dsl, APP_GUID.eq(app.guid()).and(STATE.eq(Build.STAGING)))) {
                throw ApiException.stagingInProgress();
            }
            store.builds.insert(dsl, build);
            store.metadata.merge(dsl, build.guid(), metadata);
            store.events.record(
                    dsl,
                    call.caller(),
                    "audit.app.build.create",
                    AuditEvents.Party.of(app),
                    in.get().space(),
                    Docs.object().put("build_guid", build.guid()).put("package_guid", source.guid()));
        });
        jobs.background(() -> stage(build, source, app, in.get().space()));
        return Reply.created(present(build, metadata));
    }

    /** The build's own lifecycle goes before the app's. */
    private static App.Lifecycle requested(Body body, App.Lifecycle ofApp) {
        JsonNode data = body.node("lifecycle", "data");
        if (!data.path("buildpacks").isArray()) {
            return ofApp;
        }
        return new App.Lifecycle(
                ofApp.type(),
                Stored.list(data.path("buildpacks").toString()),
                data.path("stack").asString(ofApp.stack()));
    }

    private void stage(Build build, AppPackage source, App app, Space space) {
        try (WorkDirectory work = new WorkDirectory(config.blobs().temporary())) {
            if (!source.bits()) {
                stageImage(build, source, app, space);
                return;
            }
            Path zip = work.path().resolve("package.zip");
            if (!blobs.packages().download(BlobStores.packageKey(source.guid()), zip)) {
                throw new IOException("no bits of package " + source.guid());
            }
            String command = store.database
                    .read(dsl -> store.processes.ofApp(dsl, app.guid(), ProcessRow.WEB))
                    .map(ProcessRow::command)
                    .orElse("");
            Stager.Staged staged =
                    stager.stage(new Stager.Request(zip, build.lifecycle().buildpacks(), command, work.path()));
            Digests digests = Digests.of(staged.droplet());
            Droplet droplet = droplet(build, digests.sha1(), digests.sha256(), staged.processTypes(), null);
            blobs.droplets().put(BlobStores.dropletKey(droplet), staged.droplet());
            finish(build, droplet, app, space);
        } catch (Stager.StagingException e) {
            fail(build, app, space, String.valueOf(e.getMessage()), e);
        } catch (IOException | RuntimeException e) {
            fail(build, app, space, "StagingError - staging failed", e);
        }
    }

    private void stageImage(Build build, AppPackage source, App app, Space space) {
        finish(build, droplet(build, null, null, Map.of(ProcessRow.WEB, ""), source.dockerImage()), app, space);
    }

    private Droplet droplet(
            Build build,
            @Nullable String sha1,
            @Nullable String sha256,
            Map<String, String> processTypes,
            @Nullable String image) {
        return new Droplet(
                store.stamps.create(),
                build.appGuid(),
                build.packageGuid(),
                Droplet.STAGED,
                null,
                build.lifecycle(),
                sha1,
                sha256,
                processTypes,
                "",
                image);
    }

    private void finish(Build build, Droplet droplet, App app, Space space) {
        store.database.writeVoid(dsl -> {
            store.droplets.insert(dsl, droplet);
            store.builds.staged(dsl, build.guid(), droplet.guid(), store.stamps.micros());
            event(dsl, build, app, space, "audit.app.build.staged");
        });
        log.atInfo()
                .addKeyValue("app", app.guid())
                .addKeyValue("build", build.guid())
                .addKeyValue("droplet", droplet.guid())
                .log("build-staged");
        retention.droplets(app.guid());
    }

    private void fail(Build build, App app, Space space, String reason, Exception cause) {
        log.atWarn()
                .addKeyValue("app", app.guid())
                .addKeyValue("build", build.guid())
                .setCause(cause)
                .log("build-failed");
        store.database.writeVoid(dsl -> {
            store.builds.failed(dsl, build.guid(), reason, store.stamps.micros());
            event(dsl, build, app, space, "audit.app.build.failed");
        });
    }

    private void event(DSLContext dsl, Build build, App app, Space space, String type) {
        store.events.record(
                dsl,
                new AuditEvents.Party(build.createdByGuid(), "user", build.createdByName()),
                type,
                AuditEvents.Party.of(app),
                Docs.object().put("build_guid", build.guid()).put("package_guid", build.packageGuid()),
                space.guid(),
                space.organizationGuid());
    }

    /** What an earlier run was staging when it ended has to be staged again by the client. */
    void recover() {
        List<Build> interrupted = store.database.read(dsl -> store.builds.table.all(dsl, STATE.eq(Build.STAGING)));
        interrupted.forEach(build -> store.database.writeVoid(dsl -> store.builds.failed(
                dsl,
                build.guid(),
                "StagingError - The Cloud Controller restarted during staging",
                store.stamps.micros())));
    }

    private Reply update(Call call) {
        Build build = find(call);
        call.permissions()
                .requireWrite(visible.owner(call, build.appGuid(), "Build").space());
        Body body = call.body().allow("metadata", "state", "error", "lifecycle");
        Metadata metadata = Metadata.read(body);
        body.check();
        store.database.writeVoid(dsl -> store.metadata.merge(dsl, build.guid(), metadata));
        return Reply.ok(present(build));
    }

    private ObjectNode present(Build build) {
        return present(build, store.database.read(dsl -> store.metadata.of(dsl, build.guid())));
    }

    private ObjectNode present(Build build, Metadata metadata) {
        ObjectNode document = build.stamp()
                .document()
                .put("state", build.state())
                .put("staging_memory_in_mb", build.memoryMb())
                .put("staging_disk_in_mb", build.diskMb())
                .put("staging_log_rate_limit_bytes_per_second", build.logRate())
                .put("error", build.error());
        document.set("lifecycle", Apps.lifecycle(build.lifecycle()));
        document.set("package", Docs.guid(build.packageGuid()));
        document.set("droplet", build.dropletGuid() == null ? Docs.orNull(null) : Docs.guid(build.dropletGuid()));
        document.putObject("created_by")
                .put("guid", build.createdByGuid())
                .put("name", build.createdByName())
                .put("email", build.createdByEmail());
        document.putObject("relationships").set("app", Docs.toOne(build.appGuid()));
        document.set("metadata", metadata.document());
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/builds/" + build.guid()));
        links.set("app", urls.link("/apps/" + build.appGuid()));
        if (build.dropletGuid() != null) {
            links.set("droplet", urls.link("/droplets/" + build.dropletGuid()));
        }
        return document;
    }
}
