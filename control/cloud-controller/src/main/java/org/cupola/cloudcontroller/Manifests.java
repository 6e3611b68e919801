package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.MediaType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Manifests: {@code …/actions/apply_manifest}, {@code …/manifest_diff} and {@code /v3/apps/:guid/manifest}. */
final class Manifests {
    private static final MediaType YAML = MediaType.create("application", "x-yaml");

    private final Store store;
    private final Visible visible;
    private final Jobs jobs;
    private final ManifestApply apply;
    private final AppManifest writer;

    Manifests(Api api, ManifestApply apply) {
        this.store = api.store();
        this.visible = api.visible();
        this.jobs = api.jobs();
        this.apply = apply;
        this.writer = new AppManifest(store);
    }

    void register(ApiRoutes routes) {
        routes.post("/v3/spaces/{guid}/actions/apply_manifest", this::apply)
                .post("/v3/spaces/{guid}/manifest_diff", this::diff)
                .get("/v3/apps/{guid}/manifest", this::show);
    }

    /** An app of the manifest that exists by now. */
    private record Target(String appGuid, ManifestFile.Application wanted) {}

    private Reply apply(Call call) {
        Space space = visible.space(call, call.guid());
        call.permissions().requireWrite(space);
        ManifestFile manifest = ManifestFile.read(call);
        List<Target> targets = new ArrayList<>();
        for (ManifestFile.Application wanted : manifest.applications()) {
            targets.add(new Target(
                    named(wanted, () -> apply.findOrCreate(call.caller(), space, wanted))
                            .guid(),
                    wanted));
        }
        return jobs.run("space.apply_manifest", "space", space.guid(), () -> {
            for (Target target : targets) {
                named(target.wanted(), () -> {
                    apply.apply(call.caller(), space, target.appGuid(), target.wanted());
                    return true;
                });
            }
            return List.of();
        });
    }

    /** What an app is refused for is told with its name. */
    private static <T> T named(ManifestFile.Application wanted, Supplier<T> work) {
        try {
            return work.get();
        } catch (ApiException e) {
            ApiException named = new ApiException(
                    e.status(),
                    e.errors().stream()
                            .map(error -> new ApiError(
                                    error.code(),
                                    error.title(),
                                    "For application '" + wanted.name() + "': " + error.detail()))
                            .toList());
            named.initCause(e);
            throw named;
        }
    }

    private Reply diff(Call call) {
        Space space = visible.space(call, call.guid());
        call.permissions().requireWrite(space);
        ManifestFile manifest = ManifestFile.read(call);
        ManifestDiff diff = new ManifestDiff();
        for (int index = 0; index < manifest.applications().size(); index++) {
            ManifestFile.Application wanted = manifest.applications().get(index);
            Optional<ObjectNode> present = store.database.read(
                    dsl -> store.apps.named(dsl, space.guid(), wanted.name()).map(app -> writer.of(dsl, app)));
            diff.compare(index, wanted.node(), present);
        }
        ObjectNode document = Docs.object();
        document.set("diff", diff.operations());
        return Reply.created(document);
    }

    private Reply show(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        if (!call.permissions().readsSecrets(in.space())) {
            throw ApiException.notAuthorized();
        }
        ObjectNode document = Docs.object();
        ObjectNode application = store.database.read(dsl -> writer.of(dsl, in.app()));
        document.putArray("applications").add(application);
        return Reply.text(YAML, YAMLMapper.shared().writeValueAsString(document));
    }
}
