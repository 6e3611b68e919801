package org.cupola.launcher;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.cupola.launcher.demo.CloudFoundryApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** {@code cupola apps}. */
@Command(
        name = "apps",
        mixinStandardHelpOptions = true,
        description = "Shows the apps of a running platform: name, wanted state, running/wanted instances, routes.")
final class AppsCommand implements Callable<Integer> {
    @Mixin
    private RunningOption running = new RunningOption();

    @Override
    public Integer call() {
        try (CloudFoundryApi api = running.login()) {
            for (JsonNode app : api.get("/v3/apps?per_page=5000&order_by=name").path("resources")) {
                UpCommand.say(line(api, app));
            }
        }
        return 0;
    }

    private static String line(CloudFoundryApi api, JsonNode app) {
        String path = "/v3/apps/" + app.path("guid").asString();
        int wanted = api.get(path + "/processes/web").path("instances").asInt(0);
        int healthy = 0;
        for (JsonNode instance : api.get(path + "/processes/web/stats").path("resources")) {
            healthy += instance.path("state").asString().equals("RUNNING") ? 1 : 0;
        }
        List<String> routes = new ArrayList<>();
        api.get(path + "/routes")
                .path("resources")
                .forEach(route -> routes.add(route.path("url").asString()));
        return "%-32s %-8s %d/%d  %s"
                .formatted(
                        app.path("name").asString(),
                        app.path("state").asString(),
                        healthy,
                        wanted,
                        String.join(", ", routes))
                .stripTrailing();
    }
}
