package org.cupola.uaa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

@ParameterizedClass
@EnumSource(RunningUaa.Db.class)
class UsersTest {
    private final RunningUaa uaa;
    private final String name = "user-" + UUID.randomUUID();

    UsersTest(RunningUaa.Db db) {
        this.uaa = RunningUaa.on(db);
    }

    @Test
    void createsFindsAndDeletesAsTheCfClientDoes() {
        String admin = uaa.admin();
        var created = uaa.sendAs(admin, "POST", "/Users", """
                {"userName":"%1$s","password":"p","origin":"","name":{"familyName":"%1$s","givenName":"%1$s"},
                 "emails":[{"value":"%1$s","primary":true}]}""".formatted(name));

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("etag")).isEqualTo("\"0\"");
        JsonNode user = created.json();
        assertThat(user.path("userName").asString()).isEqualTo(name);
        assertThat(user.path("emails").toString())
                .contains("\"value\":\"" + name + "\"")
                .contains("\"primary\":true");
        assertThat(user.path("active").asBoolean()).isTrue();
        assertThat(user.path("verified").asBoolean()).isTrue();
        assertThat(user.path("origin").asString()).isEqualTo("uaa");
        assertThat(user.path("zoneId").asString()).isEqualTo("uaa");
        assertThat(user.path("schemas").toString()).isEqualTo("[\"urn:scim:schemas:core:1.0\"]");
        assertThat(user.path("meta").path("created").asString())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(user.has("password")).isFalse();
        assertThat(user.path("groups").findValuesAsString("display")).contains("openid", "uaa.user");

        var found = uaa.sendAs(
                admin,
                "GET",
                "/Users?filter="
                        + RunningUaa.encode("userName eq \"" + name.toUpperCase() + "\" and origin eq \"uaa\""),
                "");
        assertThat(found.json().path("totalResults").asInt()).isEqualTo(1);
        assertThat(found.json().path("itemsPerPage").asInt()).isEqualTo(100);
        assertThat(found.json().path("startIndex").asInt()).isEqualTo(1);
        assertThat(found.text("resources/0/id")).isEqualTo(created.text("id"));

