package org.cupola.uaa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.platform.json.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the sections {@code scim} and {@code oauth}: users, groups and clients that shall exist. */
final class SeedReader {
    /** What every user may do when the file does not say. */
    private static final List<String> DEFAULT_GROUPS = List.of(
            "openid",
            "scim.me",
            "cloud_controller.read",
            "cloud_controller.write",
            "cloud_controller_service_permissions.read",
            "password.write",
            "uaa.user",
            "approvals.me",
            "oauth.approvals",
            "notification_preferences.read",
            "notification_preferences.write",
            "profile",
            "roles",
            "user_attributes",
            "uaa.offline_token");

    private final ConfigReader root;

    SeedReader(ConfigReader root) {
        this.root = root;
    }

    Seed read() {
        ConfigReader scim = root.object("scim");
        ConfigReader oauth = root.object("oauth");
        List<String> defaults =
                oauth.object("user").value("authorities").map(SeedReader::list).orElse(DEFAULT_GROUPS);
        return new Seed(
                defaults, groups(scim), users(scim), scim.object("user").bool("override", false), clients(oauth));
    }

    private static Map<String, String> groups(ConfigReader scim) {
        Map<String, String> groups = new LinkedHashMap<>();
        scim.value("groups").ifPresent(node -> {
            if (node.isObject()) {
                node.properties()
                        .forEach(entry ->
                                groups.put(entry.getKey(), entry.getValue().asString("")));
            } else {
                list(node).forEach(name -> groups.put(name, ""));
            }
        });
        return groups;
    }

    private static List<Seed.SeedUser> users(ConfigReader scim) {
        List<Seed.SeedUser> users = new ArrayList<>();
        for (String line : scim.strings("users")) {
            String[] fields = line.split("\\|", -1);
            String key = "users[" + users.size() + "]";
            if (fields.length < 2 || fields.length > 7 || fields[0].isBlank()) {
                scim.refuse(
                        key,
                        fields[0].isBlank() ? "no name" : fields[0],
                        "name|password|email|given name|family name|groups|origin");
                continue;
            }
            String[] all = Arrays.copyOf(fields, 7);
            users.add(new Seed.SeedUser(
                    all[0],
                    new Secret(all[1]),
                    or(all[2], all[0]),
                    or(all[3], all[0].replaceFirst("@.*", "")),
                    or(all[4], all[0].contains("@") ? all[0].replaceFirst(".*@", "") : all[0]),
                    commas(or(all[5], "")),
                    or(all[6], User.INTERNAL)));
        }
        return users;
    }

    private static String or(@Nullable String text, String otherwise) {
        return text == null || text.isBlank() ? otherwise : text.strip();
    }

    private static List<Seed.SeedClient> clients(ConfigReader oauth) {
        ConfigReader defaults = oauth.object("client");
        boolean override = defaults.bool("override", true);
        List<String> autoapproved =
                defaults.value("autoapprove").map(SeedReader::list).orElse(List.of());
        defaults.value("secret");
        oauth.value("authorize");
        ConfigReader clients = oauth.object("clients");
        List<Seed.SeedClient> seeds = new ArrayList<>();
        clients.keys().forEach(name -> seeds.add(client(name, clients.object(name), override, autoapproved)));
        return seeds;
    }

    private static Seed.SeedClient client(
            String name, ConfigReader reader, boolean overrideAll, List<String> autoapproved) {
        String id = reader.string("id", name);
        List<String> grants = new ArrayList<>(strings(reader, "authorized-grant-types"));
        if (grants.isEmpty()) {
            reader.refuse("authorized-grant-types", "missing", "at least one grant type");
        }
        if ((grants.contains("password") || grants.contains("authorization_code"))
                && !grants.contains("refresh_token")) {
            grants.add("refresh_token");
        }
        List<String> autoapprove = autoapproved.contains(id) ? List.of("true") : strings(reader, "autoapprove");
        List<Secret> secrets = secrets(reader);
        boolean override = reader.bool("override", overrideAll);
        Client client = new Client(
                id,
                List.of(),
                strings(reader, "scope"),
                strings(reader, "resource-ids"),
                grants,
                strings(reader, "redirect-uri"),
                autoapprove.equals(List.of("false")) ? List.of() : autoapprove,
                strings(reader, "authorities"),
                seconds(reader, "access-token-validity"),
                seconds(reader, "refresh-token-validity"),
                reader.has("allowedproviders") ? strings(reader, "allowedproviders") : null,
                strings(reader, "required_user_groups"),
                "",
                reader.bool("allowpublic", false),
                additional(reader),
                0);
        return new Seed.SeedClient(client, secrets, override);
    }

    private static List<Secret> secrets(ConfigReader reader) {
        return reader.value("secret")
                .map(node -> {
                    if (!node.isArray()) {
                        return List.of(new Secret(node.asString("")));
                    }
                    List<Secret> secrets = new ArrayList<>();
                    node.forEach(each -> secrets.add(new Secret(each.asString(""))));
                    if (secrets.size() > 2) {
                        reader.refuse("secret", secrets.size() + " secrets", "at most 2");
                    }
                    return secrets;
                })
                .orElse(List.of());
    }

    private static Map<String, Object> additional(ConfigReader reader) {
        Map<String, Object> others = new LinkedHashMap<>();
        for (String key : List.of("name", "jwks_uri", "app-launch-url", "app-icon")) {
            reader.string(key)
                    .ifPresent(text -> others.put(
                            key.equals("app-launch-url") ? "appLaunchUrl" : key.equals("app-icon") ? "appIcon" : key,
                            text));
        }
        if (reader.has("show-on-homepage")) {
            others.put("showOnHomePage", reader.bool("show-on-homepage", false));
        }
        reader.value("jwks").ifPresent(jwks -> others.put("jwks", jwks.isString() ? jwks.asString() : Json.text(jwks)));
        return others;
    }

    private static @Nullable Integer seconds(ConfigReader reader, String key) {
        return reader.has(key) ? (Integer) reader.integer(key, 0, 1, Integer.MAX_VALUE) : null;
    }

    private static List<String> strings(ConfigReader reader, String key) {
        return reader.value(key).map(SeedReader::list).orElse(List.of());
    }

    /** A list, or a text with commas. */
    static List<String> list(JsonNode node) {
        if (!node.isArray()) {
            return commas(node.asString(""));
        }
        List<String> items = new ArrayList<>();
        node.forEach(item -> items.add(item.asString("").strip()));
        return List.copyOf(items);
    }

    static List<String> commas(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }
}
