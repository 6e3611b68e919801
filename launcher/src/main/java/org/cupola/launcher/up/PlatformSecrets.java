package org.cupola.launcher.up;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.cupola.platform.json.Json;
import tools.jackson.core.type.TypeReference;

/** The passwords of one platform: made at random when first asked for, kept in a file that only the owner may read. */
final class PlatformSecrets {
    private static final int BYTES = 24;

    private final Path file;
    private final Map<String, String> secrets;
    private final SecureRandom random = new SecureRandom();

    private PlatformSecrets(Path file, Map<String, String> secrets) {
        this.file = file;
        this.secrets = secrets;
    }

    static PlatformSecrets open(Path file) {
        try {
            Map<String, String> known = Files.exists(file)
                    ? Json.MAPPER.readValue(Files.readAllBytes(file), new TypeReference<Map<String, String>>() {})
                    : Map.of();
            return new PlatformSecrets(file, new TreeMap<>(known));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized String get(String name) {
        String secret = secrets.get(name);
        if (secret == null) {
            byte[] bytes = new byte[BYTES];
            random.nextBytes(bytes);
            secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
            secrets.put(name, secret);
            DataDirectory.writePrivate(file, Json.pretty(secrets));
        }
        return secret;
    }
}
