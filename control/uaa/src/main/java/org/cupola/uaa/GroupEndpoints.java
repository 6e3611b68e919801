package org.cupola.uaa;

import com.linecorp.armeria.common.HttpResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** {@code /Groups}: groups, their members, and groups of other identity providers that stand for them. Any thread. */
final class GroupEndpoints {
    private final Stores stores;
    private final Guard guard;
    private final InstantSource clock;

    GroupEndpoints(Stores stores, Guard guard, InstantSource clock) {
        this.stores = stores;
        this.guard = guard;
        this.clock = clock;
    }

    HttpResponse list(Call call) {
        guard.require(call, "scim.read");
        ListRequest request = ListRequest.of(call);
        ListRequest.Page<Group> page = stores.groups().list(request);
        return Answers.json(200, request.envelope(page, ListRequest.SCIM_SCHEMA, this::describe));
    }

    HttpResponse get(Call call) {
        guard.require(call, "scim.read");
        Group group = existing(call.path("id"));
        return Answers.versioned(200, describe(group), group.version());
    }

    HttpResponse create(Call call) {
        guard.require(call, "scim.write");
        JsonNode body = call.jsonObject();
        long now = clock.millis();
        var group = new Group(
                UUID.randomUUID().toString(),
                name(body, ""),
                body.path("description").asString(""),
                now,
                now,
                0);
        if (!stores.groups().add(group, members(body))) {
            throw UaaError.scim(
                    409,
                    "scim_resource_already_exists",
                    "A group with displayName: " + group.name() + " already exists.");
        }
        return Answers.versioned(201, describe(group), 0);
    }

    HttpResponse replace(Call call) {
        guard.require(call, "scim.write", "groups.update");
        Group group = existing(call.path("id"));
        int version = IfMatch.version(call, group.version(), "PUT");
        JsonNode body = call.jsonObject();
        return store(
                group, name(body, ""), body.path("description").asString(group.description()), members(body), version);
    }

    HttpResponse merge(Call call) {
        guard.require(call, "scim.write", "groups.update");
        Group group = existing(call.path("id"));
        int version = IfMatch.version(call, group.version(), "PATCH");
        JsonNode body = call.jsonObject();
        List<String> dropped = Call.texts(body.path("meta").path("attributes"));
        Map<String, Group.Member> members = new LinkedHashMap<>();
        if (!dropped.contains("members")) {
            stores.groups().members(group.id()).forEach(member -> members.put(member.id(), member));
        }
        members(body).forEach(member -> members.put(member.id(), member));
        body.path("members").forEach(member -> {
            if (member.path("operation").asString("").equalsIgnoreCase("delete")) {
                members.remove(member.path("value").asString(""));
            }
        });
        String description = dropped.contains("description") ? "" : group.description();
        return store(
                group,
                name(body, group.name()),
                body.path("description").asString(description),
                List.copyOf(members.values()),
                version);
    }

    private HttpResponse store(Group group, String name, String description, List<Group.Member> members, int version) {
        boolean taken = stores.groups()
                .named(name)
                .filter(other -> !other.id().equals(group.id()))
                .isPresent();
        if (taken) {
            throw UaaError.scim(
                    409, "scim_resource_already_exists", "A group with displayName: " + name + " already exists.");
        }
        var next = new Group(group.id(), name, description, group.createdMillis(), clock.millis(), version);
        if (!stores.groups().replace(next, members, version)) {
            throw UaaError.scim(
                    409,
                    "scim_resource_conflict",
                    "Attempt to update group (" + group.id() + ") with wrong version: expected=" + group.version()
                            + " but found=" + version);
        }
        Group stored = existing(group.id());
        return Answers.versioned(200, describe(stored), stored.version());
    }

    HttpResponse delete(Call call) {
        guard.require(call, "scim.write");
        Group group = existing(call.path("id"));
        Map<String, Object> document = describe(group);
        stores.groups().delete(group.id());
        return Answers.versioned(200, document, group.version());
    }

    HttpResponse listMembers(Call call) {
        guard.require(call, "scim.read");
        Group group = existing(call.path("id"));
        boolean entities =
                call.param("returnEntities").filter("true"::equalsIgnoreCase).isPresent();
        return Answers.json(
                200,
                stores.groups().members(group.id()).stream()
                        .map(member -> entities ? withEntity(member) : describe(member))
                        .toList());
    }

    private Map<String, Object> withEntity(Group.Member member) {
        Map<String, Object> document = describe(member);
        if (member.group()) {
            stores.groups().find(member.id()).ifPresent(group -> document.put("entity", describe(group)));
        } else {
            stores.users()
                    .find(member.id())
                    .ifPresent(user -> document.put("entity", UserDocuments.describe(user, null, null)));
        }
        return document;
    }

    HttpResponse getMember(Call call) {
        guard.require(call, "scim.read");
        return Answers.json(200, describe(existingMember(existing(call.path("id")), call.path("member"))));
    }

    HttpResponse addMember(Call call) {
        guard.require(call, "scim.write", "groups.update");
        Group group = existing(call.path("id"));
        Group.Member member = member(call.jsonObject());
        if (!stores.groups().addMember(group.id(), member)) {
            throw UaaError.scim(
                    409,
                    "member_already_exists",
                    "Member " + member.id() + " already exists in the group " + group.id());
        }
        return Answers.json(201, describe(member));
    }

