package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.STATE;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.protocol.blobstore.BlobKey;
import org.cupola.protocol.blobstore.BlobstoreClient;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/droplets}. */
final class Droplets {
    private static final String HIDDEN = "[PRIVATE DATA HIDDEN IN LISTS]";

    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final Jobs jobs;
    private final BlobstoreClient blobs;
    private final Path temporary;

    Droplets(Api api, BlobstoreClient blobs) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.jobs = api.jobs();
        this.blobs = blobs;
        this.temporary = api.config().blobs().temporary();
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/droplets", call -> list(call, DSL.noCondition()))
                .post("/v3/droplets", this::create)
                .get("/v3/droplets/{guid}", call -> Reply.ok(present(find(call).droplet())))
                .patch("/v3/droplets/{guid}", this::update)
                .delete("/v3/droplets/{guid}", this::delete)
                .get("/v3/apps/{guid}/droplets", this::ofApp)
                .get("/v3/apps/{guid}/droplets/current", this::current)
                .get(
                        "/v3/packages/{guid}/droplets",
                        call -> list(call, DropletRepository.PACKAGE_GUID.eq(packageGuid(call))));
    }

    /** A droplet and where its app is. */
    record Found(Droplet droplet, Visible.AppIn in) {}

    Found find(Call call) {
        Droplet droplet = store.database
                .read(dsl -> store.droplets.table.find(dsl, call.guid()))
                .orElseThrow(() -> ApiException.notFound("Droplet"));
        return new Found(droplet, visible.owner(call, droplet.appGuid(), "Droplet"));
    }

    private String packageGuid(Call call) {
        AppPackage found = store.database
                .read(dsl -> store.packages.table.find(dsl, call.guid()))
                .orElseThrow(() -> ApiException.notFound("Package"));
        visible.owner(call, found.appGuid(), "Package");
        return found.guid();
    }

    private Reply ofApp(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        Condition restriction = APP_GUID.eq(in.guid());
        if ("true".equals(call.query().get("current"))) {
            String current = in.app().dropletGuid();
            restriction = current == null ? DSL.falseCondition() : GUID.eq(current);
        }
        return list(call, restriction);
    }

    private Reply list(Call call, Condition restriction) {
        ListQuery query =
                call.list("app_guids", "organization_guids", "space_guids", "states", "current", "label_selector");
        Condition where = restriction
                .and(Processes.inVisibleApps(call, query))
                .and(query.common())
                .and(query.in("app_guids", APP_GUID))
                .and(query.in("states", STATE))
                .and(LabelSelector.condition(query));
        Page<Droplet> page = store.database.read(dsl -> store.droplets.table.page(dsl, where, query));
        return Reply.ok(listing.document(call, query, page, Droplet::guid, (droplet, metadata) -> {
            ObjectNode document = present(droplet, metadata);
            document.put("execution_metadata", HIDDEN);
            document.putObject("process_types").put("redacted_message", HIDDEN);
            return document;
        }));
    }

    private Reply current(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        String guid = in.app().dropletGuid();
        return store.database
                .read(dsl -> guid == null ? Optional.<Droplet>empty() : store.droplets.table.find(dsl, guid))
                .map(droplet -> Reply.ok(present(droplet)))
                .orElseThrow(() -> ApiException.notFound("Droplet"));
    }

    private Reply create(Call call) {
        call.allowParameters("source_guid");
        String source = call.query().get("source_guid");
        if (source != null) {
            return copy(call, source);
        }
        Body body = call.body().allow("relationships", "process_types", "metadata");
        String appGuid = body.requiredRelationship("app");
        Map<String, String> processTypes = body.hasValue("process_types")
                ? Stored.map(body.node("process_types").toString())
                : Map.of();
        body.check();
        Visible.AppIn in = writableApp(call, appGuid);
        Droplet droplet = new Droplet(
                store.stamps.create(),
                appGuid,
                null,
                Droplet.AWAITING_UPLOAD,
                null,
                in.app().lifecycle(),
                null,
                null,
                processTypes,
                "",
                null);
        insert(call, in, droplet);
        return Reply.created(present(droplet));
    }

    private Visible.AppIn writableApp(Call call, String appGuid) {
        Visible.AppIn in = visible.findApp(call, appGuid)
                .orElseThrow(() -> ApiException.unprocessable(
                        "App with guid \"" + appGuid + "\" does not exist, or you do not have access to it."));
        call.permissions().requireWrite(in.space());
        return in;
    }

    private void insert(Call call, Visible.AppIn in, Droplet droplet) {
        store.database.writeVoid(dsl -> {
            store.droplets.insert(dsl, droplet);
            store.events.record(
                    dsl,
                    call.caller(),
                    "audit.app.droplet.create",
                    AuditEvents.Party.of(in.app()),
                    in.space(),
                    Docs.object().put("droplet_guid", droplet.guid()));
        });
    }

    private Reply copy(Call call, String sourceGuid) {
        Body body = call.body().allow("relationships", "metadata");
        String appGuid = body.requiredRelationship("app");
        body.check();
        Droplet source = store.database
                .read(dsl -> store.droplets.table.find(dsl, sourceGuid))
                .orElseThrow(() -> ApiException.notFound("Droplet"));
        visible.owner(call, source.appGuid(), "Droplet");
        Visible.AppIn in = writableApp(call, appGuid);
        if (!source.staged()) {
            throw ApiException.unprocessable("source droplet is not staged");
        }
        Droplet copy = new Droplet(
                store.stamps.create(),
                appGuid,
                null,
                Droplet.STAGED,
                null,
                source.lifecycle(),
                source.sha1(),
                source.sha256(),
                source.processTypes(),
                source.executionMetadata(),
                source.image());
        try {
            if (source.sha1() != null) {
                blobs.copy(BlobStores.dropletKey(source), BlobStores.dropletKey(copy));
            }
        } catch (IOException e) {
            throw new IllegalStateException("droplet " + sourceGuid + " not copied", e);
        }
        insert(call, in, copy);
        return Reply.created(present(copy));
    }

    private Reply update(Call call) {
        Found found = find(call);
        call.permissions().requireWrite(found.in().space());
        Body body = call.body().allow("metadata", "image");
        Metadata metadata = Metadata.read(body);
        body.check();
        store.database.writeVoid(dsl -> store.metadata.merge(dsl, call.guid(), metadata));
        return Reply.ok(present(found.droplet()));
    }

    private Reply delete(Call call) {
        Found found = find(call);
        call.permissions().requireWrite(found.in().space());
        if (found.droplet().guid().equals(found.in().app().dropletGuid())) {
            throw ApiException.unprocessable("The droplet is currently used by the app and cannot be deleted.");
        }
        return jobs.delete("droplet", call.guid());
    }

    /** The content of a droplet that has any. */
    Downloads.Content content(Call call) {
        Droplet droplet = find(call).droplet();
        if (!droplet.staged() || droplet.sha1() == null) {
            throw ApiException.unprocessable("Only staged droplets can be downloaded.");
        }
        return new Downloads.Content(blobs, BlobStores.dropletKey(droplet), BlobstoreClient.Audience.PUBLIC, "Droplet");
    }

    void requireMayUpload(Call call) {
        Found found = find(call);
        call.permissions().requireWrite(found.in().space());
        if (!found.droplet().state().equals(Droplet.AWAITING_UPLOAD)) {
            throw ApiException.unprocessable("Droplet may be uploaded only once. Create a new droplet to upload bits.");
        }
    }

    Reply upload(Call call, Uploads.Form form) throws IOException {
        Uploads.FilePart file = form.files().get("bits");
        if (file == null) {
            throw ApiException.unprocessable("A droplet tgz file must be uploaded as 'bits'");
        }
        if (!file.filename().endsWith(".tgz") && !file.filename().endsWith(".tar.gz")) {
            throw ApiException.unprocessable(file.filename() + " is not a tgz");
        }
        if (Files.size(file.path()) == 0) {
            throw ApiException.unprocessable(file.filename() + " cannot be empty");
        }
        Droplet droplet = find(call).droplet();
        WorkDirectory work = new WorkDirectory(temporary);
        Path bits = work.path().resolve("droplet.tgz");
        Files.move(file.path(), bits, StandardCopyOption.REPLACE_EXISTING);
        boolean mine = store.database.write(dsl -> store.droplets.advance(
                dsl, droplet.guid(), Droplet.AWAITING_UPLOAD, Droplet.PROCESSING_UPLOAD, store.stamps.micros()));
        if (!mine) {
            work.close();
            throw ApiException.unprocessable("Droplet may be uploaded only once. Create a new droplet to upload bits.");
        }
        return jobs.run("droplet.upload", "droplet", droplet.guid(), () -> {
            try (work) {
                accept(droplet, bits);
            }
            return List.of();
        });
    }

    private void accept(Droplet droplet, Path bits) throws IOException {
        Digests digests = Digests.of(bits);
        blobs.put(BlobKey.of(droplet.guid(), digests.sha1()), bits);
        Map<String, String> processTypes =
                droplet.processTypes().isEmpty() ? processTypes(bits) : droplet.processTypes();
        store.database.writeVoid(dsl -> store.droplets.staged(
                dsl, droplet.guid(), digests.sha1(), digests.sha256(), processTypes, store.stamps.micros()));
    }

    /** As the droplet itself tells. */
    private static Map<String, String> processTypes(Path droplet) throws IOException {
        try (InputStream in = Files.newInputStream(droplet)) {
            String command = StagingInfo.startCommand(in);
            return command.isEmpty() ? Map.of() : Map.of(ProcessRow.WEB, command);
        }
    }

    private ObjectNode present(Droplet droplet) {
        return present(droplet, store.database.read(dsl -> store.metadata.of(dsl, droplet.guid())));
    }

    private ObjectNode present(Droplet droplet, Metadata metadata) {
        String self = "/droplets/" + droplet.guid();
        ObjectNode document =
                droplet.stamp().document().put("state", droplet.state()).put("error", droplet.error());
        ObjectNode lifecycle =
                document.putObject("lifecycle").put("type", droplet.lifecycle().type());
        lifecycle.putObject("data");
        if (droplet.sha256() == null) {
            document.putNull("checksum");
        } else {
            document.putObject("checksum").put("type", "sha256").put("value", droplet.sha256());
        }
        document.putArray("buildpacks");
        document.put(
                        "stack",
                        droplet.lifecycle().docker()
                                ? null
                                : droplet.lifecycle().stack())
                .put("image", droplet.image())
                .put("execution_metadata", droplet.executionMetadata());
        document.set("process_types", Docs.parse(Stored.map(droplet.processTypes())));
        document.putObject("relationships").set("app", Docs.toOne(droplet.appGuid()));
        document.set("metadata", metadata.document());
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link(self));
        links.set("app", urls.link("/apps/" + droplet.appGuid()));
        links.set(
                "assign_current_droplet", urls.patch("/apps/" + droplet.appGuid() + "/relationships/current_droplet"));
        if (droplet.packageGuid() != null) {
            links.set("package", urls.link("/packages/" + droplet.packageGuid()));
        }
        if (droplet.state().equals(Droplet.AWAITING_UPLOAD)) {
            links.set("upload", urls.post(self + "/upload"));
        }
        if (droplet.staged() && !droplet.lifecycle().docker()) {
            links.set("download", urls.link(self + "/download"));
        }
        return document;
    }
}
