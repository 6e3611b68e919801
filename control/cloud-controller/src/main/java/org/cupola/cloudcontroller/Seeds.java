package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.NAME;

import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** What exists from the first start on: the default quota, stacks, domains, the system organization. */
final class Seeds {
    private static final Logger log = LoggerFactory.getLogger(Seeds.class);

    private final Store store;
    private final CloudControllerConfig config;
    private final RouterGroups routerGroups;

    Seeds(Store store, CloudControllerConfig config, RouterGroups routerGroups) {
        this.store = store;
        this.config = config;
        this.routerGroups = routerGroups;
    }

    /** Quota, organization and HTTP domains; needs nobody. */
    void plant() {
        store.database.writeVoid(dsl -> {
            CloudControllerConfig.DefaultQuota wanted = config.platform().defaultQuota();
            Quota quota = store.quotas
                    .ofOrganizations
                    .findWhere(dsl, NAME.eq(wanted.name()))
                    .orElseGet(() -> {
                        Quota created = new Quota(store.stamps.create(), wanted.name(), "", limits(wanted));
                        store.quotas.insertOfOrganization(dsl, created);
                        return created;
                    });
            String system = config.platform().systemOrganization();
            if (!system.isEmpty() && !store.organizations.table.exists(dsl, NAME.eq(system))) {
                store.organizations.insert(dsl, new Organization(store.stamps.create(), system, false, quota.guid()));
            }
            for (CloudControllerConfig.SharedDomain domain : config.platform().domains()) {
                if (domain.routerGroup().isEmpty()
                        && store.domains.named(dsl, domain.name()).isEmpty()) {
                    store.domains.insert(
                            dsl, new Domain(store.stamps.create(), domain.name(), domain.internal(), null, null));
                }
            }
        });
    }

    private static ObjectNode limits(CloudControllerConfig.DefaultQuota wanted) {
        ObjectNode limits = Quotas.unlimited(true);
        put((ObjectNode) limits.path("apps"), "total_memory_in_mb", wanted.memoryMb());
        ObjectNode services = (ObjectNode) limits.path("services");
        put(services, "total_service_instances", wanted.services());
        services.put("paid_services_allowed", wanted.paidServices());
        ObjectNode routes = (ObjectNode) limits.path("routes");
        put(routes, "total_routes", wanted.routes());
        put(routes, "total_reserved_ports", wanted.reservedPorts());
        return limits;
    }

    private static void put(ObjectNode group, String key, long limit) {
        if (limit >= 0) {
            group.put(key, limit);
        }
    }

    /** Domains that need the Routing API; whether there is nothing left to do. */
    boolean plantTcpDomains() {
        List<CloudControllerConfig.SharedDomain> missing = config.platform().domains().stream()
                .filter(domain -> domain.routerGroup().isPresent())
                .filter(domain -> store.database
                        .read(dsl -> store.domains.named(dsl, domain.name()))
                        .isEmpty())
                .toList();
        if (missing.isEmpty()) {
            return true;
        }
        List<RouterGroups.RouterGroup> groups = routerGroups.list();
        boolean done = true;
        for (CloudControllerConfig.SharedDomain domain : missing) {
            String name = domain.routerGroup().orElseThrow();
            Optional<RouterGroups.RouterGroup> group =
                    groups.stream().filter(found -> found.name().equals(name)).findFirst();
            if (group.isEmpty()) {
                log.atWarn()
                        .addKeyValue("domain", domain.name())
                        .addKeyValue("router-group", name)
                        .log("router-group-not-found");
                done = false;
                continue;
            }
            store.database.writeVoid(dsl -> store.domains.insert(
                    dsl,
                    new Domain(
                            store.stamps.create(),
                            domain.name(),
                            false,
                            group.get().guid(),
                            null)));
        }
        return done;
    }
}
