package org.cupola.cloudcontroller;

import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/jobs/:guid}. */
final class JobsApi {
    private static final Map<String, String> PLURALS = Map.of(
            "app", "apps",
            "space", "spaces",
            "organization", "organizations",
            "droplet", "droplets",
            "package", "packages",
            "route", "routes",
            "domain", "domains");

    private final Store store;
    private final Urls urls;

    JobsApi(Api api) {
        this.store = api.store();
        this.urls = api.urls();
    }

    void register(ApiRoutes routes) {
        routes.get(
                "/v3/jobs/{guid}",
                call -> Reply.ok(present(store.database
                        .read(dsl -> store.jobs.table.find(dsl, call.guid()))
                        .orElseThrow(() -> ApiException.notFound("Job")))));
    }

    private ObjectNode present(Job job) {
        ObjectNode document =
                job.stamp().document().put("operation", job.operation()).put("state", job.state());
        ArrayNode errors = document.putArray("errors");
        job.errors().forEach(error -> errors.add(Docs.error(error)));
        ArrayNode warnings = document.putArray("warnings");
        job.warnings().forEach(warning -> warnings.addObject().put("detail", warning));
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/jobs/" + job.guid()));
        String plural = PLURALS.get(job.resourceType());
        boolean gone = job.operation().endsWith(".delete") && job.state().equals(Job.COMPLETE);
        if (plural != null && !gone) {
            links.set(job.resourceType(), urls.link("/" + plural + "/" + job.resourceGuid()));
        }
        return document;
    }
}
