package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.QueryParams;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists of resources that this Cloud Controller has none of, because what would make them is not part of it. Clients read them
 * whatever they do, and an empty list is the truth.
 */
final class EmptyCollections {
    private static final Map<String, String> SINGULARS = Map.of(
            "service_instances", "Service instance",
            "service_brokers", "Service broker",
            "service_offerings", "Service offering",
            "service_plans", "Service plan",
            "service_credential_bindings", "Service credential binding",
            "service_route_bindings", "Service route binding",
            "app_usage_events", "App usage event",
            "service_usage_events", "Service usage event");

    /** The segment that every installation has. */
    private static final Stamp SHARED_SEGMENT = new Stamp("933b4c58-120b-499a-b85d-4b6fc9e2903b", 0, 0);

    private final Urls urls;
    private final Listing listing;
    private final Visible visible;

    EmptyCollections(Api api) {
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
    }

    void register(ApiRoutes routes) {
        SINGULARS.forEach(
                (plural, singular) -> routes.get("/v3/" + plural, this::empty).get("/v3/" + plural + "/{guid}", _ -> {
                    throw ApiException.notFound(singular);
                }));
        for (String ofApp : List.of("revisions", "revisions/deployed")) {
            routes.get("/v3/apps/{guid}/" + ofApp, call -> {
                visible.app(call, call.guid());
                return empty(call);
            });
        }
        routes.get("/v3/isolation_segments", this::segments)
                .get("/v3/isolation_segments/{guid}", this::segment)
                .get("/v3/isolation_segments/{guid}/organizations", this::empty);
    }

    private Reply empty(Call call) {
        // Their filters are many and all have the same answer.
        ListQuery query = ListQuery.of(pagingOf(call.query()), Set.of());
        return listing.reply(call, query, new Page<>(0, List.of()), (Object _) -> Docs.object());
    }

    private static QueryParams pagingOf(QueryParams query) {
        var paging = QueryParams.builder();
        query.forEach((name, value) -> {
            if (name.equals("page") || name.equals("per_page")) {
                paging.add(name, value);
            }
        });
        return paging.build();
    }

    private Reply segments(Call call) {
        ListQuery query =
                call.list("names", "organization_guids", "label_selector").orderedByName();
        boolean fits = (!query.has("names") || query.values("names").contains("shared"))
                && (!query.has("guids") || query.values("guids").contains(SHARED_SEGMENT.guid()))
                && !query.has("organization_guids");
        return listing.reply(
                call, query, Page.of(fits ? List.of(SHARED_SEGMENT) : List.of(), query), this::presentSegment);
    }

    private Reply segment(Call call) {
        if (!call.guid().equals(SHARED_SEGMENT.guid())) {
            throw ApiException.notFound("Isolation segment");
        }
        return Reply.ok(presentSegment(SHARED_SEGMENT));
    }

    private ObjectNode presentSegment(Stamp stamp) {
        ObjectNode document = stamp.document().put("name", "shared");
        document.set("metadata", Metadata.NONE.document());
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/isolation_segments/" + stamp.guid()));
        links.set("organizations", urls.link("/isolation_segments/" + stamp.guid() + "/organizations"));
        return document;
    }
}
