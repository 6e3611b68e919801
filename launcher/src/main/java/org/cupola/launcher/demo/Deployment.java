package org.cupola.launcher.demo;

import static org.cupola.launcher.demo.CloudFoundryApi.to;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Takes an app from a zip file to running instances behind a route. Blocking; confined to one thread. */
public final class Deployment {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration POLL = Duration.ofMillis(100);

    private final CloudFoundryApi api;
    private final InstantSource clock;

    public Deployment(CloudFoundryApi api, InstantSource clock) {
        this.api = api;
        this.clock = clock;
    }

    /** The guid of a space of that name in an organization of that name, both made when absent. */
    public String space(String organization, String space) {
        String organizationGuid = api.find("/v3/organizations?names=" + organization)
                .orElseGet(() -> guid(api.post("/v3/organizations", Map.of("name", organization))));
        return api.find("/v3/spaces?names=" + space + "&organization_guids=" + organizationGuid)
                .orElseGet(() -> guid(api.post(
                        "/v3/spaces",
                        Map.of("name", space, "relationships", Map.of("organization", to(organizationGuid))))));
    }

    /** A new app with its bits uploaded, staged and set as its droplet; an app of that name is deleted first. */
    public String app(String spaceGuid, String name, byte[] zip) {
        api.find("/v3/apps?names=" + name + "&space_guids=" + spaceGuid).ifPresent(this::deleteApp);
        String app = guid(api.post("/v3/apps", Map.of("name", name, "relationships", Map.of("space", to(spaceGuid)))));
        String bits = guid(api.post("/v3/packages", Map.of("type", "bits", "relationships", Map.of("app", to(app)))));
        api.upload(bits, zip);
        await(
                "/v3/packages/" + bits,
                bitsAre -> bitsAre.path("state").asString().equals("READY"));
        String build = guid(api.post("/v3/builds", Map.of("package", Map.of("guid", bits))));
        JsonNode staged =
                await("/v3/builds/" + build, is -> is.path("state").asString().equals("STAGED"));
        api.patch(
                "/v3/apps/" + app + "/relationships/current_droplet",
                to(staged.path("droplet").path("guid").asString()));
        return app;
    }

    private void deleteApp(String app) {
        api.delete("/v3/apps/" + app);
        long deadline = clock.millis() + PATIENCE.toMillis();
        while (api.find("/v3/apps?guids=" + app).isPresent()) {
            pause(deadline, "app " + app + " to be deleted");
        }
    }

    public void scale(String app, int instances, int memoryMegabytes) {
        api.post(
                "/v3/apps/" + app + "/processes/web/actions/scale",
                Map.of("instances", instances, "memory_in_mb", memoryMegabytes));
    }

    /** For an app whose readiness is an open port. */
    public void healthCheckByPort(String app) {
        api.patch("/v3/apps/" + app + "/processes/web", Map.of("health_check", Map.of("type", "port")));
    }

    /** A route to the app; returns its URL without a scheme, such as {@code hello.cupola.localhost}. */
    public String httpRoute(String spaceGuid, String app, String host, String domain) {
        String domainGuid = domain(domain);
        String route = api.find("/v3/routes?hosts=" + host + "&domain_guids=" + domainGuid)
                .orElseGet(() -> guid(api.post(
                        "/v3/routes", Map.of("host", host, "relationships", relationships(spaceGuid, domainGuid)))));
        return destination(route, app);
    }

    /** A TCP route on a port that the Cloud Controller picks; returns {@code host:port}. */
    public String tcpRoute(String spaceGuid, String app, String domain) {
        String route = guid(api.post("/v3/routes", Map.of("relationships", relationships(spaceGuid, domain(domain)))));
        return destination(route, app);
    }

    /** Starts the app and returns when that many instances are running. */
    public void start(String app, int instances) {
        api.post("/v3/apps/" + app + "/actions/start", Map.of());
        awaitRunning(app, instances);
    }

    public void awaitRunning(String app, int instances) {
        await("/v3/apps/" + app + "/processes/web/stats", stats -> {
            int running = 0;
            for (JsonNode instance : stats.path("resources")) {
                running += instance.path("state").asString().equals("RUNNING") ? 1 : 0;
            }
            return running == instances;
        });
    }

    private String destination(String route, String app) {
        api.post(
                "/v3/routes/" + route + "/destinations",
                Map.of("destinations", List.of(Map.of("app", Map.of("guid", app)))));
        return api.get("/v3/routes/" + route).path("url").asString();
    }

    private String domain(String name) {
        return api.find("/v3/domains?names=" + name)
                .orElseThrow(() -> new IllegalStateException("domain " + name + " does not exist"));
    }

    private static Map<String, Object> relationships(String space, String domain) {
        return Map.of("space", to(space), "domain", to(domain));
    }

    private JsonNode await(String path, Predicate<JsonNode> done) {
        long deadline = clock.millis() + PATIENCE.toMillis();
        while (true) {
            JsonNode found = api.get(path);
            if (done.test(found)) {
                return found;
            }
            if (found.path("state").asString("").equals("FAILED")) {
                throw new IllegalStateException(path + " failed: " + found.path("error"));
            }
            pause(deadline, path + " (last seen: " + found + ")");
        }
    }

    private void pause(long deadline, String what) {
        if (clock.millis() - deadline > 0) {
            throw new IllegalStateException("waited " + PATIENCE.toSeconds() + " s in vain for " + what);
        }
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + what, e);
        }
    }

    private static String guid(JsonNode resource) {
        return resource.path("guid").asString();
    }
}
