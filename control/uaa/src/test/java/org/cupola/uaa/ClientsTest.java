package org.cupola.uaa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(RunningUaa.Db.class)
class ClientsTest {
    private final RunningUaa uaa;
    private final String name = "client-" + UUID.randomUUID();

    ClientsTest(RunningUaa.Db db) {
        this.uaa = RunningUaa.on(db);
    }

    @Test
    void aClientIsCreatedReadListedChangedAndDeleted() {
        String admin = uaa.admin();
        var created = uaa.sendAs(admin, "POST", "/oauth/clients", """
                {"client_id":"%s","client_secret":"s","scope":["openid"],"authorized_grant_types":["password"],
                 "access_token_validity":77,"name":"My client","team":"blue"}""".formatted(name));

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.body()).doesNotContain("secret");
        assertThat(created.json().path("authorized_grant_types").toString())
                .isEqualTo("[\"password\",\"refresh_token\"]");
        assertThat(created.json().path("authorities").toString()).isEqualTo("[\"uaa.none\"]");
        assertThat(created.json().path("resource_ids").toString()).isEqualTo("[\"none\"]");
        assertThat(created.json().path("access_token_validity").asInt()).isEqualTo(77);
        assertThat(created.text("team")).isEqualTo("blue");

        assertThat(uaa.sendAs(admin, "GET", "/oauth/clients/" + name, "").text("name"))
                .isEqualTo("My client");
        var list = uaa.sendAs(
                admin, "GET", "/oauth/clients?filter=" + RunningUaa.encode("client_id eq \"" + name + "\""), "");
        assertThat(list.json().path("totalResults").asInt()).isEqualTo(1);
        assertThat(list.json().path("schemas").toString())
                .isEqualTo("[\"http://cloudfoundry.org/schema/scim/oauth-clients-1.0\"]");

        var updated = uaa.sendAs(
                admin,
                "PUT",
                "/oauth/clients/" + name,
                "{\"client_id\":\"%s\",\"scope\":[\"openid\"],\"authorized_grant_types\":[\"client_credentials\"]}"
                        .formatted(name));
        assertThat(updated.status()).isEqualTo(200);
        assertThat(uaa.token(name, "s", "grant_type=client_credentials").status())
                .isEqualTo(200);

