package org.cupola.cloudcontroller;

import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Limits of an organization or space.
 *
 * @param organizationGuid of a space quota's owner; empty for organization quotas
 * @param limits           {@code apps}, {@code services}, {@code routes}, {@code domains} as the API writes them; null means unlimited
 */
record Quota(Stamp stamp, String name, String organizationGuid, ObjectNode limits) {
    String guid() {
        return stamp.guid();
    }

    /** Empty means unlimited. */
    OptionalLong limit(String group, String key) {
        JsonNode value = limits.path(group).path(key);
        return value.isNumber() ? OptionalLong.of(value.asLong()) : OptionalLong.empty();
    }
}
