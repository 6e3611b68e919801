package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/security_groups} and those of a space. */
final class SecurityGroups {
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "icmp", "icmpv6", "all");
    private static final Pattern PORTS = Pattern.compile("\\d{1,5}(\\s*-\\s*\\d{1,5}|(\\s*,\\s*\\d{1,5})*)");

    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final Jobs jobs;

    SecurityGroups(Api api) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.jobs = api.jobs();
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/security_groups", this::list)
                .post("/v3/security_groups", this::create)
                .get("/v3/security_groups/{guid}", call -> Reply.ok(present(find(call))))
                .patch("/v3/security_groups/{guid}", this::update)
                .delete("/v3/security_groups/{guid}", this::delete);
        for (String lifecycle : List.of("running", "staging")) {
            String spaces = "/v3/security_groups/{guid}/relationships/" + lifecycle + "_spaces";
            routes.post(spaces, call -> bind(call, lifecycle))
                    .delete(spaces + "/{space}", call -> unbind(call, lifecycle))
                    .get("/v3/spaces/{guid}/" + lifecycle + "_security_groups", call -> ofSpace(call, lifecycle));
        }
    }

    private static Condition seen(Call call) {
        if (call.caller().readsEverything()) {
            return DSL.noCondition();
        }
        return SecurityGroupRepository.RUNNING
                .eq(true)
                .or(SecurityGroupRepository.STAGING.eq(true))
                .or(GUID.in(DSL.select(SecurityGroupRepository.GROUP_GUID)
                        .from(SecurityGroupRepository.SPACES)
                        .where(call.permissions().visibleSpaces(SPACE_GUID))));
    }

    private SecurityGroupRepository.SecurityGroup find(Call call) {
        return store.database
                .read(dsl -> store.securityGroups.table.findWhere(
                        dsl, GUID.eq(call.guid()).and(seen(call))))
                .orElseThrow(() -> ApiException.notFound("Security group"));
    }

    private Reply list(Call call) {
        ListQuery query = call.list(
                "names",
                "running_space_guids",
                "staging_space_guids",
                "globally_enabled_running",
                "globally_enabled_staging");
        Condition where = seen(call).and(query.common()).and(query.in("names", NAME));
        for (String lifecycle : List.of("running", "staging")) {
            if (query.has(lifecycle + "_space_guids")) {
                where = where.and(SecurityGroupRepository.boundTo(query.values(lifecycle + "_space_guids"), lifecycle));
            }
            if (query.has("globally_enabled_" + lifecycle)) {
                boolean enabled =
                        query.text("globally_enabled_" + lifecycle, "").equals("true");
                where = where.and((lifecycle.equals("running")
                                ? SecurityGroupRepository.RUNNING
                                : SecurityGroupRepository.STAGING)
                        .eq(enabled));
            }
        }
        return page(call, query, where);
    }

    private Reply page(Call call, ListQuery query, Condition where) {
        Page<SecurityGroupRepository.SecurityGroup> page =
                store.database.read(dsl -> store.securityGroups.table.page(dsl, where, query));
        return listing.reply(call, query, page, this::present);
    }

    private Reply ofSpace(Call call, String lifecycle) {
        Space space = visible.space(call, call.guid());
        ListQuery query = call.list("names");
        return page(
                call,
                query,
                SecurityGroupRepository.holdsIn(space.guid(), lifecycle)
                        .and(query.common())
                        .and(query.in("names", NAME)));
    }

    private Reply create(Call call) {
        call.permissions().requireAdmin();
        Body body = call.body().allow("name", "rules", "globally_enabled", "relationships");
        String name = body.requiredString("name");
        ArrayNode rules = rules(body, Docs.array());
        SecurityGroupRepository.SecurityGroup group = new SecurityGroupRepository.SecurityGroup(
                store.stamps.create(),
                name,
                rules,
                body.node("globally_enabled", "running").asBoolean(false),
                body.node("globally_enabled", "staging").asBoolean(false));
        body.check();
        store.database.writeVoid(dsl -> {
            if (store.securityGroups.table.exists(dsl, NAME.eq(name))) {
                throw ApiException.unprocessable("Security group with name '" + name + "' already exists.");
            }
            store.securityGroups.insert(dsl, group);
            for (String lifecycle : List.of("running", "staging")) {
                body.node("relationships", lifecycle + "_spaces", "data")
                        .forEach(space -> store.securityGroups.bind(
                                dsl, group.guid(), space.path("guid").asString(), lifecycle));
            }
        });
        return Reply.created(present(group));
    }

    private static ArrayNode rules(Body body, ArrayNode otherwise) {
        JsonNode rules = body.node("rules");
        if (rules.isMissingNode()) {
            return otherwise;
        }
        if (!(rules instanceof ArrayNode array)) {
            body.refuse("Rules must be an array");
            return otherwise;
        }
        for (int i = 0; i < array.size(); i++) {
            JsonNode rule = array.get(i);
            String at = "Rules[" + i + "]: ";
            String protocol = rule.path("protocol").asString("");
            String ports = rule.path("ports").asString("");
            if (!PROTOCOLS.contains(protocol)) {
                body.refuse(at + "protocol must be 'tcp', 'udp', 'icmp', 'icmpv6' or 'all'");
            }
            if (rule.path("destination").asString("").isEmpty()) {
                body.refuse(at + "destination must be a valid CIDR, IP address, or IP address range");
            }
            boolean needsPorts = protocol.equals("tcp") || protocol.equals("udp");
            if (needsPorts == ports.isEmpty()
                    || (needsPorts && !PORTS.matcher(ports).matches())) {
                body.refuse(at
                        + (needsPorts
                                ? "ports are required for protocols of type TCP and UDP, ports must be a valid single port, comma separated list of ports, or range or ports, formatted as a string"
                                : "ports are not allowed for protocols of type " + protocol));
            }
        }
        return array;
    }

    private Reply update(Call call) {
        call.permissions().requireAdmin();
        SecurityGroupRepository.SecurityGroup group = find(call);
        Body body = call.body().allow("name", "rules", "globally_enabled");
        SecurityGroupRepository.SecurityGroup changed = new SecurityGroupRepository.SecurityGroup(
                group.stamp(),
                body.name("name").orElse(group.name()),
                rules(body, group.rules()),
                body.node("globally_enabled", "running").asBoolean(group.running()),
                body.node("globally_enabled", "staging").asBoolean(group.staging()));
        body.check();
        store.database.writeVoid(dsl -> store.securityGroups.update(dsl, changed, store.stamps.micros()));
        return Reply.ok(present(find(call)));
    }

    private Reply delete(Call call) {
        call.permissions().requireAdmin();
        return jobs.delete("security_group", find(call).guid());
    }

    private Reply bind(Call call, String lifecycle) {
        SecurityGroupRepository.SecurityGroup group = find(call);
        Body body = call.body().allow("data");
        List<String> guids = body.toMany(body.root());
        body.check();
        for (String guid : guids) {
            Space space = visible.findSpace(call, guid)
                    .orElseThrow(() -> ApiException.unprocessable(
                            "Spaces with guids [\"" + guid + "\"] do not exist, or you do not have access to them."));
            call.permissions().requireChange(space);
        }
        store.database.writeVoid(
                dsl -> guids.forEach(guid -> store.securityGroups.bind(dsl, group.guid(), guid, lifecycle)));
        ObjectNode document =
                Docs.toMany(store.database.read(dsl -> store.securityGroups.spacesOf(dsl, group.guid(), lifecycle)));
        document.putObject("links")
                .set("self", urls.link("/security_groups/" + group.guid() + "/relationships/" + lifecycle + "_spaces"));
        return Reply.ok(document);
    }

    private Reply unbind(Call call, String lifecycle) {
        SecurityGroupRepository.SecurityGroup group = find(call);
        Space space = visible.space(call, call.parameter("space"));
        call.permissions().requireChange(space);
        boolean bound =
                store.database.write(dsl -> store.securityGroups.unbind(dsl, group.guid(), space.guid(), lifecycle));
        if (!bound) {
            throw ApiException.unprocessable("Unable to unbind security group from space with guid '" + space.guid()
                    + "'. Ensure the space is bound to this security group.");
        }
        return Reply.noContent();
    }

    private ObjectNode present(SecurityGroupRepository.SecurityGroup group) {
        ObjectNode document = group.stamp().document().put("name", group.name());
        document.set("rules", group.rules());
        document.putObject("globally_enabled").put("running", group.running()).put("staging", group.staging());
        ObjectNode relationships = document.putObject("relationships");
        for (String lifecycle : List.of("running", "staging")) {
            relationships.set(
                    lifecycle + "_spaces",
                    Docs.toMany(
                            store.database.read(dsl -> store.securityGroups.spacesOf(dsl, group.guid(), lifecycle))));
        }
        document.putObject("links").set("self", urls.link("/security_groups/" + group.guid()));
        return document;
    }
}
