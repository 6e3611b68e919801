package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes an app as a manifest would describe it. Blocking; any thread. */
final class AppManifest {
    private final Store store;

    AppManifest(Store store) {
        this.store = store;
    }

    ObjectNode of(DSLContext dsl, App app) {
        ObjectNode document = Docs.object().put("name", app.name());
        if (!app.environment().isEmpty()) {
            document.set("env", Docs.parse(Stored.map(app.environment())));
        }
        document.put("lifecycle", app.lifecycle().type());
        if (!app.lifecycle().docker()) {
            if (!app.lifecycle().buildpacks().isEmpty()) {
                document.set("buildpacks", Docs.strings(app.lifecycle().buildpacks()));
            }
            document.put("stack", app.lifecycle().stack());
        }
        document.putObject("features").put("ssh", app.sshEnabled()).put("revisions", app.revisionsEnabled());
        ArrayNode routes = routes(dsl, app);
        if (!routes.isEmpty()) {
            document.set("routes", routes);
        }
        Metadata metadata = store.metadata.of(dsl, app.guid());
        if (!metadata.isEmpty()) {
            document.set("metadata", metadata.document());
        }
        ArrayNode processes = document.putArray("processes");
        Map<String, ProcessRow> byType = new TreeMap<>();
        store.processes.ofApp(dsl, app.guid()).forEach(process -> byType.put(process.type(), process));
        byType.values().forEach(process -> processes.add(process(process)));
        return document;
    }

    private ArrayNode routes(DSLContext dsl, App app) {
        ArrayNode routes = Docs.array();
        List<Destination> destinations = store.destinations.all(dsl, APP_GUID.eq(app.guid()));
        for (Destination destination : destinations) {
            store.routes.find(dsl, destination.routeGuid()).ifPresent(route -> {
                ObjectNode entry = routes.addObject().put("route", route.url());
                String protocol = destination.protocol();
                entry.put("protocol", protocol != null ? protocol : route.tcp() ? "tcp" : "http1");
                if (!route.options().isEmpty()) {
                    entry.set("options", route.options());
                }
            });
        }
        return routes;
    }

    private static ObjectNode process(ProcessRow process) {
        ObjectNode node = Docs.object()
                .put("type", process.type())
                .put("instances", process.instances())
                .put("memory", ByteSize.megabytes(process.memoryMb()))
                .put("disk_quota", ByteSize.megabytes(process.diskMb()))
                .put("log-rate-limit-per-second", ByteSize.bytes(process.logRate()));
        put(node, "command", process.command());
        put(node, "user", process.user());
        check(node, "health-check", process.healthCheck());
        put(node, "timeout", process.healthCheck().timeout());
        check(node, "readiness-health-check", process.readinessCheck());
        return node;
    }

    private static void check(ObjectNode node, String prefix, ProcessRow.HealthCheck check) {
        node.put(prefix + "-type", check.type());
        put(node, prefix + "-http-endpoint", check.endpoint());
        put(node, prefix + "-invocation-timeout", check.invocationTimeout());
        put(node, prefix + "-interval", check.interval());
    }

    private static void put(ObjectNode node, String key, @Nullable String value) {
        if (value != null) {
            node.put(key, value);
        }
    }

    private static void put(ObjectNode node, String key, @Nullable Integer value) {
        if (value != null) {
            node.put(key, value);
        }
    }
}
