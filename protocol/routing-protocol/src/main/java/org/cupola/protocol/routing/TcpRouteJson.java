package org.cupola.protocol.routing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;

/**
 * TCP routes to and from JSON without a tree. Writing is complete. Reading knows what clients really send: each key as it is
 * documented and of its type; of all else it says that it does not understand, and {@link TcpRouteMapping#read} decides.
 * Confined to its thread.
 */
final class TcpRouteJson {
    private static final long MAX_INDEX = 0xFFFF_FFFFL;
    private static final int MAX_PORT = 65_535;
    private static final List<String> KEYS = List.of(
            "router_group_guid",
            "backend_port",
            "backend_tls_port",
            "backend_ip",
            "backend_sni_hostname",
            "sni_rewrite_hostname",
            "instance_id",
            "port",
            "modification_tag",
            "ttl",
            "isolation_segment",
            "terminate_frontend_tls",
            "alpns",
            "enable_backend_mtls");
    private static final List<String> TAG_KEYS = List.of("guid", "index");

    // In the order in which the original writes them, each with what is before its value.
    private static final byte[] ROUTER_GROUP_GUID = JsonBytes.ascii("{\"router_group_guid\":");
    private static final byte[] BACKEND_PORT = JsonBytes.ascii(",\"backend_port\":");
    private static final byte[] BACKEND_TLS_PORT = JsonBytes.ascii(",\"backend_tls_port\":");
    private static final byte[] BACKEND_IP = JsonBytes.ascii(",\"backend_ip\":");
    private static final byte[] BACKEND_SNI_HOSTNAME = JsonBytes.ascii(",\"backend_sni_hostname\":");
    private static final byte[] SNI_REWRITE_HOSTNAME = JsonBytes.ascii(",\"sni_rewrite_hostname\":");
    private static final byte[] INSTANCE_ID = JsonBytes.ascii(",\"instance_id\":");
    private static final byte[] PORT = JsonBytes.ascii(",\"port\":");
    private static final byte[] TAG_GUID = JsonBytes.ascii(",\"modification_tag\":{\"guid\":");
    private static final byte[] TAG_INDEX = JsonBytes.ascii(",\"index\":");
    private static final byte[] TTL = JsonBytes.ascii("},\"ttl\":");
    private static final byte[] ISOLATION_SEGMENT = JsonBytes.ascii(",\"isolation_segment\":");
    private static final byte[] ISOLATION_SEGMENT_WITHOUT_TTL = JsonBytes.ascii("},\"isolation_segment\":");
    private static final byte[] TERMINATE_FRONTEND_TLS = JsonBytes.ascii(",\"terminate_frontend_tls\":true");
    private static final byte[] ALPNS = JsonBytes.ascii(",\"alpns\":");
    private static final byte[] ENABLE_BACKEND_MTLS = JsonBytes.ascii(",\"enable_backend_mtls\":true");

    private final JsonParser parser;

    private TcpRouteJson(JsonParser parser) {
        this.parser = parser;
    }

    static void write(TcpRouteMapping route, JsonBytes json) {
        json.raw(ROUTER_GROUP_GUID).text(route.routerGroupGuid());
        json.raw(BACKEND_PORT).number(route.backendPort());
        json.raw(BACKEND_TLS_PORT).number(route.backendTlsPort());
        json.raw(BACKEND_IP).text(route.backendIp());
        String sni = route.backendSniHostname();
        if (sni != null) {
            json.raw(BACKEND_SNI_HOSTNAME).text(sni);
        }
        String rewritten = route.sniRewriteHostname();
        if (rewritten != null) {
            json.raw(SNI_REWRITE_HOSTNAME).text(rewritten);
        }
        json.raw(INSTANCE_ID).text(route.instanceId());
        json.raw(PORT).number(route.port());
        json.raw(TAG_GUID).text(route.modificationTag().guid());
        json.raw(TAG_INDEX).number(route.modificationTag().index());
        Integer ttl = route.ttl();
        if (ttl != null) {
            json.raw(TTL).number(ttl).raw(ISOLATION_SEGMENT);
        } else {
            json.raw(ISOLATION_SEGMENT_WITHOUT_TTL);
        }
        json.text(route.isolationSegment());
        if (route.terminateFrontendTls()) {
            json.raw(TERMINATE_FRONTEND_TLS);
        }
        if (!route.alpns().isEmpty()) {
            json.raw(ALPNS).text(route.alpns());
        }
        if (route.enableBackendMtls()) {
            json.raw(ENABLE_BACKEND_MTLS);
        }
        json.raw('}');
    }

