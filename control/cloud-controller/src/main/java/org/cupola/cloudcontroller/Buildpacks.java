package org.cupola.cloudcontroller;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v3/buildpacks}: what the stager can do without downloads, shown as buildpacks that cannot be changed.
 */
final class Buildpacks {
    /** The names an app may ask for. */
    static final List<String> BUILT_IN = List.of("binary_buildpack");

    private final Urls urls;
    private final Listing listing;
    private final Stamp stamp;
    private final String stack;

    Buildpacks(Api api) {
        this.urls = api.urls();
        this.listing = api.listing();
        this.stack = api.config().platform().defaultStack();
        this.stamp = new Stamp(
                UUID.nameUUIDFromBytes(BUILT_IN.getFirst().getBytes(StandardCharsets.UTF_8))
                        .toString(),
                0,
                0);
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/buildpacks", this::list).get("/v3/buildpacks/{guid}", this::show);
    }

    private Reply list(Call call) {
        ListQuery query = call.list("names", "stacks", "lifecycle", "label_selector")
                .orderedBy("position", Columns.NAME)
                .orderedBy("lifecycle", Columns.NAME);
        boolean fits = fits(query, "names", BUILT_IN.getFirst())
                && fits(query, "stacks", stack)
                && fits(query, "lifecycle", "buildpack");
        return listing.reply(call, query, Page.of(fits ? BUILT_IN : List.of(), query), this::present);
    }

    private static boolean fits(ListQuery query, String filter, String value) {
        return !query.has(filter) || query.values(filter).contains(value);
    }

    private Reply show(Call call) {
        if (!call.guid().equals(stamp.guid())) {
            throw ApiException.notFound("Buildpack");
        }
        return Reply.ok(present(BUILT_IN.getFirst()));
    }

    private ObjectNode present(String name) {
        ObjectNode document = stamp.document()
                .put("name", name)
                .put("stack", stack)
                .put("state", "READY")
                .put("lifecycle", "buildpack")
                .putNull("filename")
                .put("position", 1)
                .put("enabled", true)
                .put("locked", true);
        document.set("metadata", Metadata.NONE.document());
        document.putObject("links").set("self", urls.link("/buildpacks/" + stamp.guid()));
        return document;
    }
}