    HttpResponse removeMember(Call call) {
        guard.require(call, "scim.write", "groups.update");
        Group group = existing(call.path("id"));
        Group.Member member = existingMember(group, call.path("member"));
        stores.groups().removeMember(group.id(), member.id());
        return Answers.json(200, describe(member));
    }

    HttpResponse listExternal(Call call) {
        guard.require(call, "scim.read");
        String origin = call.filled("origin").orElse("");
        String name = call.filled("externalGroup").orElse("");
        List<GroupStore.ExternalGroup> all = stores.groups().externalGroups().stream()
                .filter(each -> origin.isEmpty() || each.origin().equals(origin))
                .filter(each -> name.isEmpty() || each.externalName().equals(name))
                .toList();
        ListRequest request = ListRequest.of(call);
        List<GroupStore.ExternalGroup> page =
                all.stream().skip(request.start() - 1L).limit(request.count()).toList();
        return Answers.json(
                200,
                request.envelope(
                        new ListRequest.Page<>(page, all.size()), ListRequest.SCIM_SCHEMA, GroupEndpoints::describe));
    }

    HttpResponse mapExternal(Call call) {
        guard.require(call, "scim.write");
        JsonNode body = call.jsonObject();
        String external = body.path("externalGroup").asString("");
        if (external.isBlank()) {
            throw UaaError.invalidResource("An external group must be provided.");
        }
        Group group = body.has("groupId")
                ? existing(body.path("groupId").asString(""))
                : named(body.path("displayName").asString(""));
        var mapping = new GroupStore.ExternalGroup(
                group, external, body.path("origin").asString("ldap"));
        if (!stores.groups().mapExternal(mapping)) {
            throw UaaError.scim(
                    409,
                    "scim_resource_already_exists",
                    "The mapping between " + group.name() + " and " + external + " exists.");
        }
        return Answers.json(201, describe(mapping));
    }

    HttpResponse unmapExternal(Call call) {
        guard.require(call, "scim.write");
        String name = call.path("name");
        Group group = name.isEmpty() ? existing(call.path("id")) : named(name);
        var mapping = new GroupStore.ExternalGroup(group, call.path("external"), call.path("origin"));
        if (!stores.groups().unmapExternal(group.id(), mapping.externalName(), mapping.origin())) {
            throw UaaError.scim(404, "scim_resource_not_found", "There is no such mapping");
        }
        return Answers.json(200, describe(mapping));
    }

    private static Map<String, Object> describe(GroupStore.ExternalGroup mapping) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put(
                "meta",
                UserDocuments.meta(
                        0, mapping.group().createdMillis(), mapping.group().createdMillis()));
        document.put("groupId", mapping.group().id());
        document.put("displayName", mapping.group().name());
        document.put("externalGroup", mapping.externalName());
        document.put("origin", mapping.origin());
        document.put("schemas", List.of(ListRequest.SCIM_SCHEMA));
        return document;
    }

    private static Map<String, Object> describe(Group.Member member) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("origin", member.origin());
        document.put("type", member.type());
        document.put("value", member.id());
        return document;
    }

    private Map<String, Object> describe(Group group) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("id", group.id());
        document.put("meta", UserDocuments.meta(group.version(), group.createdMillis(), group.modifiedMillis()));
        document.put("displayName", group.name());
        document.put("zoneId", "uaa");
        document.put("description", group.description());
        document.put(
                "members",
                stores.groups().members(group.id()).stream()
                        .map(GroupEndpoints::describe)
                        .toList());
        document.put("schemas", List.of(ListRequest.SCIM_SCHEMA));
        return document;
    }

    private static String name(JsonNode body, String otherwise) {
        String name = body.path("displayName").asString(otherwise);
        if (name.isBlank() || name.length() > 255) {
            throw UaaError.invalidResource("A group must have a name of 1 to 255 characters.");
        }
        return name;
    }

    private List<Group.Member> members(JsonNode body) {
        List<Group.Member> members = new ArrayList<>();
        for (JsonNode each : body.path("members")) {
            if (!each.path("operation").asString("").equalsIgnoreCase("delete")) {
                Group.Member member = member(each);
                if (members.stream().noneMatch(other -> other.id().equals(member.id()))) {
                    members.add(member);
                }
            }
        }
        return members;
    }

    private Group.Member member(JsonNode body) {
        var member = new Group.Member(
                body.path("value").asString(""),
                body.path("type").asString("USER").equalsIgnoreCase("GROUP"),
                body.path("origin").asString(User.INTERNAL));
        if (!stores.groups().memberExists(member)) {
            throw UaaError.invalidResource("Invalid group member: " + member.id());
        }
        return member;
    }

    private Group existing(String id) {
        return stores.groups()
                .find(id)
                .orElseThrow(() -> UaaError.scim(404, "scim_resource_not_found", "Group " + id + " does not exist"));
    }

    private Group named(String name) {
        return stores.groups()
                .named(name)
                .orElseThrow(() -> UaaError.scim(404, "scim_resource_not_found", "Group " + name + " does not exist"));
    }

    private Group.Member existingMember(Group group, String id) {
        return stores.groups().members(group.id()).stream()
                .filter(member -> member.id().equals(id))
                .findFirst()
                .orElseThrow(() -> UaaError.scim(
                        404, "member_not_found", "Member " + id + " does not exist in group " + group.id()));
    }
}
