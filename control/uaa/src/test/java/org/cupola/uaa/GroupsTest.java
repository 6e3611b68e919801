package org.cupola.uaa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(RunningUaa.Db.class)
class GroupsTest {
    private final RunningUaa uaa;
    private final String name = "group-" + UUID.randomUUID();

    GroupsTest(RunningUaa.Db db) {
        this.uaa = RunningUaa.on(db);
    }

    @Test
    void membershipsComeAndGoAndGiveScopes() {
        String user = uaa.createUser(name, "p");
        String group = uaa.groupId("network.admin");
        String admin = uaa.admin();

        var added = uaa.sendAs(
                admin,
                "POST",
                "/Groups/" + group + "/members",
                "{\"origin\":\"uaa\",\"type\":\"USER\",\"value\":\"%s\"}".formatted(user));
        assertThat(added.status()).isEqualTo(201);
        assertThat(added.body()).isEqualTo("{\"origin\":\"uaa\",\"type\":\"USER\",\"value\":\"%s\"}".formatted(user));
        assertThat(uaa.login(name, "p").text("scope")).contains("network.admin");
        assertThat(uaa.sendAs(admin, "GET", "/Groups/" + group + "/members", "").body())
                .contains(user);
        assertThat(uaa.sendAs(admin, "GET", "/Groups/" + group + "/members?returnEntities=true", "")
                        .body())
                .contains("\"entity\":")
                .contains("\"userName\":\"" + name + "\"");
        assertThat(uaa.sendAs(admin, "GET", "/Groups/" + group + "/members/" + user, "")
                        .status())
                .isEqualTo(200);

        var removed = uaa.sendAs(admin, "DELETE", "/Groups/" + group + "/members/" + user, "");
        assertThat(removed.status()).isEqualTo(200);
        assertThat(uaa.login(name, "p").text("scope")).doesNotContain("network.admin");
        assertThat(uaa.sendAs(admin, "GET", "/Groups/" + group + "/members/" + user, "")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void membersOfAMemberGroupAreInTheOuterOne() {
        String user = uaa.createUser(name, "p");
        String admin = uaa.admin();
        var inner = uaa.sendAs(
                admin,
                "POST",
                "/Groups",
                "{\"displayName\":\"%s\",\"members\":[{\"value\":\"%s\"}]}".formatted(name, user));
        assertThat(inner.status()).isEqualTo(201);
        uaa.sendAs(
                admin,
                "POST",
                "/Groups/" + uaa.groupId("doppler.firehose") + "/members",
                "{\"type\":\"GROUP\",\"value\":\"%s\"}".formatted(inner.text("id")));

        assertThat(uaa.login(name, "p").text("scope")).contains("doppler.firehose");
        assertThat(uaa.sendAs(admin, "GET", "/Users/" + user, "")
                        .json()
                        .path("groups")
                        .toString())
                .contains("\"display\":\"doppler.firehose\",\"type\":\"INDIRECT\"")
                .contains("\"display\":\"" + name + "\",\"type\":\"DIRECT\"");
    }

    @Test
    void groupsAreCreatedReplacedAndDeleted() {
        String admin = uaa.admin();
        String user = uaa.createUser(name, "p");
        var created = uaa.sendAs(
                admin,
                "POST",
                "/Groups",
                "{\"displayName\":\"%s\",\"description\":\"d\",\"members\":[{\"value\":\"%s\"}]}"
                        .formatted(name, user));
        String id = created.text("id");
        assertThat(created.text("zoneId")).isEqualTo("uaa");
        assertThat(created.json().path("members").size()).isEqualTo(1);

        var twice = uaa.sendAs(admin, "POST", "/Groups", "{\"displayName\":\"%s\"}".formatted(name));
        assertThat(twice.status()).isEqualTo(409);
        assertThat(twice.text("error")).isEqualTo("scim_resource_already_exists");
        var stranger = uaa.sendAs(
                admin,
                "POST",
                "/Groups",
                "{\"displayName\":\"x%s\",\"members\":[{\"value\":\"nobody\"}]}".formatted(name));
        assertThat(stranger.status()).isEqualTo(400);
        assertThat(stranger.text("message")).isEqualTo("Invalid group member: nobody");

        var emptied =
                uaa.sendAs(admin, "PUT", "/Groups/" + id, "{\"displayName\":\"%s\"}".formatted(name), "If-Match", "0");
        assertThat(emptied.json().path("members").size()).isZero();
        assertThat(emptied.text("description")).isEqualTo("d");
        var merged = uaa.sendAs(
                admin, "PATCH", "/Groups/" + id, "{\"members\":[{\"value\":\"%s\"}]}".formatted(user), "If-Match", "*");
        assertThat(merged.json().path("members").size()).isEqualTo(1);
        assertThat(uaa.sendAs(admin, "PUT", "/Groups/" + id, "{\"displayName\":\"y\"}")
                        .status())
                .isEqualTo(400);

        assertThat(uaa.sendAs(admin, "DELETE", "/Groups/" + id, "").text("id")).isEqualTo(id);
        assertThat(uaa.sendAs(admin, "GET", "/Groups/" + id, "").status()).isEqualTo(404);
    }

    @Test
    void groupsOfOtherProvidersAreMapped() {
        String admin = uaa.admin();
        String id = uaa.groupId("openid");

        var mapped = uaa.sendAs(
                admin,
                "POST",
                "/Groups/External",
                "{\"groupId\":\"%s\",\"externalGroup\":\"cn=%s\",\"origin\":\"ldap\"}".formatted(id, name));

        assertThat(mapped.status()).isEqualTo(201);
        assertThat(uaa.sendAs(admin, "GET", "/Groups/External?externalGroup=" + RunningUaa.encode("cn=" + name), "")
                        .text("resources/0/displayName"))
                .isEqualTo("openid");
        assertThat(uaa.sendAs(
                                admin,
                                "DELETE",
                                "/Groups/External/groupId/" + id + "/externalGroup/" + RunningUaa.encode("cn=" + name)
                                        + "/origin/ldap",
                                "")
                        .status())
                .isEqualTo(200);
    }
}
