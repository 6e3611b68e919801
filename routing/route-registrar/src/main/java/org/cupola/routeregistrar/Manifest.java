package org.cupola.routeregistrar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import java.util.stream.StreamSupport;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A BOSH manifest that describes the routes of system components, turned into what the job's templates would have written:
 * either the properties of one {@code route_registrar} job, or a deployment whose instance groups have such jobs. Plain code.
 */
final class Manifest {
    private static final String JOB = "route_registrar";

    private final List<String> problems = new ArrayList<>();
    private final ObjectNode config = JsonNodeFactory.instance.objectNode();
    private final ArrayNode routes = JsonNodeFactory.instance.arrayNode();

    private Manifest() {}

    /** The configuration file that the manifest stands for, as JSON. */
    static String toJson(Path file) throws ConfigException {
        ConfigReader.yaml(file); // for its errors about files that are no YAML mapping
        try {
            return toJson(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new ConfigException(file.toString(), List.of("cannot be read: " + e));
        }
    }

    static String toJson(String source, String yaml) throws ConfigException {
        var manifest = new Manifest();
        JsonNode root = YAMLMapper.shared().readTree(yaml);
        List<JsonNode> jobs = jobs(root);
        if (jobs.isEmpty()) {
            throw new ConfigException(
                    source,
                    List.of("no job " + JOB + " (expected: its properties, or an instance group" + " that has it)"));
        }
        jobs.forEach(manifest::addJob);
        if (!manifest.problems.isEmpty()) {
            throw new ConfigException(source, manifest.problems);
        }
        manifest.config.set("routes", manifest.routes);
        return manifest.config.toString();
    }

    /** The properties of each job. */
    private static List<JsonNode> jobs(JsonNode root) {
        if (root.has(JOB)) {
            return List.of(root);
        }
        if (root.path("properties").has(JOB)) {
            return List.of(root.get("properties"));
        }
        return StreamSupport.stream(root.path("instance_groups").spliterator(), false)
                .flatMap(group -> StreamSupport.stream(group.path("jobs").spliterator(), false))
                .filter(job -> job.path("name").asString("").equals(JOB))
                .map(job -> job.path("properties"))
                .toList();
    }

    private void addJob(JsonNode properties) {
        JsonNode job = properties.path(JOB);
        copy(properties, "host", config, "host");
        copy(properties, "availability_zone", config, "availability_zone");
        copy(job, "unregistration_message_limit", config, "unregistration_message_limit");
        copy(job, "dynamic_config_globs", config, "dynamic_config_globs");
        addNats(properties.path("nats"));
        addRoutingApi(job.path("routing_api"));
        int index = properties.path("index").asInt(0);
        String host = properties.path("host").asString("");
        for (JsonNode route : job.path("routes")) {
            if (route instanceof ObjectNode object) {
                routes.add(route(object.deepCopy(), index, host));
            } else {
                problems.add(JOB + ".routes: " + route + " (expected: mappings)");
            }
        }
    }

    private void addNats(JsonNode nats) {
        if (config.has("message_bus_servers") || nats.isMissingNode()) {
            return;
        }
        int port = nats.path("port").asInt(4222);
        ArrayNode servers = config.putArray("message_bus_servers");
        JsonNode machines = nats.path("machines");
        if (machines.isEmpty()) {
            addServer(servers, nats, nats.path("hostname").asString(""), port);
        } else {
            machines.forEach(machine -> addServer(servers, nats, machine.asString(""), port));
        }
        JsonNode tls = nats.path("tls");
        if (tls.path("enabled").asBoolean(false)) {
            ObjectNode target = config.putObject("nats_mtls_config").put("enabled", true);
            copy(tls, "client_cert", target, "cert");
            copy(tls, "client_key", target, "key");
            copy(tls, "ca_cert", target, "ca");
        }
    }

    private static void addServer(ArrayNode servers, JsonNode nats, String host, int port) {
        ObjectNode server = servers.addObject().put("host", host + ":" + port);
        if (nats.has("user") && nats.has("password")) {
            copy(nats, "user", server, "user");
            copy(nats, "password", server, "password");
        }
    }

    private void addRoutingApi(JsonNode api) {
        if (config.has("routing_api") || api.isMissingNode()) {
            return;
        }
        ObjectNode target = config.putObject("routing_api");
        List.of("api_url", "oauth_url", "client_id", "client_secret", "skip_ssl_validation", "max_ttl", "client_cert")
                .forEach(key -> copy(api, key, target, key));
        copy(api, "client_private_key", target, "client_private_key");
        copy(api, "server_ca_cert", target, "server_ca_cert");
        List<String> authorities = new ArrayList<>();
        api.path("ca_certs").forEach(pem -> authorities.add(pem.asString("")));
        if (!authorities.isEmpty()) {
            target.put("uaa_ca_certs", String.join("\n", authorities));
        }
    }

    private ObjectNode route(ObjectNode route, int index, String host) {
        if (!route.has("host") && !host.isEmpty()) {
            route.put("host", host); // each job has its own
        }
        String name = route.path("name").asString("");
        if (route.has("tls_port")
                && route.path("server_cert_domain_san").asString("").isEmpty()) {
            problems.add("route " + name + ": server_cert_domain_san: missing (expected: a name, because of tls_port)");
        }
        if (route.path("prepend_instance_index").asBoolean(false)) {
            ArrayNode uris = JsonNodeFactory.instance.arrayNode();
            route.path("uris").forEach(uri -> uris.add(index + "-" + uri.asString("")));
            route.set("uris", uris);
        }
        if (route.path("type").asString("").equals("sni") && !route.has("sni_routable_san")) {
            route.put("sni_routable_san", modified(route, name, host));
        }
        route.remove(List.of("prepend_instance_index", "server_cert_domain_name_modifier"));
        return route;
    }

    private String modified(ObjectNode route, String name, String address) {
        JsonNode modifier = route.path("server_cert_domain_name_modifier");
        if (modifier instanceof MissingNode) {
            return address;
        }
        String key = modifier.path("key").asString("");
        if (key.isEmpty()) {
            problems.add("route " + name + ": server_cert_domain_name_modifier.key: missing (expected: a pattern)");
            return address;
        }
        try {
            return address.replaceAll(key, modifier.path("value").asString(""));
        } catch (PatternSyntaxException e) {
            problems.add("route " + name + ": server_cert_domain_name_modifier.key: " + key + " (expected: a pattern)");
            return address;
        }
    }

    private static void copy(JsonNode from, String fromKey, ObjectNode to, String toKey) {
        JsonNode value = from.get(fromKey);
        if (value != null && !value.isNull() && !to.has(toKey)) {
            to.set(toKey, value);
        }
    }
}
