package org.cupola.protocol.routing;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A set of routers that serve the same routes. Immutable.
 *
 * @param guid            given by the server
 * @param type            {@code tcp}, {@code http} or another text
 * @param reservablePorts such as {@code 1024-1123,5222}; empty for none
 */
public record RouterGroup(String guid, String name, String type, String reservablePorts) {
    /** @throws IllegalArgumentException when it is not an object or a value has the wrong type */
    public static RouterGroup read(JsonNode json) {
        var fields = new RoutingJson.Fields("RouterGroup", json);
        return new RouterGroup(
                fields.text("guid"), fields.text("name"), fields.text("type"), fields.text("reservable_ports"));
    }

    public ObjectNode toJson() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("guid", guid)
                .put("name", name)
                .put("type", type)
                .put("reservable_ports", reservablePorts);
    }
}
