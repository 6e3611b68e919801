package org.cupola.protocol.bbs;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.proto.ActualLRPInternalRoute;
import org.cupola.protocol.bbs.proto.ProtoRoutes;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Names on the internal domain: the {@code internal-router} entry of an LRP's routes, a JSON list of {@code {"hostname": …}}. */
public final class InternalRoutes {
    public static final String ROUTER_KEY = "internal-router";

    private InternalRoutes() {}

    /** An entry that is absent or not of that shape has no routes. */
    public static List<ActualLRPInternalRoute> of(ProtoRoutes routes) {
        ByteString entry = routes.getRoutesOrDefault(ROUTER_KEY, ByteString.EMPTY);
        if (entry.isEmpty()) {
            return List.of();
        }
        try {
            List<ActualLRPInternalRoute> internal = new ArrayList<>();
            for (JsonNode route : Json.tree(entry.toByteArray())) {
                internal.add(ActualLRPInternalRoute.newBuilder()
                        .setHostname(route.path("hostname").asString(""))
                        .build());
            }
            return List.copyOf(internal);
        } catch (JacksonException e) {
            return List.of();
        }
    }
}