    /** The routes of a list; absent when it is not understood, or wrong. */
    static @Nullable List<TcpRouteMapping> readAll(byte[] list) {
        try (JsonParser parser = RoutingJson.MAPPER.createParser(list)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                return null;
            }
            var reader = new TcpRouteJson(parser);
            List<TcpRouteMapping> routes = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                routes.add(reader.route());
            }
            return routes;
        } catch (JacksonException | NotUnderstood e) {
            return null; // whoever reads it again says what is wrong
        }
    }

    private TcpRouteMapping route() throws NotUnderstood {
        require(parser.currentToken() == JsonToken.START_OBJECT);
        String routerGroupGuid = "";
        int port = 0;
        String backendIp = "";
        int backendPort = 0;
        int backendTlsPort = 0;
        String backendSniHostname = null;
        String sniRewriteHostname = null;
        String instanceId = "";
        ModificationTag tag = ModificationTag.NONE;
        Integer ttl = null;
        String isolationSegment = "";
        boolean terminateFrontendTls = false;
        String alpns = "";
        boolean enableBackendMtls = false;
        for (String key = parser.nextName(); key != null; key = parser.nextName()) {
            JsonToken value = parser.nextToken();
            switch (key) {
                case "router_group_guid" -> routerGroupGuid = text(value);
                case "backend_port" -> backendPort = (int) number(value, 0, MAX_PORT);
                case "backend_tls_port" -> backendTlsPort = (int) number(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
                case "backend_ip" -> backendIp = text(value);
                case "backend_sni_hostname" -> backendSniHostname = optionalText(value);
                case "sni_rewrite_hostname" -> sniRewriteHostname = optionalText(value);
                case "instance_id" -> instanceId = text(value);
                case "port" -> port = (int) number(value, 0, MAX_PORT);
                case "modification_tag" -> tag = value == JsonToken.VALUE_NULL ? ModificationTag.NONE : tag();
                case "ttl" ->
                    ttl = value == JsonToken.VALUE_NULL
                            ? null
                            : Integer.valueOf((int) number(value, Integer.MIN_VALUE, Integer.MAX_VALUE));
                case "isolation_segment" -> isolationSegment = text(value);
                case "terminate_frontend_tls" -> terminateFrontendTls = flag(value);
                case "alpns" -> alpns = text(value);
                case "enable_backend_mtls" -> enableBackendMtls = flag(value);
                default -> skip(key, KEYS);
            }
        }
        return new TcpRouteMapping(
                routerGroupGuid,
                port,
                backendIp,
                backendPort,
                backendTlsPort,
                backendSniHostname,
                sniRewriteHostname,
                instanceId,
                tag,
                ttl,
                isolationSegment,
                terminateFrontendTls,
                alpns,
                enableBackendMtls);
    }

    private ModificationTag tag() throws NotUnderstood {
        require(parser.currentToken() == JsonToken.START_OBJECT);
        String guid = "";
        long index = 0;
        for (String key = parser.nextName(); key != null; key = parser.nextName()) {
            JsonToken value = parser.nextToken();
            switch (key) {
                case "guid" -> guid = text(value);
                case "index" -> index = number(value, 0, MAX_INDEX);
                default -> skip(key, TAG_KEYS);
            }
        }
        return new ModificationTag(guid, index);
    }

    private @Nullable String optionalText(JsonToken value) throws NotUnderstood {
        return value == JsonToken.VALUE_NULL ? null : text(value);
    }

    private String text(JsonToken value) throws NotUnderstood {
        if (value == JsonToken.VALUE_NULL) {
            return "";
        }
        require(value == JsonToken.VALUE_STRING);
        return parser.getString();
    }

    private long number(JsonToken value, long min, long max) throws NotUnderstood {
        if (value == JsonToken.VALUE_NULL) {
            return 0;
        }
        require(value == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() != NumberType.BIG_INTEGER);
        long number = parser.getLongValue();
        require(number >= min && number <= max);
        return number;
    }

    private static boolean flag(JsonToken value) throws NotUnderstood {
        require(value == JsonToken.VALUE_TRUE || value == JsonToken.VALUE_FALSE || value == JsonToken.VALUE_NULL);
        return value == JsonToken.VALUE_TRUE;
    }

    /** Keys of other names mean nothing; ours in other letters would. */
    private void skip(String key, List<String> known) throws NotUnderstood {
        for (String name : known) {
            require(!name.equalsIgnoreCase(key));
        }
        parser.skipChildren();
    }

    private static void require(boolean understood) throws NotUnderstood {
        if (!understood) {
            throw new NotUnderstood();
        }
    }

    private static final class NotUnderstood extends Exception {
        private static final long serialVersionUID = 1L;

        NotUnderstood() {
            super("not as clients send it", null, false, false);
        }
    }
}
