package org.cupola.cloudcontroller;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a route may look like and which are taken. Blocking; any thread. */
final class RouteRules {
    private static final Pattern HOST = Pattern.compile("[\\w\\-]+");
    private static final int MAX_OPTIONS_BYTES = 1024;
    private static final Set<String> BALANCING = Set.of("round-robin", "least-connection", "hash");

    private final Store store;
    private final RouterGroups routerGroups;
    private final CloudControllerConfig config;

    RouteRules(Store store, RouterGroups routerGroups, CloudControllerConfig config) {
        this.store = store;
        this.routerGroups = routerGroups;
        this.config = config;
    }

    /** What somebody asks for; {@code port} 0 means none. */
    record Wanted(Domain domain, String host, String path, int port, ObjectNode options) {}

    /** Asks the Routing API, so it is called before the transaction. */
    Optional<RouterGroups.RouterGroup> groupOf(Domain domain) {
        String guid = domain.routerGroupGuid();
        return guid == null ? Optional.empty() : routerGroups.find(guid);
    }

    /** Checks the shape, the space's rights to the domain and that nobody has it; picks a port for a TCP route without one. */
    Wanted check(DSLContext dsl, Wanted wanted, Space space, Optional<RouterGroups.RouterGroup> group, boolean admin) {
        Domain domain = wanted.domain();
        if (!store.domains.usableIn(dsl, domain, space.organizationGuid())) {
            throw ApiException.unprocessable("Invalid domain. Domain '" + domain.name()
                    + "' is not available in organization '" + space.organizationName() + "'.");
        }
        return domain.tcp() ? checkTcp(dsl, wanted, group) : checkHttp(dsl, wanted, space, admin);
    }

    private Wanted checkTcp(DSLContext dsl, Wanted wanted, Optional<RouterGroups.RouterGroup> group) {
        if (!wanted.host().isEmpty()) {
            throw ApiException.unprocessable("Hosts are not supported for TCP routes.");
        }
        if (!wanted.path().isEmpty()) {
            throw ApiException.unprocessable("Paths are not supported for TCP routes.");
        }
        RouterGroups.RouterGroup routers = group.filter(RouterGroups.RouterGroup::tcp)
                .orElseThrow(() -> ApiException.unprocessable(
                        "Route could not be created because the specified domain does not have a valid router group."));
        Domain domain = wanted.domain();
        Set<Integer> taken = portsOf(dsl, routers.guid());
        if (wanted.port() == 0) {
            int free = routers.freePort(taken)
                    .orElseThrow(
                            () -> ApiException.unprocessable("There are no more ports available for this domain."));
            return new Wanted(domain, "", "", free, wanted.options());
        }
        if (store.routes.find(dsl, domain.guid(), "", "", wanted.port()).isPresent()) {
            throw ApiException.unprocessable(
                    "Route already exists with port '" + wanted.port() + "' for domain '" + domain.name() + "'.");
        }
        if (taken.contains(wanted.port()) || !routers.reserves(wanted.port())) {
            throw ApiException.unprocessable(
                    "Port '" + wanted.port() + "' is not available. Try a different port or use a different domain.");
        }
        return wanted;
    }

    private Set<Integer> portsOf(DSLContext dsl, String routerGroupGuid) {
        List<String> domains =
                store.domains.table.all(dsl, DomainRepository.ROUTER_GROUP_GUID.eq(routerGroupGuid)).stream()
                        .map(Domain::guid)
                        .toList();
        return store.routes.all(dsl, RouteRepository.DOMAIN_GUID.in(domains)).stream()
                .map(Route::port)
                .collect(Collectors.toSet());
    }

