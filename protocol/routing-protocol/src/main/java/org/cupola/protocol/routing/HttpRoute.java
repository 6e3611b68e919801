package org.cupola.protocol.routing;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An HTTP route of the Routing API. Immutable.
 *
 * @param route           host name and optional path
 * @param port            of the backend, 0 to 65535
 * @param ip              of the backend
 * @param ttl             seconds; absent means the server's maximum
 * @param routeServiceUrl empty for none
 */
public record HttpRoute(
        String route,
        int port,
        String ip,
        @Nullable Integer ttl,
        String logGuid,
        String routeServiceUrl,
        ModificationTag modificationTag) {
    /** @throws IllegalArgumentException when it is not an object or a value has the wrong type or range */
    public static HttpRoute read(JsonNode json) {
        var fields = new RoutingJson.Fields("Route", json);
        Long ttl = fields.optionalNumber("ttl", Integer.MIN_VALUE, Integer.MAX_VALUE);
        return new HttpRoute(
                fields.text("route"),
                fields.port("port"),
                fields.text("ip"),
                ttl == null ? null : ttl.intValue(),
                fields.text("log_guid"),
                fields.text("route_service_url"),
                ModificationTag.read(fields));
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("route", route)
                .put("port", port)
                .put("ip", ip)
                .put("ttl", ttl)
                .put("log_guid", logGuid);
        if (!routeServiceUrl.isEmpty()) {
            json.put("route_service_url", routeServiceUrl);
        }
        return json.set("modification_tag", modificationTag.toJson());
    }

    public HttpRoute withTtl(@Nullable Integer seconds) {
        return new HttpRoute(route, port, ip, seconds, logGuid, routeServiceUrl, modificationTag);
    }
}
