package org.cupola.protocol.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@link RegistryMessage}s with a scanner, key by key. */
final class RegistryMessageParser {
    private RegistryMessageParser() {}

    static RegistryMessage parse(byte[] json, int length, SharedTexts shared) throws RegistryMessageException {
        var in = new JsonScanner(json, length, shared);
        var message = new Fields(shared);
        if (!in.takeNull()) {
            in.expect('{');
            int key = KEY_COUNT;
            for (boolean first = true; in.more('}', first); first = false) {
                in.key();
                key = message.read(in, key);
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
        private final SharedTexts shared;

        /** By key, in the order of {@link #KEYS}; {@code null} for those that were not there. */
        private final @Nullable String[] texts = new String[TEXTS];

        private int port;
        private int tlsPort;
        private List<String> uris = List.of();
        private long staleThreshold;
        private boolean tagged;
        private Map<String, String> tags = Map.of();
        private long updatedAt;
        private RouteOptions options = RouteOptions.NONE;

        private Fields(SharedTexts shared) {
            this.shared = shared;
        }

        /**
         * Reads a value whose key was read.
         *
         * @param before the key before it, {@link #KEY_COUNT} when it is the first
         * @return its key
         */
        private int read(JsonScanner in, int before) throws RegistryMessageException {
            int key = key(in, before);
            if (in.takeNull()) {
                return key;
            }
            if (key < TEXTS) {
                texts[key] = in.text();
            } else {
                other(in, key);
            }
            return key;
        }

        private void other(JsonScanner in, int key) throws RegistryMessageException {
            switch (key) {
                case PORT -> port = (int) in.integer(0, 65535);
                case TLS_PORT -> tlsPort = (int) in.integer(0, 65535);
                case URIS -> uris = texts(in);
                case TAGS -> {
                    tagged = true;
                    tags = tags(in);
                }
                case UPDATED_AT -> updatedAt = in.integer(Long.MIN_VALUE, Long.MAX_VALUE);
                case STALE_THRESHOLD -> staleThreshold = in.integer(Long.MIN_VALUE, Long.MAX_VALUE);
                case OPTIONS -> options = options(in);
                default -> in.skip();
            }
        }

        /** Which of the keys it is, or one more than there are. Announcers write their keys in the same order each time. */
        private int key(JsonScanner in, int before) {
            int guess = shared.nextKey[before];
            if (guess < KEY_COUNT && in.textIs(KEYS[guess])) {
                return guess;
            }
            int key = 0;
            while (key < KEY_COUNT && !in.textIs(KEYS[key])) {
                key++;
            }
            shared.nextKey[before] = (byte) key;
            return key;
        }

        private static List<String> texts(JsonScanner in) throws RegistryMessageException {
            in.expect('[');
            if (!in.more(']', true)) {
                return List.of();
            }
            String only = in.takeNull() ? "" : in.text();
            if (!in.more(']', false)) {
                return List.of(only);
            }
            List<String> texts = new ArrayList<>();
            texts.add(only);
            do {
                texts.add(in.takeNull() ? "" : in.text());
            } while (in.more(']', false));
            return texts;
        }

        private Map<String, String> tags(JsonScanner in) throws RegistryMessageException {
            String[] keys = shared.tagKeys;
            String[] values = shared.tagValues;
            int count = 0;
            in.expect('{');
            for (boolean first = true; in.more('}', first); first = false) {
                in.key();
                String key = tag(in, count);
                String value = in.takeNull() ? "" : in.text();
                int at = 0;
                while (at < count && !keys[at].equals(key)) {
                    at++;
                }
                if (at == SharedTexts.MAX_TAGS) {
                    return many(in, keys, values, key, value);
                }
                keys[at] = key;
                values[at] = value;
                count = Math.max(count, at + 1);
            }
            return new Tags(shared.keys(keys, count), Arrays.copyOf(values, count));
        }

        /** The last text, probably the same as in the message before. */
        private String tag(JsonScanner in, int position) {
            String[] latest = shared.latestKeys;
            return position < latest.length && in.textIsExactly(latest[position]) ? latest[position] : in.lastText();
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

        private String text(int key) {
            String text = texts[key];
            return text == null ? "" : text;
        }

        private RegistryMessage toMessage() throws RegistryMessageException {
            String routeServiceUrl = text(ROUTE_SERVICE_URL);
            if (!routeServiceUrl.isEmpty() && !routeServiceUrl.startsWith("https")) {
                throw new RegistryMessageException("Unable to validate message. route_service_url must be https");
            }
            return new RegistryMessage(
                    text(HOST),
                    port,
                    tlsPort,
                    uris,
                    text(PROTOCOL),
                    text(APP),
                    staleThreshold,
                    text(INSTANCE_ID),
                    text(INSTANCE_INDEX),
                    text(ISOLATION_SEGMENT),
                    text(SAN),
                    tagged ? tags : null,
                    routeServiceUrl,
                    updatedAt,
                    text(ZONE),
                    options);
        }
    }

    private static final int HOST = 0;
    private static final int APP = 1;
    private static final int INSTANCE_ID = 2;
    private static final int INSTANCE_INDEX = 3;
    private static final int SAN = 4;
    private static final int PROTOCOL = 5;
    private static final int ZONE = 6;
    private static final int ISOLATION_SEGMENT = 7;
    private static final int ROUTE_SERVICE_URL = 8;

    /** The keys before this one have texts for values. */
    private static final int TEXTS = 9;

    private static final int PORT = 9;
    private static final int TLS_PORT = 10;
    private static final int URIS = 11;
    private static final int TAGS = 12;
    private static final int UPDATED_AT = 13;
    private static final int STALE_THRESHOLD = 14;
    private static final int OPTIONS = 15;

    static final int KEY_COUNT = 16;

    private static final String[] KEYS = {
        "host",
        "app",
        "private_instance_id",
        "private_instance_index",
        "server_cert_domain_san",
        "protocol",
        "availability_zone",
        "isolation_segment",
        "route_service_url",
        "port",
        "tls_port",
        "uris",
        "tags",
        "endpoint_updated_at_ns",
        "stale_threshold_in_seconds",
        "options"
    };
}