        assertThat(uaa.sendAs(admin, "DELETE", "/oauth/clients/" + name, "").text("client_id"))
                .isEqualTo(name);
        var gone = uaa.sendAs(admin, "GET", "/oauth/clients/" + name, "");
        assertThat(gone.status()).isEqualTo(404);
        assertThat(gone.body()).isEmpty();
        assertThat(uaa.token(name, "s", "grant_type=client_credentials").status())
                .isEqualTo(401);
    }

    @Test
    void aReaderWithoutTheScopeIsToldSo() {
        String token = uaa.token("tcp_router", "tcp-router-secret", "grant_type=client_credentials")
                .text("access_token");

        var reply = uaa.getAs(token, "/oauth/clients/cf");

        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.text("error")).isEqualTo("insufficient_scope");
    }

    @Test
    void theRulesForClientsHold() {
        var twice = create("{\"client_id\":\"cf\",\"client_secret\":\"s\",\"authorized_grant_types\":[\"password\"]}");
        assertThat(twice.status()).isEqualTo(409);
        assertThat(twice.body())
                .isEqualTo("{\"error\":\"invalid_client\",\"error_description\":\"Client already exists: cf\"}");

        assertInvalid("{\"client_id\":\"%s\",\"client_secret\":\"s\",\"authorized_grant_types\":[]}");
        assertInvalid("{\"client_id\":\"%s\",\"client_secret\":\"s\",\"authorized_grant_types\":[\"magic\"]}");
        assertInvalid(
                "{\"client_id\":\"%s\",\"client_secret\":\"s\",\"authorized_grant_types\":[\"authorization_code\"]}");
        assertInvalid("{\"client_id\":\"%s\",\"authorized_grant_types\":[\"client_credentials\"]}");
        assertInvalid("{\"client_id\":\"a/%s\",\"client_secret\":\"s\",\"authorized_grant_types\":[\"password\"]}");
        assertInvalid("{\"client_id\":\"uaa\",\"client_secret\":\"s\",\"authorized_grant_types\":[\"password\"]}");
        assertInvalid(
                "{\"client_id\":\"%s\",\"client_secret\":\"s\",\"redirect_uri\":[\"http://a\"],\"authorized_grant_types\":[\"implicit\"]}");
    }

    private void assertInvalid(String body) {
        var reply = create(body.formatted(name));
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text("error")).isEqualTo("invalid_client");
        assertThat(reply.text("error_description")).isNotEmpty();
    }

    private RunningUaa.Reply create(String body) {
        return uaa.sendAs(uaa.admin(), "POST", "/oauth/clients", body);
    }

    /** What the Cloud Controller sends for a service broker's dashboard clients. */
    @Test
    void manyChangesAreOneTransaction() {
        String dashboards = uaa.token("cc-service-dashboards", "dashboards-secret", "grant_type=client_credentials")
                .text("access_token");
        String add = """
                {"client_id":"%s","client_secret":"s","redirect_uri":"http://dash","scope":["openid"],
                 "authorities":["uaa.resource"],"authorized_grant_types":["authorization_code"],"action":"add"}""".formatted(name);

        var added = uaa.sendAs(dashboards, "POST", "/oauth/clients/tx/modify", "[" + add + "]");
        assertThat(added.status()).isEqualTo(200);
        assertThat(added.text("0/action")).isEqualTo("add");
        var half = uaa.sendAs(
                dashboards,
                "POST",
                "/oauth/clients/tx/modify",
                "[{\"client_id\":\"%1$s\",\"action\":\"delete\"},%2$s]".formatted(name, add.replace(name, "cf")));
        assertThat(half.status()).isEqualTo(409);
        assertThat(uaa.getAs(dashboards, "/oauth/clients/" + name).status()).isEqualTo(200);
        var deleted = uaa.sendAs(
                dashboards,
                "POST",
                "/oauth/clients/tx/modify",
                "[{\"client_id\":\"%s\",\"action\":\"delete\"}]".formatted(name));
        assertThat(deleted.status()).isEqualTo(200);
        assertThat(uaa.getAs(dashboards, "/oauth/clients/" + name).status()).isEqualTo(404);
    }

    @Test
    void aThirdSecretIsRefusedAndARevokedClientLosesItsTokens() {
        create(
                "{\"client_id\":\"%s\",\"client_secret\":\"s\",\"authorized_grant_types\":[\"client_credentials\"],\"authorities\":[\"scim.read\"]}"
                        .formatted(name));
        String path = "/oauth/clients/" + name + "/secret";
        assertThat(uaa.sendAs(uaa.admin(), "PUT", path, "{\"secret\":\"t\",\"changeMode\":\"ADD\"}")
                        .status())
                .isEqualTo(200);
        assertThat(uaa.sendAs(uaa.admin(), "PUT", path, "{\"secret\":\"u\",\"changeMode\":\"ADD\"}")
                        .status())
                .isEqualTo(400);
        String token = uaa.token(name, "t", "grant_type=client_credentials").text("access_token");
        assertThat(uaa.getAs(token, "/Groups?count=1").status()).isEqualTo(200);

        assertThat(uaa.getAs(uaa.admin(), "/oauth/token/revoke/client/" + name).status())
                .isEqualTo(200);

        assertThat(uaa.getAs(token, "/Groups?count=1").status()).isEqualTo(401);
        var updated = uaa.sendAs(uaa.admin(), "PUT", path, "{\"secret\":\"only\"}");
        assertThat(updated.body()).isEqualTo("{\"status\":\"ok\",\"message\":\"secret updated\"}");
        assertThat(uaa.token(name, "s", "grant_type=client_credentials").status())
                .isEqualTo(401);
        assertThat(uaa.token(name, "only", "grant_type=client_credentials").status())
                .isEqualTo(200);
    }

    @Test
    void aClientMaySignInsteadOfKnowingASecret() throws Exception {
        var generator = java.security.KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        var pair = generator.generateKeyPair();
        var key = new SigningKey.Rsa("k", pair.getPrivate(), (java.security.interfaces.RSAPublicKey) pair.getPublic());
        String jwks = org.cupola.platform.json.Json.text(java.util.Map.of("keys", java.util.List.of(key.describe())));
        create(
                "{\"client_id\":\"%s\",\"jwks\":%s,\"authorized_grant_types\":[\"client_credentials\"],\"authorities\":[\"scim.read\"]}"
                        .formatted(name, jwks));
        long now = uaa.clock.instant().getEpochSecond();
        var claims = new java.util.LinkedHashMap<String, Object>(java.util.Map.of(
                "iss",
                name,
                "sub",
                name,
                "aud",
                "https://uaa.sys.example.com/oauth/token",
                "jti",
                "1",
                "exp",
                now + 60));
        String form = "grant_type=client_credentials&client_assertion_type="
                + RunningUaa.encode("urn:ietf:params:oauth:client-assertion-type:jwt-bearer") + "&client_assertion=";

        var reply = uaa.form("/oauth/token", form + Jwt.sign(claims, key, ""));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(RunningUaa.claims(reply.text("access_token"))
                        .path("client_auth_method")
                        .asString())
                .isEqualTo("private_key_jwt");

        claims.put("exp", now - 1);
        assertThat(uaa.form("/oauth/token", form + Jwt.sign(claims, key, "")).status())
                .isEqualTo(401);
        claims.put("exp", now + 60);
        claims.put("aud", "https://elsewhere");
        assertThat(uaa.form("/oauth/token", form + Jwt.sign(claims, key, "")).status())
                .isEqualTo(401);
    }
}
