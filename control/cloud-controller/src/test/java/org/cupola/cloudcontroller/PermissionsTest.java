package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may see and do what. */
class PermissionsTest {
    @TempDir
    static Path directory;

    private static Cloud cloud;
    private static String org;
    private static String space;
    private static String app;

    @BeforeAll
    static void start() throws Exception {
        cloud = new Cloud(directory);
        org = cloud.org("acme");
        space = cloud.space(org, "dev");
        app = cloud.app(space, "hello");
        for (String user :
                new String[] {"dev", "auditor", "manager", "supporter", "orgmanager", "member", "assistant"}) {
            cloud.uaa.addUser(user);
            cloud.role("organization_user", user, "organization", org).expect(201);
        }
        cloud.role("space_developer", "dev", "space", space).expect(201);
        cloud.role("space_auditor", "auditor", "space", space).expect(201);
        cloud.role("space_manager", "manager", "space", space).expect(201);
        cloud.role("space_supporter", "supporter", "space", space).expect(201);
        cloud.role("organization_manager", "orgmanager", "organization", org).expect(201);
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    @BeforeEach
    void asAdmin() {
        cloud.asAdmin();
    }

    private Cloud as(String user) {
        return cloud.as(cloud.uaa.user(user));
    }

    @Test
    void refusesRequestsWithoutAUsableToken() {
        assertThat(cloud.as("").get("/v3/apps").expect(401).code()).isEqualTo(10002);
        assertThat(cloud.as("nonsense").get("/v3/apps").expect(401).code()).isEqualTo(1000);
        assertThat(cloud.as(cloud.uaa.expired()).get("/v3/apps").expect(401).error())
                .isEqualTo("Invalid Auth Token");
        cloud.as("").get("/").expect(200);
        cloud.as("").get("/v3").expect(200);
        cloud.as("").get("/v2/info").expect(200);
    }

    @Test
    void asksForTheScopeOfTheMethod() {
        cloud.as(cloud.uaa.user("dev", "openid")).get("/v3/apps").expect(403);
        cloud.as(cloud.uaa.user("dev", "cloud_controller.read")).get("/v3/apps").expect(200);
        assertThat(cloud.as(cloud.uaa.user("dev", "cloud_controller.read"))
                        .patch("/v3/apps/" + app, "{}")
                        .expect(403)
                        .code())
                .isEqualTo(10003);
    }

    @Test
    void hidesWhatACallerMayNotSee() {
        as("stranger");

        assertThat(cloud.get("/v3/apps/" + app).expect(404).error()).isEqualTo("App not found");
        cloud.get("/v3/spaces/" + space).expect(404);
        cloud.get("/v3/organizations/" + org).expect(404);
        assertThat(cloud.get("/v3/apps").expect(200).body().path("resources").size())
                .isZero();
        assertThat(cloud.get("/v3/organizations")
                        .expect(200)
                        .body()
                        .path("resources")
                        .size())
                .isZero();
    }

    @Test
    void membersOfAnOrganizationSeeItButNotItsSpaces() {
        as("member");

        cloud.get("/v3/organizations/" + org).expect(200);
        cloud.get("/v3/spaces/" + space).expect(404);
    }

    @Test
    void developersChangeAppsAndOthersOnlySeeThem() {
        for (String user : new String[] {"auditor", "manager", "orgmanager"}) {
            as(user).get("/v3/apps/" + app).expect(200);
            cloud.patch("/v3/apps/" + app, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}")
                    .expect(403);
            cloud.get("/v3/apps/" + app + "/env").expect(403);
        }
        as("dev")
                .patch("/v3/apps/" + app, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}")
                .expect(200);
        cloud.get("/v3/apps/" + app + "/env").expect(200);
    }

    @Test
    void supportersScaleButDoNotDelete() {
        as("supporter");

        cloud.post("/v3/apps/" + app + "/processes/web/actions/scale", "{\"instances\":1}")
                .expect(202);
        cloud.delete("/v3/apps/" + app).expect(403);
    }

    @Test
    void spaceManagersAssignRolesOfTheirSpace() {
        as("manager");

        cloud.role("space_auditor", "assistant", "space", space).expect(201);
        cloud.role("organization_manager", "assistant", "organization", org).expect(403);
    }

    @Test
    void globalReadersSeeEverythingAndOnlySomeSeeSecrets() {
        cloud.as(cloud.uaa.user("global", "cloud_controller.global_auditor"))
                .get("/v3/apps/" + app)
                .expect(200);
        cloud.get("/v3/apps/" + app + "/env").expect(403);
        cloud.as(cloud.uaa.user("reader", "cloud_controller.admin_read_only"))
                .get("/v3/apps/" + app + "/env")
                .expect(200);
        cloud.delete("/v3/apps/" + app).expect(403);
    }

    @Test
    void rolesInASpaceNeedOneInItsOrganization() {
        cloud.uaa.addUser("newcomer");

        assertThat(cloud.role("space_developer", "newcomer", "space", space)
                        .expect(422)
                        .error())
                .isEqualTo(
                        "Users cannot be assigned roles in a space if they do not have a role in that space's organization.");
        assertThat(cloud.role("space_developer", "nobody", "space", space)
                        .expect(422)
                        .error())
                .isEqualTo("No user exists with the username 'nobody'.");
        assertThat(cloud.role("space_developer", "dev", "space", space)
                        .expect(422)
                        .error())
                .isEqualTo("User 'dev' already has 'space_developer' role in space 'dev'.");
    }

    @Test
    void membershipStaysWhileSpaceRolesRemain() {
        String role = cloud.get("/v3/roles?types=organization_user&user_guids=dev-id")
                .body()
                .path("resources")
                .path(0)
                .path("guid")
                .asString();

        assertThat(cloud.delete("/v3/roles/" + role).expect(422).error())
                .isEqualTo("Cannot delete organization_user role while user has roles in spaces in that organization.");
    }

    @Test
    void listsRolesWithTheirUsers() {
        var body = cloud.get("/v3/roles?include=user&space_guids=" + space + "&types=space_developer")
                .expect(200)
                .body();

        assertThat(body.path("resources").size()).isEqualTo(1);
        assertThat(body.path("included").path("users").path(0).path("username").asString())
                .isEqualTo("dev");
        assertThat(body.path("included").path("users").path(0).path("origin").asString())
                .isEqualTo("uaa");
    }

    @Test
    void suspendedOrganizationsAreReadOnly() {
        String other = cloud.org("suspended");
        String otherSpace = cloud.space(other, "dev");
        cloud.role("organization_user", "dev", "organization", other).expect(201);
        cloud.role("space_developer", "dev", "space", otherSpace).expect(201);
        cloud.patch("/v3/organizations/" + other, "{\"suspended\":true}").expect(200);

        assertThat(as("dev")
                        .post(
                                "/v3/apps",
                                "{\"name\":\"x\",\"relationships\":{\"space\":{\"data\":{\"guid\":\"" + otherSpace
                                        + "\"}}}}")
                        .expect(403)
                        .code())
                .isEqualTo(10017);
    }

    @Test
    void disabledFlagsRefuseAllButAdmins() {
        cloud.patch("/v3/feature_flags/app_scaling", "{\"enabled\":false,\"custom_error_message\":\"not today\"}")
                .expect(200);
        try {
            String scale = "/v3/apps/" + app + "/processes/web/actions/scale";
            assertThat(as("dev").post(scale, "{\"instances\":1}").expect(403).error())
                    .isEqualTo("Feature Disabled: not today");
            cloud.asAdmin().post(scale, "{\"instances\":1}").expect(202);
        } finally {
            cloud.asAdmin().patch("/v3/feature_flags/app_scaling", "{\"enabled\":true}");
        }
    }
}
