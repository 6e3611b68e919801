package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpHeaderNames;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A manifest as it was sent: parsed and checked, without looking at what exists. Immutable. */
record ManifestFile(List<Application> applications) {
    private static final int MAX_BYTES = 1 << 20;
    private static final Pattern ANCHOR =
            Pattern.compile("(?m)(^\\s*|:\\s+|-\\s+|[\\[,{]\\s*)[&*][A-Za-z0-9_-]+\\s*($|[\\s,\\]}])");
    private static final List<String> HEALTH_CHECKS = List.of("http", "port", "process", "none");

    /** One app of the manifest, with its keys as they were written. */
    record Application(String name, ObjectNode node) {
        boolean is(String key) {
            return node.path(key).asBoolean(false);
        }

        /** The process sections; top-level attributes count as the web process unless it has a section. */
        List<ObjectNode> processes() {
            List<ObjectNode> sections = new ArrayList<>();
            boolean web = false;
            for (JsonNode process : node.path("processes")) {
                sections.add((ObjectNode) process);
                web |= process.path("type").asString("").equals(ProcessRow.WEB);
            }
            if (!web) {
                ObjectNode section = node.deepCopy();
                section.put("type", ProcessRow.WEB);
                sections.add(section);
            }
            return sections;
        }
    }

    ManifestFile {
        applications = List.copyOf(applications);
    }

    static ManifestFile read(Call call) {
        String type = call.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        if (!type.contains("yaml") && !type.contains("yml")) {
            throw ApiException.badRequest("Content-Type must be yaml");
        }
        if (call.content().length() > MAX_BYTES) {
            throw ApiException.badRequest("Manifest size is too large. The maximum supported manifest size is 1MB.");
        }
        return parse(call.content().toStringUtf8());
    }

    static ManifestFile parse(String yaml) {
        if (ANCHOR.matcher(yaml).find()) {
            throw ApiException.badRequest("Manifest does not support Anchors and Aliases");
        }
        JsonNode root;
        try {
            root = YAMLMapper.shared().readTree(yaml);
        } catch (JacksonException e) {
            ApiException refused = ApiException.messageParseError(e.getOriginalMessage());
            refused.initCause(e);
            throw refused;
        }
        if (root.has("version") && root.path("version").asInt(0) != 1) {
            throw ApiException.unprocessable("Unsupported manifest schema version. Currently supported versions: [1].");
        }
        if (!root.path("applications").isArray()) {
            throw ApiException.unprocessable("Cannot parse manifest with no 'applications' field.");
        }
        List<Application> applications = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (JsonNode node : root.path("applications")) {
            String name = node.path("name").asString("");
            String prefix = name.isEmpty()
                    ? "For application at index " + applications.size() + ": "
                    : "For application '" + name + "': ";
            if (name.isEmpty()) {
                problems.add(prefix + "Name must not be empty");
            }
            if (node instanceof ObjectNode object) {
                Application application = new Application(name, object);
                check(application).forEach(problem -> problems.add(prefix + problem));
                applications.add(application);
            } else {
                problems.add(prefix + "Application must be a mapping");
            }
        }
        if (!problems.isEmpty()) {
            throw ApiException.unprocessable(problems);
        }
        return new ManifestFile(applications);
    }

    private static List<String> check(Application application) {
        List<String> problems = new ArrayList<>();
        ObjectNode node = application.node();
        if (node.has("buildpack") && node.has("buildpacks")) {
            problems.add("Buildpack and Buildpacks fields cannot be used together.");
        }
        if (node.has("docker") && (node.has("buildpack") || node.has("buildpacks"))) {
            problems.add("Cannot specify both buildpack(s) and docker keys");
        }
        if (application.is("random-route") && application.is("default-route")) {
            problems.add("Random-route and default-route may not be used together");
        }
        if (node.has("env") && !node.path("env").isObject() && !node.path("env").isNull()) {
            problems.add("Env must be an object of keys and values");
        }
        node.path("env").propertyNames().forEach(key -> EnvironmentVariables.checkKey(key, problems::add));
        for (JsonNode route : node.path("routes")) {
            if (!route.path("route").isString()) {
                problems.add("Routes must be a list of route objects");
            } else if (ManifestRoute.parse(route.path("route").asString()).isEmpty()) {
                problems.add("The route '" + route.path("route").asString() + "' is not a properly formed URL");
            }
        }
        Set<String> types = new HashSet<>();
        for (JsonNode process : node.path("processes")) {
            if (!(process instanceof ObjectNode)
                    || process.path("type").asString("").isEmpty()) {
                problems.add("All Processes must specify a type");
            } else if (!types.add(process.path("type").asString())) {
                problems.add("Process \"" + process.path("type").asString() + "\" may only be present once");
            }
        }
        if (problems.isEmpty()) {
            application.processes().forEach(process -> checkProcess(process, problems));
        }
        return problems;
    }

    private static void checkProcess(ObjectNode process, List<String> problems) {
        String prefix = "Process \"" + process.path("type").asString("") + "\": ";
        checkSize(process, "memory", "Memory", prefix, problems);
        checkSize(process, "disk_quota", "Disk quota", prefix, problems);
        checkSize(process, "disk-quota", "Disk quota", prefix, problems);
        String rate = process.path("log-rate-limit-per-second").asString("");
        if (!rate.isEmpty() && !rate.equals("-1") && !rate.equals("0")) {
            checkSize(process, "log-rate-limit-per-second", "Log rate limit per second", prefix, problems);
        }
        JsonNode instances = process.path("instances");
        if (!instances.isMissingNode()
                && !instances.isNull()
                && (!instances.isIntegralNumber() || instances.asInt(-1) < 0)) {
            problems.add(prefix + "Instances must be greater than or equal to 0");
        }
        String check = process.path("health-check-type").asString("");
        if (!check.isEmpty() && !HEALTH_CHECKS.contains(check)) {
            problems.add(prefix + "Health check type must be \"port\", \"process\", or \"http\"");
        }
        if (process.has("health-check-http-endpoint") && !check.isEmpty() && !check.equals("http")) {
            problems.add(prefix + "Health check type must be \"http\" to set a health check HTTP endpoint");
        }
        for (String key : List.of("timeout", "health-check-invocation-timeout", "health-check-interval")) {
            JsonNode seconds = process.path(key);
            if (!seconds.isMissingNode() && !seconds.isNull() && seconds.asInt(0) < 1) {
                problems.add(prefix + Body.label(key) + " must be greater than or equal to 1");
            }
        }
    }

    private static void checkSize(ObjectNode process, String key, String label, String prefix, List<String> problems) {
        JsonNode value = process.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return;
        }
        OptionalLong bytes = ByteSize.parse(value.asString(""));
        if (bytes.isEmpty()) {
            problems.add(prefix
                    + label
                    + (ByteSize.number(value.asString(""))
                            ? " must use a supported unit: B, K, KB, M, MB, G, GB, T, or TB"
                            : " is not a number"));
        } else if (bytes.getAsLong() <= 0) {
            problems.add(prefix + label + " must be greater than 0MB");
        }
    }
}
