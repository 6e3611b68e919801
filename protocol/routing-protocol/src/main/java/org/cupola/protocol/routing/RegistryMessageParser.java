package org.cupola.protocol.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@link RegistryMessage}s with a scanner, key by key. */
final class RegistryMessageParser {
    /** More are rare. */
    private static final int USUAL_TAGS = 32;

    private RegistryMessageParser() {}

    static RegistryMessage parse(byte[] json, @Nullable SharedTexts shared) throws RegistryMessageException {
        var in = new JsonScanner(json, shared);
        var message = new Fields(shared);
        if (!in.takeNull()) {
            in.expect('{');
            for (boolean first = true; in.more('}', first); first = false) {
                in.key();
                message.read(in);
            }
        }
        in.end();
        return message.toMessage();
    }

    static RouteOptions options(JsonScanner in) throws RegistryMessageException {
        if (in.takeNull()) {
            return RouteOptions.NONE;
        }
        String algorithm = "";
        String hashHeader = "";
        double hashBalance = 0;
        in.peek();
        int start = in.position();
        in.expect('{');
        for (boolean first = true; in.more('}', first); first = false) {
            in.key();
            boolean wanted = in.textIs("loadbalancing") || in.textIs("lb_algo");
            boolean header = in.textIs("hash_header");
            boolean balance = in.textIs("hash_balance");
            if (in.peek() == 'n') {
                in.skip();
            } else if (wanted) {
                algorithm = in.text();
            } else if (header) {
                hashHeader = in.text();
            } else if (balance) {
                hashBalance = in.peek() == '"' ? number(in.text()) : in.decimal();
            } else {
                in.skip();
            }
        }
        return new RouteOptions(algorithm, hashHeader, hashBalance, in.raw(start));
    }

    private static double number(String text) throws RegistryMessageException {
        try {
            return text.isEmpty() ? 0 : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new RegistryMessageException("hash_balance: " + text + " (expected: a number)");
        }
    }

    /** The values read so far. */
    private static final class Fields {
        private final @Nullable SharedTexts shared;
        private String host = "";
        private int port;
        private int tlsPort;
        private List<String> uris = List.of();
        private String protocol = "";
        private String app = "";
        private long staleThreshold;
        private String instanceId = "";
        private String instanceIndex = "";
        private String isolationSegment = "";
        private String san = "";
        private boolean tagged;
        private Map<String, String> tags = Map.of();
        private String routeServiceUrl = "";
        private long updatedAt;
        private String zone = "";
        private RouteOptions options = RouteOptions.NONE;

        private Fields(@Nullable SharedTexts shared) {
            this.shared = shared;
        }

        private void read(JsonScanner in) throws RegistryMessageException {
            String key = name(in);
            if (in.takeNull()) {
                return;
            }
            switch (key) {
                case "host" -> host = in.text();
                case "port" -> port = (int) in.integer(0, 65535);
                case "tls_port" -> tlsPort = (int) in.integer(0, 65535);
                case "uris" -> uris = texts(in);
                case "protocol" -> protocol = in.text();
                case "app" -> app = in.text();
                case "stale_threshold_in_seconds" -> staleThreshold = in.integer(Long.MIN_VALUE, Long.MAX_VALUE);
                case "private_instance_id" -> instanceId = in.text();
                case "private_instance_index" -> instanceIndex = in.text();
                case "isolation_segment" -> isolationSegment = in.text();
                case "server_cert_domain_san" -> san = in.text();
                case "tags" -> {
                    tagged = true;
                    tags = tags(in);
                }
                case "route_service_url" -> routeServiceUrl = in.text();
                case "endpoint_updated_at_ns" -> updatedAt = in.integer(Long.MIN_VALUE, Long.MAX_VALUE);
                case "availability_zone" -> zone = in.text();
                case "options" -> options = options(in);
                default -> in.skip();
            }
        }

        /** The key's name; the usual ones come from constants, so that a message costs no text per key. */
        private static String name(JsonScanner in) {
            for (String known : KEYS) {
                if (in.textIs(known)) {
                    return known;
                }
            }
            return in.lastText().toLowerCase(Locale.ROOT);
        }

        private static List<String> texts(JsonScanner in) throws RegistryMessageException {
            List<String> texts = new ArrayList<>(2);
            in.expect('[');
            for (boolean first = true; in.more(']', first); first = false) {
                texts.add(in.takeNull() ? "" : in.text());
            }
            return texts;
        }

        private Map<String, String> tags(JsonScanner in) throws RegistryMessageException {
            var keys = new String[USUAL_TAGS];
            var values = new String[USUAL_TAGS];
            int count = 0;
            in.expect('{');
            for (boolean first = true; in.more('}', first); first = false) {
                in.key();
                String key = in.lastText();
                String value = in.takeNull() ? "" : in.text();
                int at = 0;
                while (at < count && !keys[at].equals(key)) {
                    at++;
                }
                if (at == USUAL_TAGS) {
                    return many(in, keys, values, key, value);
                }
                keys[at] = key;
                values[at] = value;
                count = Math.max(count, at + 1);
            }
            return new Tags(
                    shared == null ? Arrays.copyOf(keys, count) : shared.keys(keys, count),
                    Arrays.copyOf(values, count));
        }

        /** Goes on where looking through all for each would take long. */
        private static Map<String, String> many(
                JsonScanner in, String[] keys, String[] values, String lastKey, String lastValue)
                throws RegistryMessageException {
            Map<String, String> map = new HashMap<>();
            for (int i = 0; i < keys.length; i++) {
                map.put(keys[i], values[i]);
            }
            map.put(lastKey, lastValue);
            while (in.more('}', false)) {
                in.key();
                String key = in.lastText();
                map.put(key, in.takeNull() ? "" : in.text());
            }
            return map;
        }

        private RegistryMessage toMessage() throws RegistryMessageException {
            if (!routeServiceUrl.isEmpty() && !routeServiceUrl.startsWith("https")) {
                throw new RegistryMessageException("Unable to validate message. route_service_url must be https");
            }
            return new RegistryMessage(
                    host,
                    port,
                    tlsPort,
                    uris,
                    protocol,
                    app,
                    staleThreshold,
                    instanceId,
                    instanceIndex,
                    isolationSegment,
                    san,
                    tagged ? tags : null,
                    routeServiceUrl,
                    updatedAt,
                    zone,
                    options);
        }
    }

    private static final List<String> KEYS = List.of(
            "host",
            "port",
            "tls_port",
            "uris",
            "app",
            "private_instance_id",
            "private_instance_index",
            "server_cert_domain_san",
            "tags",
            "protocol",
            "availability_zone",
            "isolation_segment",
            "endpoint_updated_at_ns",
            "stale_threshold_in_seconds",
            "route_service_url",
            "options");
}
