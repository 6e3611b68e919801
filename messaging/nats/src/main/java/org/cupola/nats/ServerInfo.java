package org.cupola.nats;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.cupola.platform.json.Json;

/**
 * What this server says about itself in INFO. Immutable.
 *
 * @param version of nats-server whose behaviour clients may expect; some pick features by it
 */
record ServerInfo(String id, String name, String version, InetSocketAddress address, NatsConfig config) {
    static final String VERSION = "2.10.22";
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int ID_CHARACTERS = 56;
    private static final int NONCE_CHARACTERS = 15;

    /** Random, in the form of a server's public key. */
    static String newId(RandomGenerator random) {
        return "N" + characters(random, ID_CHARACTERS - 1);
    }

    static String newNonce(RandomGenerator random) {
        return characters(random, NONCE_CHARACTERS);
    }

    private static String characters(RandomGenerator random, int count) {
        var text = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            text.append(BASE32.charAt(random.nextInt(BASE32.length())));
        }
        return text.toString();
    }

    /**
     * The operation for one client.
     *
     * @param nonce empty when no user signs one
     * @param lameDuck the server is about to stop
     */
    String line(long clientId, String clientAddress, String nonce, boolean lameDuck) {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("server_id", id);
        info.put("server_name", name);
        info.put("version", version);
        info.put("proto", 1);
        info.put("go", "");
        info.put("host", address.getHostString());
        info.put("port", address.getPort());
        info.put("headers", config.headers());
        putIf(info, "auth_required", config.authorization().isRequired());
        NatsConfig.Tls tls = config.tls();
        if (tls != null) {
            putIf(info, "tls_required", !tls.allowPlain());
            putIf(info, "tls_verify", tls.verify());
            putIf(info, "tls_available", tls.allowPlain());
        }
        info.put("max_payload", config.limits().maxPayloadBytes());
        info.put("client_id", clientId);
        info.put("client_ip", clientAddress);
        if (!nonce.isEmpty()) {
            info.put("nonce", nonce);
        }
        putIf(info, "ldm", lameDuck);
        return "INFO " + Json.text(info) + " \r\n";
    }

    private static void putIf(Map<String, Object> info, String key, boolean condition) {
        if (condition) {
            info.put(key, true);
        }
    }
}
