package org.cupola.protocol.routing;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Orders the changes of one route's life. Immutable.
 *
 * @param guid  names the life; empty in what clients send
 * @param index counts its changes, 0 to 4294967295
 */
public record ModificationTag(String guid, long index) {
    public static final ModificationTag NONE = new ModificationTag("", 0);

    private static final long MAX_INDEX = 0xFFFF_FFFFL;

    static ModificationTag read(RoutingJson.Fields parent) {
        JsonNode tag = parent.find("modification_tag");
        if (tag == null) {
            return NONE;
        }
        var fields = new RoutingJson.Fields("modification_tag", tag);
        return new ModificationTag(fields.text("guid"), fields.number("index", 0, MAX_INDEX));
    }

    /** Whether a change with the other tag applies to what has this one. */
    public boolean succeededBy(ModificationTag other) {
        return guid.isEmpty() || other.guid.isEmpty() || !guid.equals(other.guid) || other.index > index;
    }

    /** The tag of the next change; wraps as the originals' 32-bit counter does. */
    public ModificationTag next() {
        return new ModificationTag(guid, index + 1 & MAX_INDEX);
    }

    ObjectNode toJson() {
        return JsonNodeFactory.instance.objectNode().put("guid", guid).put("index", index);
    }
}
