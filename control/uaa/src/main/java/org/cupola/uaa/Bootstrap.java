package org.cupola.uaa;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what the configuration wants exist: groups, then clients, then users. Run before anyone is served, by one instance at a time. */
final class Bootstrap {
    private static final Logger log = LoggerFactory.getLogger(Bootstrap.class);
    private static final Map<String, String> OWN_GROUPS = Map.ofEntries(
            Map.entry("clients.admin", "Create, modify and delete clients"),
            Map.entry("clients.read", "Read information about clients"),
            Map.entry("clients.secret", "Change the secret of a client"),
            Map.entry("clients.write", "Create and modify clients"),
            Map.entry("groups.update", "Change groups and their members"),
            Map.entry("idps.read", "Read identity providers"),
            Map.entry("idps.write", "Create and modify identity providers"),
            Map.entry("oauth.approval", "Manage approved scopes"),
            Map.entry("oauth.login", "Act as a login server"),
            Map.entry("openid", "Access profile information"),
            Map.entry("password.write", "Change your password"),
            Map.entry("scim.create", "Create users"),
            Map.entry("scim.invite", "Send invitations"),
            Map.entry("scim.read", "Read all users and groups"),
            Map.entry("scim.userids", "Read user ids and names"),
            Map.entry("scim.write", "Create, modify and delete users and groups"),
            Map.entry("scim.zones", "Control a user's ability to manage a zone"),
            Map.entry("uaa.admin", "Act as an administrator throughout the server"),
            Map.entry("uaa.none", "Forbid acting as a user"),
            Map.entry("uaa.offline_token", "Be given refresh tokens"),
            Map.entry("uaa.resource", "Check the tokens of others"),
            Map.entry("uaa.user", "Act as a user"),
            Map.entry("zones.read", "Read identity zones"),
            Map.entry("zones.write", "Create and modify identity zones"));

    private final Seed seed;
    private final Stores stores;
    private final Passwords passwords;
    private final InstantSource clock;

    Bootstrap(Seed seed, Stores stores, Passwords passwords, InstantSource clock) {
        this.seed = seed;
        this.stores = stores;
        this.passwords = passwords;
        this.clock = clock;
    }

    void run() {
        stores.groups().ensure(groups(), clock.millis());
        clients();
        seed.users().forEach(this::user);
    }

    private Map<String, String> groups() {
        Map<String, String> groups = new LinkedHashMap<>(OWN_GROUPS);
        seed.defaultGroups().forEach(name -> groups.putIfAbsent(name, ""));
        seed.users().forEach(user -> user.groups().forEach(name -> groups.putIfAbsent(name, "")));
        seed.clients()
                .forEach(each -> each.client().scope().stream()
                        .filter(scope -> !scope.contains("*"))
                        .forEach(name -> groups.putIfAbsent(name, "")));
        groups.putAll(seed.groups());
        return groups;
    }

    private void clients() {
        List<Client> changed = new ArrayList<>();
        for (Seed.SeedClient each : seed.clients()) {
            Optional<Client> present = stores.clients().find(each.client().id());
            if (present.isEmpty()) {
                changed.add(next(each, present).modifiedAt(clock.millis()));
            } else if (each.override()) {
                Client next = next(each, present)
                        .withTokenSalt(present.get().tokenSalt())
                        .modifiedAt(present.get().lastModifiedMillis());
                if (!next.equals(present.get())) {
                    changed.add(next.modifiedAt(clock.millis()));
                }
            }
        }
        if (!changed.isEmpty()) {
            stores.clients().change(changes -> {
                changed.forEach(changes::put);
                return changed;
            });
        }
    }

    private Client next(Seed.SeedClient each, Optional<Client> present) {
        return each.client().withSecrets(hashes(each, present));
    }

    /** A hash whose secret has not changed stays as it is: a new one would end the tokens that were got with it. */
    private List<String> hashes(Seed.SeedClient each, Optional<Client> present) {
        List<String> known = present.map(Client::secrets).orElse(List.of());
        return each.secrets().stream()
                .map(secret -> passwords
                        .matchingSecret(each.client().id(), secret.value(), known)
                        .orElseGet(() -> passwords.hashSecret(secret.value())))
                .toList();
    }

    private void user(Seed.SeedUser wanted) {
        Optional<User> present = stores.users().find(wanted.name(), wanted.origin());
        if (present.isPresent() && !seed.overrideUsers()) {
            return;
        }
        User user = present.map(found -> override(found, wanted)).orElseGet(() -> create(wanted));
        stores.groups().setMemberships(user, wanted.groups());
        log.atInfo()
                .addKeyValue("user", user.id())
                .addKeyValue("name", user.userName())
                .log("user-bootstrapped");
    }

    private User create(Seed.SeedUser wanted) {
        long now = clock.millis();
        var user = new User(
                UUID.randomUUID().toString(),
                wanted.name(),
                wanted.origin(),
                "",
                wanted.givenName(),
                wanted.familyName(),
                wanted.email(),
                "",
                true,
                true,
                hash(wanted),
                false,
                now,
                Randoms.salt(),
                now,
                now,
                0,
                null,
                null);
        return stores.users().add(user)
                ? user
                : stores.users().find(wanted.name(), wanted.origin()).orElse(user); // another instance was faster
    }

    private User override(User found, Seed.SeedUser wanted) {
        boolean same = passwords.matches(wanted.password().value(), found.passwordHash());
        var user = new User(
                found.id(),
                wanted.name(),
                found.origin(),
                found.externalId(),
                wanted.givenName(),
                wanted.familyName(),
                wanted.email(),
                found.phone(),
                found.active(),
                found.verified(),
                same ? found.passwordHash() : hash(wanted),
                same && found.passwordChangeRequired(),
                same ? found.passwordMillis() : clock.millis(),
                found.salt(),
                found.createdMillis(),
                clock.millis(),
                found.version(),
                found.lastLogonMillis(),
                found.previousLogonMillis());
        stores.users().replace(user, found.version());
        return user;
    }

    private String hash(Seed.SeedUser wanted) {
        return wanted.origin().equals(User.INTERNAL)
                ? passwords.hash(wanted.password().value())
                : "";
    }
}
