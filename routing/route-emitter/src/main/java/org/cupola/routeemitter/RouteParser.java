package org.cupola.routeemitter;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.cupola.platform.json.Json;
import org.cupola.protocol.routing.RouteOptions;
import org.cupola.routeemitter.Desired.HttpRoute;
import org.cupola.routeemitter.Desired.InternalRoute;
import org.cupola.routeemitter.Desired.Routes;
import org.cupola.routeemitter.Desired.TcpRoute;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Reads the routes of a desired LRP. A kind that is missing, null or not in its shape counts as no routes of that kind;
 * the value is never logged, because beside the routes stand SSH keys. Stateless.
 */
final class RouteParser {
    static final String HTTP = "cf-router";
    static final String TCP = "tcp-router";
    static final String INTERNAL = "internal-router";

    private static final Logger log = LoggerFactory.getLogger(RouteParser.class);
    private static final int MAX_PORT = 65_535;

    private RouteParser() {}

    static Routes parse(String processGuid, Map<String, ByteString> routes) {
        List<HttpRoute> http = new ArrayList<>();
        List<TcpRoute> tcp = new ArrayList<>();
        List<InternalRoute> internal = new ArrayList<>();
        each(processGuid, routes, HTTP, http, route -> addHttp(route, http));
        each(processGuid, routes, TCP, tcp, route -> tcp.add(tcp(route)));
        each(
                processGuid,
                routes,
                INTERNAL,
                internal,
                route -> internal.add(new InternalRoute(text(route, "hostname"))));
        return new Routes(http, tcp, internal);
    }

    private static void each(
            String processGuid, Map<String, ByteString> routes, String kind, List<?> found, Consumer<JsonNode> reader) {
        ByteString bytes = routes.get(kind);
        if (bytes == null) {
            return;
        }
        try {
            JsonNode list = Json.tree(bytes.toByteArray());
            if (list.isNull()) {
                return;
            }
            expect(list.isArray());
            list.forEach(route -> {
                expect(route.isObject());
                reader.accept(route);
            });
        } catch (JacksonException | Malformed e) {
            found.clear();
            log.atError()
                    .addKeyValue("process_guid", processGuid)
                    .addKeyValue("kind", kind)
                    .log("failed-to-parse-routes");
        }
    }

    private static void addHttp(JsonNode route, List<HttpRoute> http) {
        JsonNode hostnames = route.path("hostnames");
        expect(hostnames.isArray() || hostnames.isNull() || hostnames.isMissingNode());
        JsonNode options = route.path("options");
        for (JsonNode hostname : hostnames) {
            expect(hostname.isString());
            http.add(new HttpRoute(
                    hostname.asString(),
                    port(route, "port"),
                    text(route, "route_service_url"),
                    text(route, "isolation_segment"),
                    text(route, "protocol"),
                    options.isMissingNode() || options.isNull()
                            ? RouteOptions.NONE
                            : new RouteOptions("", "", 0, options.toString())));
        }
    }

    private static TcpRoute tcp(JsonNode route) {
        return new TcpRoute(
                text(route, "router_group_guid"),
                port(route, "external_port"),
                port(route, "container_port"),
                optionalText(route, "backend_sni_hostname"),
                flag(route, "terminate_frontend_tls"),
                flag(route, "enable_backend_mtls"));
    }

    private static String text(JsonNode route, String key) {
        String found = optionalText(route, key);
        return found == null ? "" : found;
    }

    private static @Nullable String optionalText(JsonNode route, String key) {
        JsonNode value = route.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        expect(value.isString());
        return value.asString();
    }

    private static boolean flag(JsonNode route, String key) {
        JsonNode value = route.path(key);
        expect(value.isMissingNode() || value.isNull() || value.isBoolean());
        return value.isBoolean() && value.booleanValue();
    }

    private static int port(JsonNode route, String key) {
        JsonNode value = route.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return 0;
        }
        expect(value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 0);
        expect(value.intValue() <= MAX_PORT);
        return value.intValue();
    }

    private static void expect(boolean condition) {
        if (!condition) {
            throw new Malformed();
        }
    }

    private static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed() {
            super("not in the shape of its kind", null, false, false);
        }
    }
}
