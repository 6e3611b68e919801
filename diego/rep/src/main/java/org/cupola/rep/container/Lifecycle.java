package org.cupola.rep.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.cupola.platform.json.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stands in for the buildpack launcher, a Linux program that a container gets from its stack's lifecycle bundle, when the
 * work names it and its container has none. It behaves as the launcher does: application folder as HOME, profile scripts, then the start
 * command.
 */
final class Lifecycle {
    private static final String LAUNCHER = "/tmp/lifecycle/launcher";
    private static final String SCRIPT = """
            cd "$1" || exit 1
            if [ -n "$(ls ../profile.d/* 2>/dev/null)" ]; then
              echo "Invoking pre-start scripts."
              for script in ../profile.d/*; do [ -r "$script" ] && . "$script"; done
            fi
            if [ -n "$(ls .profile.d/* 2>/dev/null)" ]; then
              for script in .profile.d/*; do [ -r "$script" ] && . "$script"; done
            fi
            if [ -r .profile ]; then . ./.profile; fi
            echo "Invoking start command."
            exec "$0" -c "$2"
            """;

    private Lifecycle() {}

    /** The command to run in the launcher's place, with the environment adapted; empty when the work wants another program. */
    static List<String> command(ProcessSpec process, ContainerFiles files, Map<String, String> environment)
            throws ContainerException {
        if (!process.path().equals(LAUNCHER) || Files.exists(files.onHost(LAUNCHER))) {
            return List.of();
        }
        if (process.arguments().size() < 3) {
            throw new ContainerException(LAUNCHER + ": expects the application folder, a command and metadata");
        }
        Path application = files.onHost(process.arguments().getFirst());
        String command = process.arguments().get(1);
        if (command.isEmpty()) {
            command = detectedCommand(files.home().resolve("staging_info.yml"));
        }
        environment.put("HOME", application.toString());
        environment.put("TMPDIR", makeFolder(files.home().resolve("tmp")));
        environment.put("DEPS_DIR", files.home().resolve("deps").toString());
        environment.computeIfPresent("VCAP_APPLICATION", (name, value) -> application(value, environment));
        environment.remove("VCAP_PLATFORM_OPTIONS");
        String shell = Files.isExecutable(Path.of("/bin/bash")) ? "/bin/bash" : "/bin/sh";
        return List.of(shell, "-c", SCRIPT, shell, application.toString(), files.rewrite(command));
    }

    private static String detectedCommand(Path stagingInfo) throws ContainerException {
        if (Files.isRegularFile(stagingInfo)) {
            try {
                String command = Json.tree(Files.readString(stagingInfo))
                        .path("start_command")
                        .asString("");
                if (!command.isEmpty()) {
                    return command;
                }
            } catch (IOException | JacksonException e) {
                throw new ContainerException("staging_info.yml cannot be read: " + e.getMessage(), e);
            }
        }
        throw new ContainerException("no start command specified or detected in droplet");
    }

    private static String makeFolder(Path folder) throws ContainerException {
        try {
            return Files.createDirectories(folder).toString();
        } catch (IOException e) {
            throw new ContainerException("cannot make " + folder + ": " + e.getMessage(), e);
        }
    }

    /** What only the cell knows is added to the application's description of itself. */
    private static String application(String json, Map<String, String> environment) {
        try {
            JsonNode tree = Json.tree(json);
            if (!(tree instanceof ObjectNode application)) {
                return json;
            }
            application.put("host", "0.0.0.0");
            application.put("instance_id", environment.getOrDefault("INSTANCE_GUID", ""));
            number(application, "port", environment.get("PORT"));
            number(application, "instance_index", environment.get("INSTANCE_INDEX"));
            return Json.text(application);
        } catch (JacksonException e) {
            return json; // not ours to judge: the application sees what was sent
        }
    }

    private static void number(ObjectNode node, String key, @org.jspecify.annotations.Nullable String value) {
        if (value != null && value.matches("\\d{1,9}")) {
            node.put(key, Integer.parseInt(value));
        }
    }
}
