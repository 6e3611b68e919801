package org.cupola.launcher.up;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.platform.json.Json;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What the writers of the components' configuration files share: where things are, secrets, certificates, formats. */
final class ConfigWriter {
    private final PlatformSettings settings;
    private final DataDirectory data;
    private final PlatformSecrets secrets;
    private final PlatformCertificates certificates;

    ConfigWriter(
            PlatformSettings settings, DataDirectory data, PlatformSecrets secrets, PlatformCertificates certificates) {
        this.settings = settings;
        this.data = data;
        this.secrets = secrets;
        this.certificates = certificates;
    }

    PlatformSettings settings() {
        return settings;
    }

    String secret(String name) {
        return secrets.get(name);
    }

    int port(PlatformPort port) {
        return settings.port(port);
    }

    /** {@code 127.0.0.1:PORT}. */
    String local(PlatformPort port) {
        return PlatformSettings.HOST + ":" + port(port);
    }

    String url(String scheme, PlatformPort port) {
        return scheme + "://" + local(port);
    }

    String ca() {
        return certificates.authorityFile().toString();
    }

    String caKey() {
        return certificates.authorityKeyFile().toString();
    }

    String certificate(String component) {
        certificates.ensure(component, List.of());
        return certificates.certificate(component).toString();
    }

    String key(String component) {
        certificates.ensure(component, List.of());
        return certificates.key(component).toString();
    }

    /** The content of one of the PEM files above, for formats that embed it. */
    static String text(String file) {
        try {
            return Files.readString(Path.of(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A database file in the state folder. */
    String database(String name) {
        return data.state().resolve(name + ".db").toString();
    }

    Path folder(String name) {
        return data.folder(name);
    }

    Path file(String name) {
        return data.config().resolve(name);
    }

    void json(String name, Map<String, Object> config) {
        DataDirectory.writePrivate(file(name), Json.pretty(config) + "\n");
    }

    void yaml(String name, Map<String, Object> config) {
        DataDirectory.writePrivate(file(name), YAMLMapper.shared().writeValueAsString(config));
    }

    void text(String name, String config) {
        DataDirectory.writePrivate(file(name), config);
    }

    /** A mapping in the order given: key, value, key, value, … */
    static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
