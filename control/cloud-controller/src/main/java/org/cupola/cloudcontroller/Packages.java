package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.STATE;
import static org.cupola.cloudcontroller.Columns.TYPE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.cupola.platform.json.Json;
import org.cupola.protocol.blobstore.BlobstoreClient;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/packages} and {@code /v3/resource_matches}. */
final class Packages {
    private static final Logger log = LoggerFactory.getLogger(Packages.class);
    private static final int MAX_RESOURCES = 5000;

    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final Jobs jobs;
    private final PackageBits bits;
    private final BlobstoreClient blobs;
    private final Retention retention;
    private final Path temporary;

    Packages(Api api, PackageBits bits, BlobstoreClient blobs, Retention retention) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.jobs = api.jobs();
        this.bits = bits;
        this.blobs = blobs;
        this.retention = retention;
        this.temporary = api.config().blobs().temporary();
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/packages", call -> list(call, DSL.noCondition()))
                .post("/v3/packages", this::create)
                .get("/v3/packages/{guid}", call -> Reply.ok(present(find(call).found())))
                .patch("/v3/packages/{guid}", this::update)
                .delete("/v3/packages/{guid}", this::delete)
                .get(
                        "/v3/apps/{guid}/packages",
                        call -> list(
                                call, APP_GUID.eq(visible.app(call, call.guid()).guid())))
                .post("/v3/resource_matches", this::match);
    }

    /** A package and where its app is. */
    record Found(AppPackage found, Visible.AppIn in) {}

    Found find(Call call) {
        return find(call, call.guid());
    }

    Found find(Call call, String guid) {
        AppPackage found = store.database
                .read(dsl -> store.packages.table.find(dsl, guid))
                .orElseThrow(() -> ApiException.notFound("Package"));
        return new Found(found, visible.owner(call, found.appGuid(), "Package"));
    }

    private Reply list(Call call, Condition restriction) {
        ListQuery query =
                call.list("states", "types", "app_guids", "space_guids", "organization_guids", "label_selector");
        Condition where = restriction
                .and(Processes.inVisibleApps(call, query))
                .and(query.common())
                .and(query.in("states", STATE))
                .and(query.in("types", TYPE))
                .and(query.in("app_guids", APP_GUID))
                .and(LabelSelector.condition(query));
        Page<AppPackage> page = store.database.read(dsl -> store.packages.table.page(dsl, where, query));
        return Reply.ok(listing.document(call, query, page, AppPackage::guid, this::present));
    }

    private Reply create(Call call) {
        call.allowParameters("source_guid");
        String source = call.query().get("source_guid");
        return source == null ? createNew(call) : copy(call, source);
    }

    private Reply createNew(Call call) {
        Body body = call.body().allow("type", "relationships", "data", "metadata");
        String type = body.requiredString("type");
        String appGuid = body.requiredRelationship("app");
        Metadata metadata = Metadata.read(body);
        if (!type.isEmpty() && !type.equals("bits") && !type.equals("docker")) {
            body.refuse("Type must be one of 'bits, docker'");
        }
        JsonNode data = body.node("data");
        boolean docker = type.equals("docker");
        String image = data.path("image").asString("");
        if (docker && image.isEmpty()) {
            body.refuse("Data Image required");
        }
        body.check();
        Visible.AppIn in = writableApp(call, appGuid);
        if (docker != in.app().lifecycle().docker()) {
            throw ApiException.unprocessable(
                    docker
                            ? "Cannot create Docker package for a buildpack app."
                            : "Cannot create bits package for a Docker app.");
        }
        AppPackage created = new AppPackage(
                store.stamps.create(),
                appGuid,
                type,
                docker ? AppPackage.READY : AppPackage.AWAITING_UPLOAD,
                null,
                null,
                docker ? image : null,
                text(data, "username"),
                text(data, "password"));
        insert(call, in, created, metadata, "audit.app.package.create");
        return Reply.created(present(created, metadata));
    }

    private static @Nullable String text(JsonNode data, String key) {
        return data.path(key).isString() ? data.path(key).asString() : null;
    }

    private Visible.AppIn writableApp(Call call, String appGuid) {
        Visible.AppIn in = visible.findApp(call, appGuid)
                .orElseThrow(() ->
                        ApiException.unprocessable("App is invalid. Ensure it exists and you have access to it."));
        call.permissions().requireWrite(in.space());
        return in;
    }

    private void insert(Call call, Visible.AppIn in, AppPackage created, Metadata metadata, String event) {
        store.database.writeVoid(dsl -> {
            store.packages.insert(dsl, created);
            store.metadata.merge(dsl, created.guid(), metadata);
            store.events.record(
                    dsl,
                    call.caller(),
                    event,
                    AuditEvents.Party.of(in.app()),
                    in.space(),
                    Docs.object().put("package_guid", created.guid()));
        });
    }

    private Reply copy(Call call, String sourceGuid) {
        Body body = call.body().allow("relationships", "metadata");
        String appGuid = body.requiredRelationship("app");
        body.check();
        Found source = find(call, sourceGuid);
        Visible.AppIn in = writableApp(call, appGuid);
        if (source.found().appGuid().equals(appGuid)) {
            throw ApiException.unprocessable("Unable to copy package. Source and destination app cannot be the same.");
        }
        if (!source.found().state().equals(AppPackage.READY)) {
            throw ApiException.unprocessable("Unable to copy package. Ensure the source package is ready.");
        }
        AppPackage copy = new AppPackage(
                store.stamps.create(),
                appGuid,
                source.found().type(),
                source.found().bits() ? AppPackage.COPYING : AppPackage.READY,
                null,
                source.found().sha256(),
                source.found().dockerImage(),
                source.found().dockerUsername(),
                source.found().dockerPassword());
        insert(call, in, copy, Metadata.NONE, "audit.app.package.create");
        if (copy.bits()) {
            jobs.background(() -> copyBits(source.found(), copy));
        }
        return Reply.created(present(find(call, copy.guid()).found()));
    }

    private void copyBits(AppPackage source, AppPackage copy) {
        try {
            blobs.copy(BlobStores.packageKey(source.guid()), BlobStores.packageKey(copy.guid()));
            String sha256 = String.valueOf(source.sha256());
            store.database.writeVoid(dsl -> store.packages.ready(dsl, copy.guid(), sha256, store.stamps.micros()));
        } catch (IOException e) {
            fail(copy.guid(), "Copying the bits failed", e);
        }
    }

    private Reply update(Call call) {
        Found found = find(call);
        call.permissions().requireWrite(found.in().space());
        Body body = call.body().allow("metadata");
        Metadata metadata = Metadata.read(body);
        body.check();
        store.database.writeVoid(dsl -> store.metadata.merge(dsl, call.guid(), metadata));
        return Reply.ok(present(found.found()));
    }

    private Reply delete(Call call) {
        Found found = find(call);
        call.permissions().requireWrite(found.in().space());
        return jobs.delete("package", call.guid());
    }

    /** The content of a package, for those who may read secrets. */
    Downloads.Content content(Call call) {
        Found found = find(call);
        if (!call.permissions().readsSecrets(found.in().space())) {
            throw ApiException.notAuthorized();
        }
        return new Downloads.Content(
                blobs, BlobStores.packageKey(call.guid()), BlobstoreClient.Audience.PUBLIC, "Package");
    }

    /** Before the body of an upload is read. */
    void requireMayUpload(Call call) {
        Found found = find(call);
        call.permissions().requireWrite(found.in().space());
        store.flags.require(call.permissions(), "app_bits_upload");
        if (!found.found().bits()) {
            throw ApiException.unprocessable("Package type must be bits.");
        }
        if (!found.found().state().equals(AppPackage.AWAITING_UPLOAD)) {
            throw ApiException.bitsAlreadyUploaded();
        }
    }

    Reply upload(Call call, Uploads.Form form) throws IOException {
        List<PackageBits.Resource> known = resources(form.fields().get("resources"));
        Uploads.FilePart file = form.files().get("bits");
        if (file == null && known.isEmpty()) {
            throw ApiException.unprocessable("Upload must include either resources or bits");
        }
        String guid = call.guid();
        WorkDirectory work = new WorkDirectory(temporary);
        Path zip = work.path().resolve("package.zip");
        boolean mine = false;
        try {
            if (file == null) {
                PackageBits.createEmpty(zip);
            } else {
                Files.move(file.path(), zip, StandardCopyOption.REPLACE_EXISTING);
            }
            mine = store.database.write(dsl -> store.packages.advance(
                    dsl, guid, AppPackage.AWAITING_UPLOAD, AppPackage.PROCESSING_UPLOAD, store.stamps.micros()));
        } finally {
            if (!mine) {
                work.close();
            }
        }
        if (!mine) {
            throw ApiException.bitsAlreadyUploaded();
        }
        boolean keep = store.flags.enabled("resource_matching");
        jobs.background(() -> process(guid, zip, known, keep, work));
        Found found = find(call);
        store.database.writeVoid(dsl -> store.events.record(
                dsl,
                call.caller(),
                "audit.app.package.upload",
                AuditEvents.Party.of(found.in().app()),
                found.in().space(),
                Docs.object().put("package_guid", guid)));
        return Reply.ok(present(found.found()));
    }

    private void process(String guid, Path zip, List<PackageBits.Resource> known, boolean keep, WorkDirectory work) {
        try (work) {
            String sha256 = bits.assemble(guid, zip, known, keep, work.path());
            store.database.writeVoid(dsl -> store.packages.ready(dsl, guid, sha256, store.stamps.micros()));
            retention.packages(guid);
        } catch (PackageBits.PackageException e) {
            fail(guid, String.valueOf(e.getMessage()), e);
        } catch (IOException | RuntimeException e) {
            fail(guid, "Processing the bits failed: " + e.getMessage(), e);
        }
    }

    private void fail(String guid, String reason, Exception cause) {
        log.atWarn().addKeyValue("package", guid).setCause(cause).log("package-failed");
        store.database.writeVoid(dsl -> store.packages.failed(dsl, guid, reason, store.stamps.micros()));
    }

    /** What an earlier run was processing when it ended is lost: the client has to upload again. */
    void recover() {
        store.database
                .read(dsl -> store.packages.table.all(dsl, STATE.in(AppPackage.PROCESSING_UPLOAD, AppPackage.COPYING)))
                .forEach(found -> store.database.writeVoid(dsl -> store.packages.failed(
                        dsl,
                        found.guid(),
                        "The Cloud Controller restarted while it processed the bits",
                        store.stamps.micros())));
    }

    private static List<PackageBits.Resource> resources(@Nullable String json) {
        if (json == null || json.isEmpty()) {
            return List.of();
        }
        try {
            List<PackageBits.Resource> resources = new ArrayList<>();
            for (JsonNode node : Json.tree(json)) {
                resources.add(resource(node));
            }
            return resources;
        } catch (JacksonException e) {
            ApiException refused = ApiException.unprocessable("Resources is not valid JSON: " + e.getOriginalMessage());
            refused.initCause(e);
            throw refused;
        }
    }

    /** In the shape of version 3, or that of version 2. */
    private static PackageBits.Resource resource(JsonNode node) {
        boolean old = node.has("sha1");
        String sha1 = old
                ? node.path("sha1").asString("")
                : node.path("checksum").path("value").asString("");
        String mode = node.path("mode").asString("");
        if (!sha1.matches("[0-9a-fA-F]{40}")) {
            throw ApiException.unprocessable("array contains at least one resource with an invalid checksum");
        }
        if (!mode.matches("[0-7]{0,6}")) {
            throw ApiException.unprocessable("array contains at least one resource with an incorrect mode");
        }
        return new PackageBits.Resource(
                sha1.toLowerCase(Locale.ROOT),
                old ? node.path("size").asLong(0) : node.path("size_in_bytes").asLong(0),
                old ? node.path("fn").asString("") : node.path("path").asString(""),
                mode.length() > 3 ? mode.substring(mode.length() - 3) : mode);
    }

    private Reply match(Call call) throws IOException {
        Body body = call.body().allow("resources");
        JsonNode asked = body.node("resources");
        if (!asked.isArray() || asked.isEmpty()) {
            body.refuse("Resources must have at least 1 resource");
        } else if (asked.size() > MAX_RESOURCES) {
            body.refuse("Resources array can have at most " + MAX_RESOURCES + " resources");
        }
        body.check();
        store.flags.require(call.permissions(), "app_bits_upload");
        ObjectNode document = Docs.object();
        var matching = document.putArray("resources");
        if (store.flags.enabled("resource_matching")) {
            for (JsonNode node : asked) {
                if (bits.knows(resource(node))) {
                    matching.add(node);
                }
            }
        }
        return Reply.created(document);
    }

    private ObjectNode present(AppPackage found) {
        return present(found, store.database.read(dsl -> store.metadata.of(dsl, found.guid())));
    }

    private ObjectNode present(AppPackage found, Metadata metadata) {
        String self = "/packages/" + found.guid();
        ObjectNode document = found.stamp().document().put("type", found.type());
        ObjectNode data = document.putObject("data");
        if (found.bits()) {
            data.put("error", found.error());
            data.putObject("checksum").put("type", "sha256").put("value", found.sha256());
        } else {
            data.put("image", found.dockerImage())
                    .put("username", found.dockerUsername())
                    .put("password", found.dockerPassword() == null ? null : "***");
        }
        document.put("state", found.state());
        document.putObject("relationships").set("app", Docs.toOne(found.appGuid()));
        document.set("metadata", metadata.document());
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link(self));
        links.set("app", urls.link("/apps/" + found.appGuid()));
        if (found.bits()) {
            links.set("upload", urls.post(self + "/upload"));
            links.set("download", urls.link(self + "/download").put("method", "GET"));
        }
        return document;
    }
}
