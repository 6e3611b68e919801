package org.cupola.protocol.routing;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One backend behind an external port of a router group. Immutable.
 *
 * @param port                 external port, 0 to 65535
 * @param backendIp            address or name
 * @param backendPort          plain port of the backend
 * @param backendTlsPort       above 0 its TLS port, 0 when the sender does not know about TLS, -1 for no TLS on purpose
 * @param backendSniHostname   SNI host that leads here; absent means any
 * @param sniRewriteHostname   SNI host to send to the backend; absent means the client's
 * @param instanceId           name expected in the backend's certificate
 * @param ttl                  seconds; absent means the server's maximum
 * @param alpns                comma-separated, empty for none
 */
public record TcpRouteMapping(
        String routerGroupGuid,
        int port,
        String backendIp,
        int backendPort,
        int backendTlsPort,
        @Nullable String backendSniHostname,
        @Nullable String sniRewriteHostname,
        String instanceId,
        ModificationTag modificationTag,
        @Nullable Integer ttl,
        String isolationSegment,
        boolean terminateFrontendTls,
        String alpns,
        boolean enableBackendMtls) {
    private static final int TYPICAL_BYTES = 384;

    /** A mapping without TLS, as clients send it. */
    public static TcpRouteMapping of(String routerGroupGuid, int port, String backendIp, int backendPort) {
        return builder(routerGroupGuid, port, backendIp, backendPort).build();
    }

    /** @throws IllegalArgumentException when it is not an object or a value has the wrong type or range */
    public static TcpRouteMapping read(JsonNode json) {
        var fields = new RoutingJson.Fields("TcpRouteMapping", json);
        Long ttl = fields.optionalNumber("ttl", Integer.MIN_VALUE, Integer.MAX_VALUE);
        return new TcpRouteMapping(
                fields.text("router_group_guid"),
                fields.port("port"),
                fields.text("backend_ip"),
                fields.port("backend_port"),
                (int) fields.number("backend_tls_port", Integer.MIN_VALUE, Integer.MAX_VALUE),
                fields.optionalText("backend_sni_hostname"),
                fields.optionalText("sni_rewrite_hostname"),
                fields.text("instance_id"),
                ModificationTag.read(fields),
                ttl == null ? null : ttl.intValue(),
                fields.text("isolation_segment"),
                fields.flag("terminate_frontend_tls"),
                fields.text("alpns"),
                fields.flag("enable_backend_mtls"));
    }

    /**
     * A list of mappings as {@link #read} would read each of them.
     *
     * @return absent when the list is wrong, or not written as clients do; then {@code read} tells
     */
    public static @Nullable List<TcpRouteMapping> readAll(byte[] json) {
        return TcpRouteJson.readAll(json);
    }

    /** The list as JSON that {@link #readAll} understands. */
    public static byte[] writeAll(Collection<TcpRouteMapping> mappings) {
        var json = new JsonBytes(TYPICAL_BYTES * mappings.size()).raw('[');
        boolean first = true;
        for (TcpRouteMapping mapping : mappings) {
            if (!first) {
                json.raw(',');
            }
            first = false;
            mapping.writeTo(json);
        }
        return json.raw(']').toArray();
    }

    /** Appends it as JSON, keys in the order in which the original writes them. */
    public void writeTo(JsonBytes json) {
        TcpRouteJson.write(this, json);
    }

    /** The same as a tree. */
    public ObjectNode toJson() {
        var json = new JsonBytes(TYPICAL_BYTES);
        writeTo(json);
        return (ObjectNode) RoutingJson.MAPPER.readTree(json.toArray());
    }

    public static Builder builder(String routerGroupGuid, int port, String backendIp, int backendPort) {
        return new Builder(routerGroupGuid, port, backendIp, backendPort);
    }

    /** A builder with everything of this mapping. */
    public Builder toBuilder() {
        var builder = new Builder(routerGroupGuid, port, backendIp, backendPort);
        builder.backendTlsPort = backendTlsPort;
        builder.backendSniHostname = backendSniHostname;
        builder.sniRewriteHostname = sniRewriteHostname;
        builder.instanceId = instanceId;
        builder.modificationTag = modificationTag;
        builder.ttl = ttl;
        builder.isolationSegment = isolationSegment;
        builder.terminateFrontendTls = terminateFrontendTls;
        builder.alpns = alpns;
        builder.enableBackendMtls = enableBackendMtls;
        return builder;
    }

    /** Collects the fields that are there. Confined to its thread. */
    public static final class Builder {
        private final String routerGroupGuid;
        private final int port;
        private final String backendIp;
        private final int backendPort;
        private int backendTlsPort;
        private @Nullable String backendSniHostname;
        private @Nullable String sniRewriteHostname;
        private String instanceId = "";
        private ModificationTag modificationTag = ModificationTag.NONE;
        private @Nullable Integer ttl;
        private String isolationSegment = "";
        private boolean terminateFrontendTls;
        private String alpns = "";
        private boolean enableBackendMtls;

        private Builder(String routerGroupGuid, int port, String backendIp, int backendPort) {
            this.routerGroupGuid = routerGroupGuid;
            this.port = port;
            this.backendIp = backendIp;
            this.backendPort = backendPort;
        }

        public Builder backendTlsPort(int value) {
            backendTlsPort = value;
            return this;
        }

        public Builder backendSniHostname(@Nullable String value) {
            backendSniHostname = value;
            return this;
        }

        public Builder sniRewriteHostname(@Nullable String value) {
            sniRewriteHostname = value;
            return this;
        }

        public Builder instanceId(String value) {
            instanceId = value;
            return this;
        }

        public Builder modificationTag(ModificationTag value) {
            modificationTag = value;
            return this;
        }

        public Builder ttl(@Nullable Integer seconds) {
            ttl = seconds;
            return this;
        }

        public Builder isolationSegment(String value) {
            isolationSegment = value;
            return this;
        }

        public Builder terminateFrontendTls(boolean value) {
            terminateFrontendTls = value;
            return this;
        }

        public Builder alpns(String value) {
            alpns = value;
            return this;
        }

        public Builder enableBackendMtls(boolean value) {
            enableBackendMtls = value;
            return this;
        }

        public TcpRouteMapping build() {
            return new TcpRouteMapping(
                    routerGroupGuid,
                    port,
                    backendIp,
                    backendPort,
                    backendTlsPort,
                    backendSniHostname,
                    sniRewriteHostname,
                    instanceId,
                    modificationTag,
                    ttl,
                    isolationSegment,
                    terminateFrontendTls,
                    alpns,
                    enableBackendMtls);
        }
    }
}
