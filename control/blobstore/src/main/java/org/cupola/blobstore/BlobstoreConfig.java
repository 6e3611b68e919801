package org.cupola.blobstore;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * What the blobstore is told, by the properties of the original's BOSH job. Immutable.
 *
 * @param directory      of all stores
 * @param internal       where the Cloud Controller comes in; with TLS unless there is no certificate
 * @param publicTls      where holders of links come in, with TLS; none without a certificate
 * @param publicPlain    the same without TLS; none when switched off
 * @param publicHost     the only name the public listeners answer to; empty means any
 * @param adminUsers     who may read, write and sign on the internal listener
 * @param linkSecret     signs links
 * @param maxUploadBytes zero means no limit
 */
public record BlobstoreConfig(
        Path directory,
        Listener internal,
        @Nullable Listener publicTls,
        @Nullable Listener publicPlain,
        String publicHost,
        List<AdminUser> adminUsers,
        Secret linkSecret,
        long maxUploadBytes,
        List<String> accessRules) {
    private static final List<String> PRIVATE_NETWORKS =
            List.of("allow 10.0.0.0/8;", "allow 172.16.0.0/12;", "allow 192.168.0.0/16;");

    public BlobstoreConfig {
        adminUsers = List.copyOf(adminUsers);
        accessRules = List.copyOf(accessRules);
    }

    /** A port to listen on, 0 for a free one. */
    public record Listener(
            InetSocketAddress address, @Nullable TlsIdentity identity) {}

    /** A name and its password. */
    public record AdminUser(String name, Secret password) {}

    /** @throws ConfigException with all problems together */
    public static BlobstoreConfig read(Path file) throws ConfigException {
        ConfigReader root = ConfigReader.yaml(file);
        ConfigReader blobstore = root.object("blobstore");
        String address = blobstore.string("address", "0.0.0.0");
        ConfigReader tls = blobstore.object("tls");
        ConfigReader publicTls = blobstore.object("public_tls");
        TlsIdentity publicIdentity = identity(publicTls);
        boolean plainOff = root.bool("temporary_disable_non_tls_endpoints", false);
        int plainPort = blobstore.integer("port", 8080, 0, 65_535);
        int publicTlsPort = blobstore.integer("public_tls_port", 8081, 0, 65_535);
        String domain =
                root.string("system_domain").or(() -> root.string("domain")).orElse("");
        Secret secret = new Secret(blobstore.object("secure_link").required("secret"));
        List<String> rules =
                blobstore.has("internal_access_rules") ? blobstore.strings("internal_access_rules") : PRIVATE_NETWORKS;
        AccessRules.check(rules, blobstore, "internal_access_rules");
        var config = new BlobstoreConfig(
                Path.of(blobstore.string("directory", "/var/vcap/store/shared")),
                new Listener(new InetSocketAddress(address, tls.integer("port", 4443, 0, 65_535)), identity(tls)),
                publicIdentity == null
                        ? null
                        : new Listener(new InetSocketAddress(address, publicTlsPort), publicIdentity),
                plainOff ? null : new Listener(new InetSocketAddress(address, plainPort), null),
                domain.isEmpty() ? "" : "blobstore." + domain,
                users(blobstore),
                secret,
                bytes(blobstore),
                rules);
        for (String key : List.of("select_directories_to_backup", "release_level_backup")) {
            root.value(key);
        }
        blobstore.value("nginx_workers_per_core");
        root.finish();
        return config;
    }

    private static @Nullable TlsIdentity identity(ConfigReader tls) {
        Optional<String> certificate = tls.string("cert").filter(text -> !text.isBlank());
        Optional<String> key = tls.string("private_key").filter(text -> !text.isBlank());
        Optional<Path> certificateFile = tls.file("cert_file");
        Optional<Path> keyFile = tls.file("private_key_file");
        try {
            if (certificate.isPresent() && key.isPresent()) {
                return TlsIdentity.parse(certificate.get(), key.get());
            }
            if (certificateFile.isPresent() && keyFile.isPresent()) {
                return TlsIdentity.read(certificateFile.get(), keyFile.get());
            }
        } catch (IllegalArgumentException e) {
            tls.refuse("cert", String.valueOf(e.getMessage()), "a certificate and its key in PEM");
        }
        return null;
    }

    private static List<AdminUser> users(ConfigReader blobstore) {
        List<AdminUser> users = blobstore.objects("admin_users").stream()
                .map(user -> new AdminUser(user.required("username"), new Secret(user.required("password"))))
                .toList();
        if (users.isEmpty()) {
            blobstore.refuse("admin_users", "nobody", "at least one username and password");
        }
        return users;
    }

    /** As nginx reads sizes: {@code 0}, {@code 512k}, {@code 10m}, {@code 2g}. */
    private static long bytes(ConfigReader blobstore) {
        String text = blobstore.string("max_upload_size", "0").strip();
        if (!text.matches("\\d{1,12}[kKmMgG]?")) {
            blobstore.refuse("max_upload_size", text, "a size such as 0, 512k, 10m or 2g");
            return 0;
        }
        long factor = switch (text.charAt(text.length() - 1)) {
            case 'k', 'K' -> 1024L;
            case 'm', 'M' -> 1024L * 1024;
            case 'g', 'G' -> 1024L * 1024 * 1024;
            default -> 1L;
        };
        return Long.parseLong(text.replaceAll("\\D", "")) * factor;
    }
}
