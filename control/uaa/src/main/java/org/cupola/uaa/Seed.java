package org.cupola.uaa;

import java.util.List;
import java.util.Map;
import org.cupola.platform.config.Secret;

/**
 * What the configuration wants to exist at start.
 *
 * @param defaultGroups groups every user is in
 * @param groups        name → description
 * @param overrideUsers existing users get the configured names, mail, password and groups again
 */
public record Seed(
        List<String> defaultGroups,
        Map<String, String> groups,
        List<SeedUser> users,
        boolean overrideUsers,
        List<SeedClient> clients) {
    public Seed {
        defaultGroups = List.copyOf(defaultGroups);
        groups = Map.copyOf(groups);
        users = List.copyOf(users);
        clients = List.copyOf(clients);
    }

    /** A user of the configuration. */
    public record SeedUser(
            String name,
            Secret password,
            String email,
            String givenName,
            String familyName,
            List<String> groups,
            String origin) {
        public SeedUser {
            groups = List.copyOf(groups);
        }
    }

    /**
     * A client of the configuration.
     *
     * @param secrets  none, one or two; the empty one is a secret too
     * @param override an existing client is replaced
     */
    record SeedClient(Client client, List<Secret> secrets, boolean override) {
        SeedClient {
            secrets = List.copyOf(secrets);
        }
    }
}