    private Wanted checkHttp(DSLContext dsl, Wanted wanted, Space space, boolean admin) {
        Domain domain = wanted.domain();
        String host = wanted.host();
        String path = wanted.path();
        if (wanted.port() != 0) {
            throw ApiException.unprocessable("Routes with protocol 'http' do not support ports.");
        }
        if (host.isEmpty() && domain.shared()) {
            throw ApiException.unprocessable("Missing host. Routes in shared domains must have a host defined.");
        }
        if (host.equals("*") && domain.internal()) {
            throw ApiException.unprocessable("Wildcard hosts are not supported for internal domains.");
        }
        if (host.equals("*") && domain.shared() && !admin) {
            throw ApiException.notAuthorized();
        }
        if (!path.isEmpty() && domain.internal()) {
            throw ApiException.unprocessable("Paths are not supported for internal domains.");
        }
        Route asked = new Route(store.stamps.create(), space.guid(), domain, host, path, 0, Docs.object());
        if (asked.fqdn().length() > 253) {
            throw ApiException.unprocessable("Host combined with domain name must be no more than 253 characters.");
        }
        if (domain.name().equals(config.systemDomain())
                && config.platform().reservedHosts().contains(host)) {
            throw ApiException.unprocessable("Route conflicts with a reserved system route.");
        }
        if (!host.isEmpty() && store.domains.named(dsl, asked.fqdn()).isPresent()) {
            throw ApiException.unprocessable("Route conflicts with domain '" + asked.fqdn() + "'.");
        }
        if (store.routes.find(dsl, domain.guid(), host, path, 0).isPresent()) {
            throw ApiException.unprocessable(taken(host, path, domain));
        }
        return wanted;
    }

    private static String taken(String host, String path, Domain domain) {
        String with = host.isEmpty() ? "" : " with host '" + host + "'";
        if (!path.isEmpty()) {
            with += (host.isEmpty() ? " with" : " and") + " path '" + path + "'";
        }
        return "Route already exists" + with + " for domain '" + domain.name() + "'.";
    }

    /** What is wrong with the parts of a route, whatever the domain. */
    static void checkFormat(Body body, String host, String path) {
        if (!host.isEmpty() && !host.equals("*") && !HOST.matcher(host).matches()) {
            body.refuse("Host must be either \"*\" or contain only alphanumeric characters, \"_\", or \"-\"");
        }
        if (host.length() > 63) {
            body.refuse("Host is too long (maximum is 63 characters)");
        }
        if (path.equals("/")) {
            body.refuse("Path cannot be a single '/'");
        } else if (!path.isEmpty() && !path.startsWith("/")) {
            body.refuse("Path is missing the beginning '/'");
        }
        if (path.contains("?")) {
            body.refuse("Path cannot contain '?'");
        }
        if (path.length() > 128) {
            body.refuse("Path exceeds 128 characters");
        }
    }

    /** The options of a body, merged into those there are; null deletes. */
    ObjectNode mergedOptions(Body body, ObjectNode present) {
        ObjectNode merged = present.deepCopy();
        JsonNode options = body.node("options");
        if (options.isMissingNode()) {
            return merged;
        }
        if (!options.isObject()) {
            body.refuse("'options' is not a valid object");
            return merged;
        }
        options.properties().forEach(entry -> {
            if (entry.getValue().isNull()) {
                merged.remove(entry.getKey());
            } else {
                merged.put(entry.getKey(), entry.getValue().asString());
            }
        });
        checkOptions(merged).ifPresent(body::refuse);
        return merged;
    }

    Optional<String> checkOptions(ObjectNode options) {
        for (String key : options.propertyNames()) {
            if (!Set.of("loadbalancing", "hash_header", "hash_balance").contains(key)) {
                return Optional.of("Options Unknown field(s): '" + key + "'");
            }
        }
        String balancing = options.path("loadbalancing").asString("");
        if (!balancing.isEmpty() && !BALANCING.contains(balancing)) {
            return Optional.of("Options Loadbalancing must be one of 'round-robin, least-connection, hash' if present");
        }
        if (balancing.equals("hash") && options.path("hash_header").asString("").isEmpty()) {
            return Optional.of("Hash header must be present when loadbalancing is set to hash.");
        }
        if (balancing.equals("hash") && !store.flags.enabled("hash_based_routing")) {
            return Optional.of("Options Loadbalancing must be one of 'round-robin, least-connection' if present");
        }
        if (options.toString().length() > MAX_OPTIONS_BYTES) {
            return Optional.of("Options exceed " + MAX_OPTIONS_BYTES + " bytes");
        }
        return Optional.empty();
    }
}
