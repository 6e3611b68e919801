package org.cupola.cloudcontroller;

import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/feature_flags}. */
final class FeatureFlagsApi {
    private final FeatureFlags flags;
    private final Urls urls;
    private final Listing listing;

    FeatureFlagsApi(Api api) {
        this.flags = api.store().flags;
        this.urls = api.urls();
        this.listing = api.listing();
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/feature_flags", this::list)
                .get("/v3/feature_flags/{name}", call -> Reply.ok(present(find(call))))
                .patch("/v3/feature_flags/{name}", this::update);
    }

    private Reply list(Call call) {
        ListQuery query = call.list().orderedByName();
        return listing.reply(call, query, Page.of(flags.all(), query), this::present);
    }

    private FeatureFlags.Flag find(Call call) {
        return flags.find(call.parameter("name")).orElseThrow(() -> ApiException.notFound("Feature flag"));
    }

    private Reply update(Call call) {
        call.permissions().requireAdmin();
        FeatureFlags.Flag flag = find(call);
        Body body = call.body().allow("enabled", "custom_error_message");
        boolean enabled = body.bool("enabled").orElse(flag.enabled());
        String message = body.has("custom_error_message")
                ? body.string("custom_error_message").orElse(null)
                : flag.message();
        body.check();
        flags.set(flag.name(), enabled, message);
        return Reply.ok(present(find(call)));
    }

    private ObjectNode present(FeatureFlags.Flag flag) {
        ObjectNode document = Docs.object().put("name", flag.name()).put("enabled", flag.enabled());
        Long updatedAt = flag.updatedAt();
        document.put("updated_at", updatedAt == null ? null : Stamp.text(updatedAt));
        document.put("custom_error_message", flag.message());
        document.putObject("links").set("self", urls.link("/feature_flags/" + flag.name()));
        return document;
    }
}
