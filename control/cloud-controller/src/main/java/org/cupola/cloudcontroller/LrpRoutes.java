package org.cupola.cloudcontroller;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import org.cupola.protocol.bbs.proto.ProtoRoutes;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A process's routes as route emitters read them from a desired LRP. Pure. */
final class LrpRoutes {
    static final String HTTP = "cf-router";
    static final String TCP = "tcp-router";
    static final String INTERNAL = "internal-router";

    private LrpRoutes() {}

    /** All three kinds are always there, so that a removed route disappears. */
    static ProtoRoutes of(RunnableProcess process) {
        ArrayNode http = Docs.array();
        ArrayNode tcp = Docs.array();
        ArrayNode internal = Docs.array();
        for (RunnableProcess.Mapping mapping : process.mappings()) {
            Route route = mapping.route();
            int port = mapping.destination().effectivePort();
            if (route.domain().internal()) {
                internal.addObject().put("hostname", route.fqdn());
            } else if (route.tcp()) {
                tcp.addObject()
                        .put("router_group_guid", route.domain().routerGroupGuid())
                        .put("external_port", route.port())
                        .put("container_port", port);
            } else {
                http.add(http(route, mapping.destination(), port));
            }
        }
        return ProtoRoutes.newBuilder()
                .putRoutes(HTTP, bytes(http))
                .putRoutes(TCP, bytes(tcp))
                .putRoutes(INTERNAL, bytes(internal))
                .build();
    }

    private static ObjectNode http(Route route, Destination destination, int port) {
        ObjectNode entry = Docs.object();
        entry.putArray("hostnames").add(route.url());
        entry.put("port", port).putNull("route_service_url").putNull("isolation_segment");
        String protocol = destination.protocol();
        entry.put("protocol", protocol == null ? "http1" : protocol);
        if (!route.options().isEmpty()) {
            entry.set("options", route.options());
        }
        return entry;
    }

    private static ByteString bytes(JsonNode node) {
        return ByteString.copyFrom(node.toString(), StandardCharsets.UTF_8);
    }
}
