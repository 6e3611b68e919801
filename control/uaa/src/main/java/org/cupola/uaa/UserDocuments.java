package org.cupola.uaa;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Users between their JSON form and ours. Pure. */
final class UserDocuments {
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}+\\-_.@'!]+");
    private static final int MAX_LENGTH = 255;

    private UserDocuments() {}

    /**
     * A user as a new one is described.
     *
     * @throws UaaError 400 when something is missing or not allowed
     */
    static User create(JsonNode body, String passwordHash, long nowMillis) {
        String given = text(body, "origin", "");
        String origin = given.isBlank() ? User.INTERNAL : given; // the cf client sends an empty one
        String name = text(body, "userName", "");
        String email = email(body);
        checkName(name, origin);
        JsonNode names = body.path("name");
        return new User(
                UUID.randomUUID().toString(),
                name,
                origin,
                text(body, "externalId", ""),
                text(names, "givenName", ""),
                text(names, "familyName", ""),
                email,
                phone(body, ""),
                body.path("active").asBoolean(true),
                body.path("verified").asBoolean(true),
                passwordHash,
                false,
                nowMillis,
                Randoms.salt(),
                nowMillis,
                nowMillis,
                0,
                null,
                null);
    }

    /** What a full replacement makes of a user. */
    static User replace(User user, JsonNode body, long nowMillis) {
        String name = text(body, "userName", "");
        checkName(name, user.origin());
        JsonNode names = body.path("name");
        return new User(
                user.id(),
                name,
                user.origin(),
                text(body, "externalId", ""),
                text(names, "givenName", ""),
                text(names, "familyName", ""),
                email(body),
                phone(body, ""),
                body.path("active").asBoolean(user.active()),
                body.path("verified").asBoolean(user.verified()),
                user.passwordHash(),
                user.passwordChangeRequired(),
                user.passwordMillis(),
                user.salt(),
                user.createdMillis(),
                nowMillis,
                user.version(),
                user.lastLogonMillis(),
                user.previousLogonMillis());
    }

    /** What a merge makes of a user; {@code meta.attributes} names what is to be emptied first. */
    static User merge(User user, JsonNode body, long nowMillis) {
        List<String> dropped = Call.texts(body.path("meta").path("attributes")).stream()
                .map(each -> each.toLowerCase(java.util.Locale.ROOT))
                .toList();
        JsonNode names = body.path("name");
        boolean noName = dropped.contains("name");
        String name = text(body, "userName", user.userName());
        checkName(name, user.origin());
        if (body.has("origin") && !text(body, "origin", "").equals(user.origin())) {
            throw UaaError.invalidResource("Cannot change origin in patch of user.");
        }
        return new User(
                user.id(),
                name,
                user.origin(),
                text(body, "externalId", dropped.contains("externalid") ? "" : user.externalId()),
                text(names, "givenName", noName || dropped.contains("name.givenname") ? "" : user.givenName()),
                text(names, "familyName", noName || dropped.contains("name.familyname") ? "" : user.familyName()),
                body.path("emails").isEmpty() ? user.email() : email(body),
                phone(body, dropped.contains("phonenumbers") ? "" : user.phone()),
                body.path("active").asBoolean(user.active()),
                body.path("verified").asBoolean(user.verified()),
                user.passwordHash(),
                user.passwordChangeRequired(),
                user.passwordMillis(),
                user.salt(),
                user.createdMillis(),
                nowMillis,
                user.version(),
                user.lastLogonMillis(),
                user.previousLogonMillis());
    }

    private static void checkName(String name, String origin) {
        if (name.isBlank()) {
            throw UaaError.invalidResource("A username must be provided.");
        }
        if (name.length() > MAX_LENGTH) {
            throw UaaError.invalidResource("Username must not be longer than " + MAX_LENGTH + " characters.");
        }
        if (origin.equals(User.INTERNAL) && !NAME.matcher(name).matches()) {
            throw UaaError.invalidResource("Username must match pattern: [\\p{L}+0-9+\\-_.@'!]+");
        }
    }

    private static String email(JsonNode body) {
        JsonNode emails = body.path("emails");
        if (!emails.isArray() || emails.size() != 1) {
            throw UaaError.invalidResource("Exactly one email must be provided.");
        }
        String email = text(emails.path(0), "value", "");
        if (email.isBlank() || email.length() > MAX_LENGTH) {
            throw UaaError.invalidResource("An email must be provided.");
        }
        return email;
    }

    private static String phone(JsonNode body, String otherwise) {
        JsonNode numbers = body.path("phoneNumbers");
        return numbers.isArray() && !numbers.isEmpty() ? text(numbers.path(0), "value", "") : otherwise;
    }

    private static String text(JsonNode body, String key, String otherwise) {
        JsonNode value = body.path(key);
        String text = value.isValueNode() && !value.isNull() ? value.asString("") : otherwise;
        if (text.length() > MAX_LENGTH) {
            throw UaaError.invalidResource(key + " must not be longer than " + MAX_LENGTH + " characters.");
        }
        return text;
    }

    /**
     * The JSON form.
     *
     * @param groups    none leaves them out
     * @param approvals none leaves them out
     */
    static Map<String, Object> describe(
            User user, @Nullable List<Group.Membership> groups, @Nullable List<ApprovalStore.Approval> approvals) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("id", user.id());
        document.put("externalId", user.externalId());
        document.put("meta", meta(user.version(), user.createdMillis(), user.modifiedMillis()));
        document.put("userName", user.userName());
        Map<String, Object> name = new LinkedHashMap<>();
        name.put("familyName", user.familyName());
        name.put("givenName", user.givenName());
        document.put("name", name);
        document.put("emails", List.of(Map.of("value", user.email(), "primary", true)));
        if (groups != null) {
            document.put(
                    "groups", groups.stream().map(UserDocuments::membership).toList());
        }
        if (approvals != null) {
            document.put(
                    "approvals", approvals.stream().map(UserDocuments::approval).toList());
        }
        if (!user.phone().isEmpty()) {
            document.put("phoneNumbers", List.of(Map.of("value", user.phone())));
        }
        document.put("active", user.active());
        document.put("verified", user.verified());
        document.put("origin", user.origin());
        document.put("zoneId", "uaa");
        document.put("passwordLastModified", Answers.time(user.passwordMillis()));
        if (user.previousLogonMillis() != null) {
            document.put("previousLogonTime", user.previousLogonMillis());
        }
        if (user.lastLogonMillis() != null) {
            document.put("lastLogonTime", user.lastLogonMillis());
        }
        document.put("schemas", List.of(ListRequest.SCIM_SCHEMA));
        return document;
    }

    static Map<String, Object> meta(int version, long createdMillis, long modifiedMillis) {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("version", version);
        meta.put("created", Answers.time(createdMillis));
        meta.put("lastModified", Answers.time(modifiedMillis));
        return meta;
    }

    private static Map<String, Object> membership(Group.Membership membership) {
        Map<String, Object> group = new LinkedHashMap<>();
        group.put("value", membership.group().id());
        group.put("display", membership.group().name());
        group.put("type", membership.direct() ? "DIRECT" : "INDIRECT");
        return group;
    }

    private static Map<String, Object> approval(ApprovalStore.Approval approval) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("userId", approval.userId());
        shown.put("clientId", approval.clientId());
        shown.put("scope", approval.scope());
        shown.put("status", approval.approved() ? "APPROVED" : "DENIED");
        shown.put("lastUpdatedAt", Answers.time(approval.modifiedMillis()));
        shown.put("expiresAt", Answers.time(approval.expiresMillis()));
        return shown;
    }
}
