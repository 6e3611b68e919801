package org.cupola.uaa;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.cupola.platform.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@ParameterizedClass
@EnumSource(RunningUaa.Db.class)
class TokenGrantsTest {
    private final RunningUaa uaa;
    private final String name = "user-" + UUID.randomUUID();

    TokenGrantsTest(RunningUaa.Db db) {
        this.uaa = RunningUaa.on(db);
    }

    @Test
    void logsAdminInAsTheCfClientDoes() {
        var reply = uaa.login("ADMIN", "admin-password");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("cache-control")).isEqualTo("no-store");
        assertThat(reply.header("pragma")).isEqualTo("no-cache");
        assertThat(reply.header("content-type")).isEqualTo("application/json; charset=utf-8");
        assertThat(reply.text("token_type")).isEqualTo("bearer");
        assertThat(reply.json().path("expires_in").asInt()).isBetween(1190, 1200);
        assertThat(Scopes.split(reply.text("scope")))
                .containsExactlyInAnyOrder(
                        "clients.read",
                        "cloud_controller.admin",
                        "cloud_controller.read",
                        "cloud_controller.write",
                        "doppler.firehose",
                        "network.admin",
                        "openid",
                        "password.write",
                        "routing.router_groups.read",
                        "routing.router_groups.write",
                        "scim.read",
                        "scim.write",
                        "uaa.user");
        assertThat(reply.text("id_token")).isNotEmpty();
        assertThat(RunningUaa.claims(reply.text("refresh_token")).path("jti").asString())
                .endsWith("-r");
    }

    @Test
    void accessTokensOfUsersCarryTheClaimsResourceServersNeed() {
        String id = uaa.createUser(name, "secret");
        var reply = uaa.login(name, "secret");

        String token = reply.text("access_token");
        JsonNode claims = RunningUaa.claims(token);
        assertThat(claims.path("jti").asString()).matches("[0-9a-f]{32}").isEqualTo(reply.text("jti"));
        assertThat(claims.path("sub").asString()).isEqualTo(id);
        assertThat(claims.path("user_id").asString()).isEqualTo(id);
        assertThat(claims.path("user_name").asString()).isEqualTo(name);
        assertThat(claims.path("email").asString()).isEqualTo(name + "@example.com");
        assertThat(claims.path("origin").asString()).isEqualTo("uaa");
        for (String claim : List.of("client_id", "cid", "azp")) {
            assertThat(claims.path(claim).asString()).isEqualTo("cf");
        }
        assertThat(claims.path("grant_type").asString()).isEqualTo("password");
        assertThat(claims.path("client_auth_method").asString()).isEqualTo("none");
        assertThat(claims.path("iss").asString()).isEqualTo("https://uaa.sys.example.com/oauth/token");
        assertThat(claims.path("zid").asString()).isEqualTo("uaa");
        assertThat(claims.path("rev_sig").asString()).matches("[0-9a-f]{1,8}");
        assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(1200);
        assertThat(claims.has("auth_time")).isTrue();
        assertThat(claims.has("authorities")).isFalse();
        assertThat(claims.has("revocable")).isFalse();
        assertThat(Call.texts(claims.path("aud")))
                .containsExactlyInAnyOrder("cloud_controller", "cf", "uaa", "openid", "password");
        JsonNode header = RunningUaa.header(token);
        assertThat(header.toString())
                .isEqualTo("{\"alg\":\"RS256\",\"jku\":\"https://uaa.sys.example.com/token_keys\","
                        + "\"kid\":\"key-1\",\"typ\":\"JWT\"}");
    }

    @Test
    void idTokensSpeakOfTheUserToTheClient() {
        uaa.createUser(name, "secret");

        JsonNode claims = RunningUaa.claims(uaa.login(name, "secret").text("id_token"));

        assertThat(claims.path("aud").toString()).isEqualTo("[\"cf\"]");
        assertThat(claims.path("email_verified").asBoolean()).isTrue();
        assertThat(claims.path("user_name").asString()).isEqualTo(name);
        assertThat(claims.path("amr").toString()).isEqualTo("[\"pwd\"]");
    }

    @Test
    void aWrongPasswordAndAnUnknownUserLookTheSame() {
        uaa.createUser(name, "secret");

        for (var reply : List.of(uaa.login(name, "wrong"), uaa.login("nobody-" + name, "secret"))) {
            assertThat(reply.status()).isEqualTo(401);
            assertThat(reply.body())
                    .isEqualTo("{\"error\":\"invalid_client\",\"error_description\":\"Bad credentials\"}");
            assertThat(reply.header("www-authenticate"))
                    .isEqualTo("Basic realm=\"UAA/client\", error=\"unauthorized\","
                            + " error_description=\"Bad credentials\"");
        }
    }

    @Test
    void locksAfterFiveFailuresWithoutLookingAtThePasswordAndUnlocksInTime() {
        uaa.createUser(name, "secret");
        for (int i = 0; i < 5; i++) {
            assertThat(uaa.login(name, "wrong").text("error")).isEqualTo("invalid_client");
        }

        var locked = uaa.login(name, "secret");
        assertThat(locked.status()).isEqualTo(401);
        assertThat(locked.body())
                .isEqualTo("{\"error\":\"unauthorized\",\"error_description\":\"Your account has been locked because of"
                        + " too many failed attempts to login.\"}");

        uaa.clock.advance(Duration.ofSeconds(301));
        assertThat(uaa.login(name, "secret").status()).isEqualTo(200);
        assertThat(uaa.login(name, "wrong").text("error")).isEqualTo("invalid_client");
        assertThat(uaa.login(name, "secret").status()).isEqualTo(200);
    }

    @Test
    void anAdministratorUnlocks() {
        String id = uaa.createUser(name, "secret");
        for (int i = 0; i < 5; i++) {
            uaa.login(name, "wrong");
        }

        var unlocked = uaa.sendAs(uaa.admin(), "PATCH", "/Users/" + id + "/status", "{\"locked\":false}");

        assertThat(unlocked.body()).isEqualTo("{\"locked\":false}");
        assertThat(uaa.login(name, "secret").status()).isEqualTo(200);
    }

    @Test
    void anUnverifiedUserAndOneWhoMustChangeThePasswordAreToldSo() {
        uaa.sendAs(
                uaa.admin(),
                "POST",
                "/Users",
                "{\"userName\":\"%1$s\",\"password\":\"p\",\"verified\":false,\"emails\":[{\"value\":\"a@b\"}]}"
                        .formatted(name));
        var unverified = uaa.login(name, "p");
        assertThat(unverified.status()).isEqualTo(403);
        assertThat(unverified.body())
                .isEqualTo("{\"error\":\"access_denied\",\"error_description\":\"Account not verified\"}");

        String id = uaa.createUser("2" + name, "p");
        uaa.sendAs(uaa.admin(), "PATCH", "/Users/" + id + "/status", "{\"passwordChangeRequired\":true}");
        var mustChange = uaa.login("2" + name, "p");
        assertThat(mustChange.status()).isEqualTo(401);
        assertThat(mustChange.body())
                .isEqualTo("{\"error\":\"unauthorized\",\"error_description\":\"password change required\"}");
    }

    @Test
    void knowsTheOriginOfTheLoginHint() {
        uaa.createUser(name, "secret");
        String form = "grant_type=password&password=secret&username=" + name;

        var ours =
                uaa.form("/oauth/token?login_hint=%7B%22origin%22%3A%22uaa%22%7D", form, "Authorization", "Basic Y2Y6");
        var other = uaa.form(
                "/oauth/token?login_hint=%7B%22origin%22%3A%22ldap%22%7D", form, "Authorization", "Basic Y2Y6");

        assertThat(ours.status()).isEqualTo(200);
        assertThat(other.status()).isEqualTo(401);
        assertThat(other.text("error_description"))
                .isEqualTo("The origin provided in the login_hint does not match an active Identity Provider,"
                        + " that supports password grant.");
    }

    @Test
    void clientCredentialsCarryTheAuthorities() {
        for (String form : List.of(
                "grant_type=client_credentials",
                "grant_type=client_credentials&client_id=tcp_emitter&client_secret=tcp-emitter-secret")) {
            var reply = form.contains("client_id")
                    ? uaa.form("/oauth/token", form)
                    : uaa.token("tcp_emitter", "tcp-emitter-secret", form);

            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.json().has("refresh_token")).isFalse();
            assertThat(reply.text("scope")).isEqualTo("routing.routes.write routing.routes.read");
            JsonNode claims = RunningUaa.claims(reply.text("access_token"));
            assertThat(claims.path("sub").asString()).isEqualTo("tcp_emitter");
            assertThat(claims.path("authorities").toString())
                    .isEqualTo("[\"routing.routes.write\",\"routing.routes.read\"]");
            assertThat(claims.path("aud").toString()).isEqualTo("[\"routing.routes\",\"tcp_emitter\"]");
            assertThat(claims.has("user_id")).isFalse();
            assertThat(claims.has("client_auth_method")).isFalse();
        }
    }

    @Test
    void narrowsTheScopesAskedForAndRefusesOthers() {
        var narrow = uaa.token(
                "tcp_emitter", "tcp-emitter-secret", "grant_type=client_credentials&scope=routing.routes.read");
        assertThat(narrow.text("scope")).isEqualTo("routing.routes.read");

        var other = uaa.token("tcp_emitter", "tcp-emitter-secret", "grant_type=client_credentials&scope=uaa.admin");
        assertThat(other.status()).isEqualTo(400);
        assertThat(other.body())
                .isEqualTo("{\"error\":\"invalid_scope\",\"error_description\":\"uaa.admin is invalid. Please use a"
                        + " valid scope name in the request\"}");

        uaa.createUser(name, "secret");
        var none = uaa.form(
                "/oauth/token",
                "grant_type=password&username=%s&password=secret&scope=network.admin".formatted(name),
                "Authorization",
                "Basic Y2Y6");
        assertThat(none.status()).isEqualTo(400);
        assertThat(none.body())
                .isEqualTo("{\"error\":\"invalid_scope\",\"error_description\":\"[network.admin] is invalid. This user"
                        + " is not allowed any of the requested scopes\"}");
    }

    @Test
    void eachWrongTokenRequestHasItsError() {
        assertError(uaa.form("/oauth/token", "grant_type=client_credentials"), 401, "unauthorized");
        assertError(uaa.token("doppler", "wrong", "grant_type=client_credentials"), 401, "invalid_client");
        assertError(uaa.token("nobody", "", "grant_type=client_credentials"), 401, "invalid_client");
        assertError(uaa.token("doppler", "doppler-secret", "scope=x"), 400, "invalid_request");
        assertThat(uaa.token("doppler", "doppler-secret", "scope=x").text("error_description"))
                .isEqualTo("Missing grant type");
        assertError(uaa.token("doppler", "doppler-secret", "grant_type=magic"), 400, "unsupported_grant_type");
        assertError(uaa.token("doppler", "doppler-secret", "grant_type=implicit"), 400, "invalid_grant");
        assertError(
                uaa.token("doppler", "doppler-secret", "grant_type=password&username=a&password=b"),
                401,
                "invalid_client");
        assertThat(uaa.token("doppler", "doppler-secret", "grant_type=password&username=a&password=b")
                        .text("error_description"))
                .startsWith("Unauthorized grant type");
        var mismatch = uaa.token("doppler", "doppler-secret", "grant_type=client_credentials&client_id=cf");
        assertError(mismatch, 401, "invalid_client");
        assertThat(mismatch.text("error_description")).isEqualTo("Given client ID does not match authenticated client");
    }

    private static void assertError(RunningUaa.Reply reply, int status, String error) {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.text("error")).isEqualTo(error);
        assertThat(reply.text("error_description")).isNotEmpty();
    }

    @Test
    void decodesUrlEncodedBasicCredentials() {
        uaa.sendAs(
                uaa.admin(),
                "POST",
                "/oauth/clients",
                "{\"client_id\":\"%s\",\"client_secret\":\"a+b%%c:d\",\"authorized_grant_types\":[\"client_credentials\"]}"
                        .formatted(name));

        var encoded = uaa.token(name, RunningUaa.encode("a+b%c:d"), "grant_type=client_credentials");

        assertThat(encoded.status()).isEqualTo(200);
    }

    @Test
    void refreshAnswersTheSameRefreshTokenAndTheSameScopes() {
        uaa.createUser(name, "secret");
        var login = uaa.login(name, "secret");
        String refresh = login.text("refresh_token");
        uaa.clock.advance(Duration.ofSeconds(1200));

        var reply = uaa.token("cf", "", "grant_type=refresh_token&refresh_token=" + refresh);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text("refresh_token")).isEqualTo(refresh);
        assertThat(reply.text("scope")).isEqualTo(login.text("scope"));
        assertThat(reply.text("access_token")).isNotEqualTo(login.text("access_token"));
        assertThat(RunningUaa.claims(reply.text("access_token"))
                        .path("grant_type")
                        .asString())
                .isEqualTo("password");
    }

    @Test
    void refreshMayNarrowButNotWiden() {
        uaa.createUser(name, "secret");
        String refresh = uaa.login(name, "secret").text("refresh_token");

        assertThat(uaa.token("cf", "", "grant_type=refresh_token&scope=openid&refresh_token=" + refresh)
                        .text("scope"))
                .isEqualTo("openid");
        assertError(
                uaa.token("cf", "", "grant_type=refresh_token&scope=network.admin&refresh_token=" + refresh),
                400,
                "invalid_scope");
    }

    @Test
    void refreshTokensDieOfAgeAndOfAnotherPasswordAndOfRevocation() {
        String id = uaa.createUser(name, "secret");
        String old = uaa.login(name, "secret").text("refresh_token");

        uaa.sendAs(uaa.admin(), "PUT", "/Users/" + id + "/password", "{\"password\":\"other\"}");
        var changed = uaa.token("cf", "", "grant_type=refresh_token&refresh_token=" + old);
        assertError(changed, 401, "invalid_token");
        assertThat(changed.text("error_description")).isEqualTo("Invalid refresh token: revocable signature mismatch");

        String next = uaa.login(name, "other").text("refresh_token");
        assertThat(uaa.getAs(uaa.admin(), "/oauth/token/revoke/user/" + id).status())
                .isEqualTo(200);
        assertError(uaa.token("cf", "", "grant_type=refresh_token&refresh_token=" + next), 401, "invalid_token");

        String last = uaa.login(name, "other").text("refresh_token");
        uaa.clock.advance(Duration.ofDays(30));
        var expired = uaa.token("cf", "", "grant_type=refresh_token&refresh_token=" + last);
        assertError(expired, 401, "invalid_token");
        assertThat(expired.text("error_description")).startsWith("Invalid refresh token expired at ");
    }

    @Test
    void aForgedOrForeignRefreshTokenIsRefused() {
        uaa.createUser(name, "secret");
        String refresh = uaa.login(name, "secret").text("refresh_token");
        String[] parts = refresh.split("\\.");
        String unsigned = Randoms.base64Url(Json.bytes(java.util.Map.of("alg", "none"))) + "." + parts[1] + ".";
        String tampered =
                parts[0] + "." + parts[1] + "." + (parts[2].charAt(0) == 'A' ? 'B' : 'A') + parts[2].substring(1);

        for (String token : List.of(
                unsigned, tampered, "nonsense", uaa.login(name, "secret").text("access_token"))) {
            assertError(uaa.token("cf", "", "grant_type=refresh_token&refresh_token=" + token), 401, "invalid_token");
        }
        assertError(
                uaa.token("two_secrets", "old-secret", "grant_type=refresh_token&refresh_token=" + refresh),
                400,
                "invalid_grant");
    }

    @Test
    void addingASecondClientSecretEndsNoSession() {
        uaa.createUser(name, "secret");
        String client = "client-" + name;
        uaa.sendAs(uaa.admin(), "POST", "/oauth/clients", """
                {"client_id":"%s","client_secret":"first","authorized_grant_types":["password"],"scope":["openid"]}""".formatted(client));
        String refresh = uaa.token(client, "first", "grant_type=password&username=%s&password=secret".formatted(name))
                .text("refresh_token");

        var added = uaa.sendAs(
                uaa.admin(),
                "PUT",
                "/oauth/clients/" + client + "/secret",
                "{\"secret\":\"second\",\"changeMode\":\"ADD\"}");
        assertThat(added.body()).isEqualTo("{\"status\":\"ok\",\"message\":\"Secret is added\"}");

        assertThat(uaa.token(client, "second", "grant_type=refresh_token&refresh_token=" + refresh)
                        .status())
                .isEqualTo(200);

        var removed =
                uaa.sendAs(uaa.admin(), "PUT", "/oauth/clients/" + client + "/secret", "{\"changeMode\":\"DELETE\"}");
        assertThat(removed.body()).isEqualTo("{\"status\":\"ok\",\"message\":\"Secret is deleted\"}");
        assertThat(uaa.token(client, "first", "grant_type=client_credentials").status())
                .isEqualTo(401);
        assertError(
                uaa.token(client, "second", "grant_type=refresh_token&refresh_token=" + refresh), 401, "invalid_token");
    }

    @Test
    void bothSecretsOfTheConfigurationAreGood() {
        for (String secret : List.of("old-secret", "new-secret")) {
            assertThat(uaa.token("two_secrets", secret, "grant_type=client_credentials")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void anOpaqueTokenWorksAndCanBeRevokedByItself() {
        uaa.createUser(name, "secret");
        var login = uaa.form(
                "/oauth/token",
                "grant_type=password&token_format=opaque&username=%s&password=secret".formatted(name),
                "Authorization",
                "Basic Y2Y6");
        String token = login.text("access_token");
        assertThat(token).matches("[0-9a-f]{32}");
        assertThat(login.text("refresh_token")).matches("[0-9a-f]{32}-r");
        var check = uaa.token("doppler", "doppler-secret", "");
        assertThat(uaa.form(
                                "/check_token",
                                "token=" + token,
                                "Authorization",
                                RunningUaa.basic("doppler", "doppler-secret"))
                        .json()
                        .path("revocable")
                        .asBoolean())
                .isTrue();
        assertThat(check.status()).isEqualTo(400);

        assertThat(uaa.sendAs(token, "DELETE", "/oauth/token/revoke/" + token, "")
                        .status())
                .isEqualTo(200);

        var gone = uaa.form(
                "/check_token", "token=" + token, "Authorization", RunningUaa.basic("doppler", "doppler-secret"));
        assertThat(gone.status()).isEqualTo(400);
        assertThat(gone.body())
                .isEqualTo("{\"error\":\"invalid_token\",\"error_description\":\"The token expired, was revoked, or the"
                        + " token ID is incorrect.\"}");
        var again = uaa.sendAs(uaa.admin(), "DELETE", "/oauth/token/revoke/" + token, "");
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.body())
                .isEqualTo("{\"error\":\"invalid_token\",\"error_description\":\"Resource not found\"}");
    }

    @Test
    void aTokenOfOneClientBecomesOneOfAnotherByAssertion() {
        uaa.createUser(name, "secret");
        String token = uaa.login(name, "secret").text("access_token");

        var reply = uaa.token(
                "cf", "", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + token);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(RunningUaa.claims(reply.text("access_token"))
                        .path("user_name")
                        .asString())
                .isEqualTo(name);
    }

    @Test
    void checkTokenAndIntrospectTellResourceServersOnly() {
        uaa.createUser(name, "secret");
        String token = uaa.login(name, "secret").text("access_token");
        String doppler = RunningUaa.basic("doppler", "doppler-secret");

        var check = uaa.form(
                "/check_token", "token=" + token + "&scopes=openid,cloud_controller.read", "Authorization", doppler);
        assertThat(check.status()).isEqualTo(200);
        var claims = (ObjectNode) RunningUaa.claims(token);
        assertThat(check.json()).isEqualTo(claims.put("revocable", false));
        var missing = uaa.form("/check_token", "token=" + token + "&scopes=scim.read", "Authorization", doppler);
        assertThat(missing.status()).isEqualTo(400);
        assertThat(missing.body())
                .isEqualTo("{\"error\":\"invalid_scope\",\"error_description\":\"Some requested scopes are missing:"
                        + " scim.read\"}");
        assertError(uaa.form("/check_token", "token=", "Authorization", doppler), 400, "invalid_token");
        assertThat(uaa.form("/check_token", "token=" + token, "Authorization", "Basic Y2Y6")
                        .status())
                .isEqualTo(403);

        assertThat(uaa.form("/introspect", "token=" + token, "Authorization", doppler)
                        .json()
                        .path("active")
                        .asBoolean())
                .isTrue();
        assertThat(uaa.form("/introspect", "token=x", "Authorization", doppler).body())
                .isEqualTo("{\"active\":false}");
        var get = uaa.get("/introspect?token=x", "Authorization", doppler);
        assertThat(get.status()).isEqualTo(405);
        assertThat(get.body())
                .isEqualTo("{\"error\":\"method_not_allowed\",\"error_description\":\"Request method 'GET' not"
                        + " supported\"}");

        var info = uaa.getAs(token, "/userinfo");
        assertThat(info.text("user_name")).isEqualTo(name);
        assertThat(info.text("name")).isEqualTo(name + " " + name);
    }
}
