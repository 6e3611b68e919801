package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.UPDATED_AT;
import static org.cupola.cloudcontroller.Columns.flag;
import static org.cupola.cloudcontroller.Columns.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cupola.platform.sql.Database;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jspecify.annotations.Nullable;

/** What operators may switch on and off; only what differs from the default is stored. Blocking; any thread. */
final class FeatureFlags {
    static final Table<?> FLAGS = Columns.table("feature_flags");
    static final Field<Boolean> ENABLED = flag("enabled");
    static final Field<String> MESSAGE = text("custom_error_message");

    private static final Map<String, Boolean> DEFAULTS = defaults();
    private static final Set<String> NOT_FOR_ADMINS = Set.of(
            "app_bits_upload",
            "app_scaling",
            "set_roles_by_username",
            "unset_roles_by_username",
            "space_developer_env_var_visibility",
            "task_creation");

    private final Database database;
    private final Stamps stamps;

    /** One flag; {@code updatedAt} is absent while it has its default. */
    record Flag(
            String name,
            boolean enabled,
            @Nullable String message,
            @Nullable Long updatedAt) {}

    FeatureFlags(Database database, Stamps stamps) {
        this.database = database;
        this.stamps = stamps;
    }

    private static Map<String, Boolean> defaults() {
        Map<String, Boolean> defaults = new LinkedHashMap<>();
        List.of(
                        "private_domain_creation",
                        "app_bits_upload",
                        "app_scaling",
                        "route_creation",
                        "service_instance_creation",
                        "set_roles_by_username",
                        "unset_roles_by_username",
                        "task_creation",
                        "env_var_visibility",
                        "space_scoped_private_broker_creation",
                        "space_developer_env_var_visibility",
                        "resource_matching")
                .forEach(name -> defaults.put(name, true));
        List.of(
                        "user_org_creation",
                        "diego_docker",
                        "diego_cnb",
                        "service_instance_sharing",
                        "hide_marketplace_from_unauthenticated_users",
                        "route_sharing",
                        "hash_based_routing")
                .forEach(name -> defaults.put(name, false));
        return defaults;
    }

    /** In alphabetical order. */
    List<Flag> all() {
        return DEFAULTS.keySet().stream()
                .sorted()
                .map(name -> find(name).orElseThrow())
                .toList();
    }

    /** Empty for a name that is no flag. */
    Optional<Flag> find(String name) {
        Boolean otherwise = DEFAULTS.get(name);
        if (otherwise == null) {
            return Optional.empty();
        }
        return Optional.of(database.read(dsl -> dsl.selectFrom(FLAGS)
                .where(NAME.eq(name))
                .fetchOptional(FeatureFlags::toFlag)
                .orElse(new Flag(name, otherwise, null, null))));
    }

    void set(String name, boolean enabled, @Nullable String message) {
        database.writeVoid(dsl -> {
            dsl.deleteFrom(FLAGS).where(NAME.eq(name)).execute();
            dsl.insertInto(FLAGS)
                    .set(NAME, name)
                    .set(ENABLED, enabled)
                    .set(MESSAGE, message)
                    .set(UPDATED_AT, stamps.micros())
                    .execute();
        });
    }

    boolean enabled(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalArgumentException("no feature flag " + name))
                .enabled();
    }

    /** Refuses the request when the flag is off, unless admins are exempt and the caller is one. */
    void require(Permissions permissions, String name) {
        if (permissions.admin() && NOT_FOR_ADMINS.contains(name)) {
            return;
        }
        require(name);
    }

    /** As {@link #require(Permissions, String)}, for flags without exemptions. */
    void require(String name) {
        Flag flag = find(name).orElseThrow(() -> new IllegalArgumentException("no feature flag " + name));
        if (!flag.enabled()) {
            throw ApiException.featureDisabled(flag.message() == null ? name : flag.message());
        }
    }

    private static Flag toFlag(Record row) {
        return new Flag(row.get(NAME), row.get(ENABLED), row.get(MESSAGE), row.get(UPDATED_AT));
    }
}
