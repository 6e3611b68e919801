package org.cupola.gorouter;

import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.TreeMap;
import org.cupola.gorouter.routes.Balancing;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.EndpointInfo;
import org.cupola.gorouter.routes.Pool;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.platform.json.Json;
import tools.jackson.core.JsonGenerator;

/** The routing table as JSON, in the original's shape. */
final class RoutesPage {
    private RoutesPage() {}

    static byte[] render(RouteTable table) {
        Map<String, Pool> sorted = new TreeMap<>();
        table.forEach(sorted::put);
        var out = new ByteArrayOutputStream(sorted.size() * 256 + 16);
        try (JsonGenerator json = Json.MAPPER.createGenerator(out)) {
            json.writeStartObject();
            sorted.forEach((uri, pool) -> {
                json.writeName(uri);
                json.writeStartArray();
                for (Endpoint endpoint : pool.endpoints()) {
                    endpoint(json, table, pool, endpoint.info());
                }
                json.writeEndArray();
            });
            json.writeEndObject();
        }
        out.write('\n');
        return out.toByteArray();
    }

    private static void endpoint(JsonGenerator json, RouteTable table, Pool pool, EndpointInfo info) {
        json.writeStartObject();
        json.writeStringProperty("address", info.address());
        json.writeStringProperty("availability_zone", info.availabilityZone());
        json.writeStringProperty("protocol", info.protocol());
        json.writeBooleanProperty("tls", info.tls());
        json.writeNumberProperty("ttl", table.staleNanos(info) / 1_000_000_000L);
        optional(json, "route_service_url", info.routeServiceUrl());
        Map<String, String> tags = info.tags();
        json.writeName("tags");
        if (tags == null) {
            json.writeNull();
        } else {
            json.writeStartObject();
            new TreeMap<>(tags).forEach(json::writeStringProperty);
            json.writeEndObject();
        }
        optional(json, "isolation_segment", info.isolationSegment());
        optional(json, "private_instance_id", info.instanceId());
        optional(json, "server_cert_domain_san", info.serverCertDomainSan());
        optional(json, "load_balancing_algorithm", info.options().loadBalancing());
        if (pool.balancing() == Balancing.HASH) {
            optional(json, "hash_header", pool.hashHeader());
            if (info.options().hashBalance() > 0) {
                json.writeNumberProperty("hash_balance", info.options().hashBalance());
            }
        }
        json.writeEndObject();
    }

    private static void optional(JsonGenerator json, String name, String value) {
        if (!value.isEmpty()) {
            json.writeStringProperty(name, value);
        }
    }
}
