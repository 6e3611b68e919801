package org.cupola.bbs;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.proto.ActualLRPInternalRoute;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.MetricTagValue.DynamicValue;
import org.cupola.protocol.bbs.proto.ProtoRoutes;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Columns that hold more than a number or a name: encrypted protobuf with its two-byte head, encrypted JSON, and the
 * placement tags in plain JSON. Reading what is none of it throws a {@link Refusal} (Deserialize). Immutable, any thread.
 */
final class RecordCodec {
    private static final byte[] PROTOBUF_HEAD = {2, 0};

    private final Encryptor encryptor;

    RecordCodec(Encryptor encryptor) {
        this.encryptor = encryptor;
    }

    String protobuf(Message message) {
        byte[] bytes = message.toByteArray();
        byte[] framed = Arrays.copyOf(PROTOBUF_HEAD, PROTOBUF_HEAD.length + bytes.length);
        System.arraycopy(bytes, 0, framed, PROTOBUF_HEAD.length, bytes.length);
        return encryptor.encrypt(framed);
    }

    <M extends Message> M protobuf(@Nullable String column, Parser<M> parser) {
        byte[] framed = decrypt(column);
        if (framed.length < PROTOBUF_HEAD.length) {
            throw Refusal.deserialize();
        }
        try {
            return parser.parseFrom(framed, PROTOBUF_HEAD.length, framed.length - PROTOBUF_HEAD.length);
        } catch (InvalidProtocolBufferException e) {
            throw Refusal.deserialize();
        }
    }

    String routes(ProtoRoutes routes) {
        return encryptor.encrypt(RouteJson.write(routes));
    }

    ProtoRoutes routes(@Nullable String column) {
        try {
            return RouteJson.read(decrypt(column));
        } catch (IllegalArgumentException | JacksonException e) {
            throw Refusal.deserialize();
        }
    }

    String desiredTags(Map<String, MetricTagValue> tags) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        new TreeMap<>(tags).forEach((name, tag) -> {
            ObjectNode value = json.putObject(name);
            if (tag.getDynamic() == DynamicValue.DynamicValueInvalid) {
                value.put("static", tag.getStatic());
            } else {
                value.put("dynamic", tag.getDynamic().name());
            }
        });
        return encryptor.encrypt(Json.bytes(json));
    }

    Map<String, MetricTagValue> desiredTags(@Nullable String column) {
        Map<String, MetricTagValue> tags = new TreeMap<>();
        for (var entry : json(column).properties()) {
            var tag = MetricTagValue.newBuilder()
                    .setStatic(entry.getValue().path("static").asString(""));
            JsonNode dynamic = entry.getValue().path("dynamic");
            if (dynamic.isString()) {
                tag.setDynamic(dynamicValue(dynamic.asString()));
            }
            tags.put(entry.getKey(), tag.build());
        }
        return tags;
    }

    private static DynamicValue dynamicValue(String name) {
        for (DynamicValue value : List.of(DynamicValue.INDEX, DynamicValue.INSTANCE_GUID)) {
            if (value.name().equals(name)) {
                return value;
            }
        }
        return DynamicValue.DynamicValueInvalid;
    }

    String instanceTags(Map<String, String> tags) {
        return encryptor.encrypt(Json.bytes(new TreeMap<>(tags)));
    }

    Map<String, String> instanceTags(@Nullable String column) {
        Map<String, String> tags = new TreeMap<>();
        json(column)
                .properties()
                .forEach(entry -> tags.put(entry.getKey(), entry.getValue().asString("")));
        return tags;
    }

    String internalRoutes(List<ActualLRPInternalRoute> routes) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        routes.forEach(route -> json.addObject().put("hostname", route.getHostname()));
        return encryptor.encrypt(Json.bytes(json));
    }

    List<ActualLRPInternalRoute> internalRoutes(@Nullable String column) {
        List<ActualLRPInternalRoute> routes = new ArrayList<>();
        for (JsonNode route : json(column)) {
            routes.add(ActualLRPInternalRoute.newBuilder()
                    .setHostname(route.path("hostname").asString(""))
                    .build());
        }
        return routes;
    }

    static String placementTags(List<String> tags) {
        return Json.text(tags);
    }

    static List<String> placementTags(@Nullable String column) {
        List<String> tags = new ArrayList<>();
        if (column == null || column.isEmpty()) {
            return tags;
        }
        try {
            Json.tree(column).forEach(tag -> tags.add(tag.asString("")));
            return tags;
        } catch (JacksonException e) {
            throw Refusal.deserialize();
        }
    }

    /** The same content under the active key; an empty column stays empty. */
    @Nullable
    String reencrypt(@Nullable String column) {
        return column == null || column.isEmpty() ? column : encryptor.encrypt(encryptor.decrypt(column));
    }

    private JsonNode json(@Nullable String column) {
        if (column == null || column.isEmpty()) {
            return JsonNodeFactory.instance.nullNode();
        }
        try {
            return Json.tree(decrypt(column));
        } catch (JacksonException e) {
            throw Refusal.deserialize();
        }
    }

    private byte[] decrypt(@Nullable String column) {
        return column == null || column.isEmpty() ? new byte[0] : encryptor.decrypt(column);
    }
}