        var deleted = uaa.sendAs(admin, "DELETE", "/Users/" + created.text("id"), "");
        assertThat(deleted.status()).isEqualTo(200);
        assertThat(deleted.text("id")).isEqualTo(created.text("id"));
        var gone = uaa.sendAs(admin, "GET", "/Users/" + created.text("id"), "");
        assertThat(gone.status()).isEqualTo(404);
        assertThat(gone.body())
                .isEqualTo("{\"error\":\"scim_resource_not_found\",\"message\":\"User %1$s does not exist\","
                                .formatted(created.text("id"))
                        + "\"error_description\":\"User %s does not exist\"}".formatted(created.text("id")));
    }

    @Test
    void refusesWhatIsNoUser() {
        String admin = uaa.admin();
        String id = uaa.createUser(name, "p");

        var twice = uaa.sendAs(
                admin,
                "POST",
                "/Users",
                "{\"userName\":\"%s\",\"password\":\"p\",\"emails\":[{\"value\":\"a@b\"}]}"
                        .formatted(name.toUpperCase()));
        assertThat(twice.status()).isEqualTo(409);
        assertThat(twice.text("error")).isEqualTo("scim_resource_already_exists");
        assertThat(twice.text("message")).isEqualTo("Username already in use: " + name.toUpperCase());
        assertThat(twice.text("user_id")).isEqualTo(id);
        assertThat(twice.json().path("active").asBoolean()).isTrue();
        assertThat(twice.json().path("verified").asBoolean()).isTrue();

        assertRefused(admin, "{\"password\":\"p\",\"emails\":[{\"value\":\"a@b\"}]}", "A username must be provided.");
        assertRefused(admin, "{\"userName\":\"x\",\"password\":\"p\"}", "Exactly one email must be provided.");
        assertThat(uaa.sendAs(
                                admin,
                                "POST",
                                "/Users",
                                "{\"userName\":\"a b\",\"password\":\"p\",\"emails\":[{\"value\":\"a@b\"}]}")
                        .text("message"))
                .startsWith("Username must match pattern: ");
        var noPassword = uaa.sendAs(admin, "POST", "/Users", "{\"userName\":\"np\",\"emails\":[{\"value\":\"a@b\"}]}");
        assertThat(noPassword.status()).isEqualTo(400);
        assertThat(noPassword.text("error")).isEqualTo("invalid_password");
        assertThat(uaa.sendAs(admin, "POST", "/Users", "{not json").status()).isEqualTo(400);
    }

    private void assertRefused(String admin, String body, String message) {
        var reply = uaa.sendAs(admin, "POST", "/Users", body);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text("error")).isEqualTo("invalid_scim_resource");
        assertThat(reply.text("message")).isEqualTo(message);
        assertThat(reply.text("error_description")).isEqualTo(message);
    }

    @Test
    void usersOfAnotherOriginNeedNoPasswordAndMayShareAName() {
        uaa.createUser(name, "p");

        var reply = uaa.sendAs(
                uaa.admin(),
                "POST",
                "/Users",
                "{\"userName\":\"%s\",\"origin\":\"ldap\",\"emails\":[{\"value\":\"a@b\"}]}".formatted(name));

        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.text("origin")).isEqualTo("ldap");
    }

    @Test
    void asksForATokenWithTheRightScope() {
        var none = uaa.get("/Users");
        assertThat(none.status()).isEqualTo(401);
        assertThat(none.body())
                .isEqualTo("{\"error\":\"unauthorized\",\"error_description\":\"Full authentication is required to"
                        + " access this resource\"}");
        assertThat(none.header("www-authenticate")).startsWith("Bearer realm=\"oauth\", error=\"unauthorized\"");

        String routing = uaa.token("tcp_router", "tcp-router-secret", "grant_type=client_credentials")
                .text("access_token");
        var other = uaa.getAs(routing, "/Users");
        assertThat(other.status()).isEqualTo(403);
        assertThat(other.text("error")).isEqualTo("insufficient_scope");
        assertThat(other.text("error_description")).isEqualTo("Insufficient scope for this resource");
        assertThat(other.text("scope")).contains("scim.read");

        var bad = uaa.getAs("nonsense.nonsense.nonsense", "/Users");
        assertThat(bad.status()).isEqualTo(401);
        assertThat(bad.text("error")).isEqualTo("invalid_token");
    }

    @Test
    void anyoneMayReadAndRenameThemselvesOnly() {
        String id = uaa.createUser(name, "p");
        String token = uaa.login(name, "p").text("access_token");

        assertThat(uaa.getAs(token, "/Users/" + id).status()).isEqualTo(200);
        assertThat(uaa.getAs(token, "/Users").status()).isEqualTo(403);
        var renamed = uaa.sendAs(token, "PATCH", "/Users/" + id, "{\"name\":{\"givenName\":\"Ann\"}}", "If-Match", "*");
        assertThat(renamed.status()).isEqualTo(200);
        assertThat(renamed.text("name/givenName")).isEqualTo("Ann");
        var email = uaa.sendAs(token, "PATCH", "/Users/" + id, "{\"emails\":[{\"value\":\"new@b\"}]}", "If-Match", "*");
        assertThat(email.status()).isEqualTo(403);
    }

    @Test
    void changesNeedTheVersionTheyWereMadeFor() {
        String id = uaa.createUser(name, "p");
        String body = "{\"userName\":\"%s\",\"name\":{},\"emails\":[{\"value\":\"n@b\"}]}".formatted(name);
        String admin = uaa.admin();

        assertThat(uaa.sendAs(admin, "PUT", "/Users/" + id, body).status()).isEqualTo(400);
        var first = uaa.sendAs(admin, "PUT", "/Users/" + id, body, "If-Match", "\"0\"");
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.header("etag")).isEqualTo("\"1\"");
        assertThat(first.json().path("meta").path("version").asInt()).isEqualTo(1);
        var late = uaa.sendAs(admin, "PUT", "/Users/" + id, body, "If-Match", "0");
        assertThat(late.status()).isEqualTo(409);
        assertThat(late.text("error")).isEqualTo("scim_resource_conflict");
        var dropped = uaa.sendAs(
                admin, "PATCH", "/Users/" + id, "{\"meta\":{\"attributes\":[\"phoneNumbers\"]}}", "If-Match", "1");
        assertThat(dropped.status()).isEqualTo(200);
    }

    @Test
    void passwordsChangeWithTheOldOne() {
        String id = uaa.createUser(name, "old");
        String token = uaa.login(name, "old").text("access_token");
        String path = "/Users/" + id + "/password";

        var wrong = uaa.sendAs(token, "PUT", path, "{\"oldPassword\":\"x\",\"password\":\"new\"}");
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.text("error_description")).isEqualTo("Old password is incorrect");
        var same = uaa.sendAs(token, "PUT", path, "{\"oldPassword\":\"old\",\"password\":\"old\"}");
        assertThat(same.status()).isEqualTo(422);
        assertThat(same.body())
                .isEqualTo(
                        "{\"error\":\"invalid_password\",\"message\":\"Your new password cannot be the same as the old"
                                + " password.\",\"error_description\":\"Your new password cannot be the same as the old"
                                + " password.\"}");
        var done = uaa.sendAs(token, "PUT", path, "{\"oldPassword\":\"old\",\"password\":\"new\"}");
        assertThat(done.status()).isEqualTo(200);
        assertThat(done.body()).isEqualTo("{\"status\":\"ok\",\"message\":\"password updated\"}");
        assertThat(uaa.login(name, "new").status()).isEqualTo(200);
        assertThat(uaa.login(name, "old").status()).isEqualTo(401);

        String other = uaa.createUser("o" + name, "p");
        String fresh = uaa.login(name, "new").text("access_token");
        assertThat(uaa.sendAs(
                                fresh,
                                "PUT",
                                "/Users/" + other + "/password",
                                "{\"oldPassword\":\"p\",\"password\":\"q\"}")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void listsByFilterInPages() {
        for (String letter : List.of("a", "b", "c")) {
            uaa.createUser(letter + "-" + name, "p");
        }
        String filter = RunningUaa.encode("userName co \"" + name + "\"");

        var page = uaa.sendAs(
                uaa.admin(),
                "GET",
                "/Users?sortBy=userName&sortOrder=descending&startIndex=2&count=1&attributes=id,userName&filter="
                        + filter,
                "");

        assertThat(page.json().path("totalResults").asInt()).isEqualTo(3);
        assertThat(page.json().path("resources").size()).isEqualTo(1);
        assertThat(page.text("resources/0/userName")).isEqualTo("b-" + name);
        assertThat(page.json().path("resources").path(0).propertyNames()).containsExactly("id", "userName");
        String inGroup = "groups.display eq \"cloud_controller.admin\"";
        assertThat(uaa.sendAs(uaa.admin(), "GET", "/Users?filter=" + RunningUaa.encode(inGroup), "")
                        .text("resources/0/userName"))
                .isEqualTo("admin");
        var invalid = uaa.sendAs(uaa.admin(), "GET", "/Users?filter=" + RunningUaa.encode("shoe eq \"4\""), "");
        assertThat(invalid.status()).isEqualTo(400);
        assertThat(invalid.text("error_description")).isEqualTo("Invalid filter expression: [shoe eq \"4\"]");
    }

    @Test
    void looksUpIdsForComponents() {
        String id = uaa.createUser(name, "p");
        String token = uaa.token("cloud_controller_username_lookup", "lookup-secret", "grant_type=client_credentials")
                .text("access_token");

        var byId = uaa.getAs(
                token,
                "/ids/Users?includeInactive=true&filter=" + RunningUaa.encode("id eq \"" + id + "\" or id eq \"x\""));
        assertThat(byId.json().path("resources").toString())
                .isEqualTo("[{\"id\":\"%s\",\"userName\":\"%s\",\"origin\":\"uaa\"}]".formatted(id, name));
        var byName = uaa.getAs(
                token, "/ids/Users?filter=" + RunningUaa.encode("userName eq \"" + name + "\" and origin eq \"uaa\""));
        assertThat(byName.text("resources/0/id")).isEqualTo(id);
        var wild = uaa.getAs(token, "/ids/Users?filter=" + RunningUaa.encode("userName co \"a\""));
        assertThat(wild.status()).isEqualTo(400);
        assertThat(wild.text("error_description")).isEqualTo("Wildcards are not allowed in filter.");
        assertThat(uaa.getAs(token, "/ids/Users?filter=" + RunningUaa.encode("origin eq \"uaa\""))
                        .status())
                .isEqualTo(400);
        assertThat(uaa.getAs(token, "/ids/Users").status()).isEqualTo(400);
    }
}
