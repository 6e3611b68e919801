package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.NAME;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Reads how an app wants to be staged. Blocking; any thread. */
final class LifecycleRules {
    /** Buildpacks a stager without buildpack downloads can do without. */
    private static final Pattern BUILDPACK_URL = Pattern.compile("(https?|git|ssh)://.+|git@.+");

    private final Store store;
    private final CloudControllerConfig config;

    LifecycleRules(Store store, CloudControllerConfig config) {
        this.store = store;
        this.config = config;
    }

    App.Lifecycle initial() {
        return new App.Lifecycle("buildpack", List.of(), config.platform().defaultStack());
    }

    /** The key {@code lifecycle} of a body over what there is; problems are noted in the body. */
    App.Lifecycle read(Body body, App.Lifecycle present, boolean exists) {
        JsonNode lifecycle = body.node("lifecycle");
        if (lifecycle.isMissingNode() || lifecycle.isNull()) {
            return present;
        }
        String type = lifecycle.path("type").asString("");
        if (!List.of("buildpack", "docker").contains(type)) {
            body.refuse("Lifecycle type is not included in the list: buildpack, docker");
            return present;
        }
        if (exists && !type.equals(present.type())) {
            body.refuse("Lifecycle type cannot be changed from " + present.type() + " to " + type);
            return present;
        }
        JsonNode data = lifecycle.path("data");
        if (!data.isObject()) {
            body.refuse("Lifecycle data must be an object");
            return present;
        }
        if (type.equals("docker")) {
            return new App.Lifecycle("docker", List.of(), "");
        }
        List<String> buildpacks = new ArrayList<>(present.buildpacks());
        if (data.has("buildpacks")) {
            buildpacks.clear();
            data.path("buildpacks").forEach(item -> buildpacks.add(item.asString("")));
        }
        String stack = data.path("stack").asString("");
        App.Lifecycle read = new App.Lifecycle(
                "buildpack",
                buildpacks,
                stack.isEmpty()
                        ? present.stack().isEmpty() ? config.platform().defaultStack() : present.stack()
                        : stack);
        check(read).forEach(body::refuse);
        return read;
    }

    /** What is wrong with it. */
    List<String> check(App.Lifecycle lifecycle) {
        List<String> problems = new ArrayList<>();
        if (lifecycle.docker()) {
            return problems;
        }
        if (store.database
                .read(dsl -> store.stacks.table.findWhere(dsl, NAME.eq(lifecycle.stack())))
                .isEmpty()) {
            problems.add("Stack must be an existing stack");
        }
        for (String buildpack : lifecycle.buildpacks()) {
            if (!Buildpacks.BUILT_IN.contains(buildpack)
                    && !BUILDPACK_URL.matcher(buildpack).matches()) {
                problems.add("Buildpack \"" + buildpack + "\" must be an existing admin buildpack or a valid git URI");
            }
        }
        return problems;
    }
}
