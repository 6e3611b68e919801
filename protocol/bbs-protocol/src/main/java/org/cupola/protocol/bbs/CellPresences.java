package org.cupola.protocol.bbs;

import java.util.Optional;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.proto.CellCapacity;
import org.cupola.protocol.bbs.proto.CellPresence;
import org.cupola.protocol.bbs.proto.Provider;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A cell's presence as the JSON text that Locket keeps for it. */
public final class CellPresences {
    private CellPresences() {}

    public static String encode(CellPresence presence) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("cell_id", presence.getCellId());
        json.put("rep_address", presence.getRepAddress());
        json.put("zone", presence.getZone());
        if (presence.hasCapacity()) {
            json.putObject("capacity")
                    .put("memory_mb", presence.getCapacity().getMemoryMb())
                    .put("disk_mb", presence.getCapacity().getDiskMb())
                    .put("containers", presence.getCapacity().getContainers());
        }
        if (presence.getRootfsProvidersCount() > 0) {
            ArrayNode providers = json.putArray("rootfs_provider_list");
            presence.getRootfsProvidersList().forEach(provider -> {
                ObjectNode item = providers.addObject().put("name", provider.getName());
                putTexts(item, "properties", provider.getPropertiesList());
            });
        }
        putTexts(json, "placement_tags", presence.getPlacementTagsList());
        putTexts(json, "optional_placement_tags", presence.getOptionalPlacementTagsList());
        json.put("rep_url", presence.getRepUrl());
        ObjectNode annotations = json.putObject("annotations");
        presence.getAnnotationsMap().forEach(annotations::put);
        return Json.text(json);
    }

    /** Empty when the text is not a presence. */
    public static Optional<CellPresence> decode(String text) {
        JsonNode json;
        try {
            json = Json.tree(text);
        } catch (JacksonException e) {
            return Optional.empty();
        }
        if (!json.isObject()) {
            return Optional.empty();
        }
        var presence = CellPresence.newBuilder()
                .setCellId(json.path("cell_id").asString(""))
                .setRepAddress(json.path("rep_address").asString(""))
                .setZone(json.path("zone").asString(""))
                .setRepUrl(json.path("rep_url").asString(""));
        JsonNode capacity = json.path("capacity");
        if (capacity.isObject()) {
            presence.setCapacity(CellCapacity.newBuilder()
                    .setMemoryMb(capacity.path("memory_mb").asInt(0))
                    .setDiskMb(capacity.path("disk_mb").asInt(0))
                    .setContainers(capacity.path("containers").asInt(0)));
        }
        for (JsonNode item : json.path("rootfs_provider_list")) {
            var provider = Provider.newBuilder().setName(item.path("name").asString(""));
            item.path("properties").forEach(property -> provider.addProperties(property.asString("")));
            presence.addRootfsProviders(provider);
        }
        json.path("placement_tags").forEach(tag -> presence.addPlacementTags(tag.asString("")));
        json.path("optional_placement_tags").forEach(tag -> presence.addOptionalPlacementTags(tag.asString("")));
        json.path("annotations")
                .properties()
                .forEach(entry ->
                        presence.putAnnotations(entry.getKey(), entry.getValue().asString("")));
        return Optional.of(presence.build());
    }

    private static void putTexts(ObjectNode json, String key, Iterable<String> texts) {
        if (texts.iterator().hasNext()) {
            ArrayNode array = json.putArray(key);
            texts.forEach(array::add);
        }
    }
}
