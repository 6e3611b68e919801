package org.cupola.uaa;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(RunningUaa.Db.class)
class AuthorizeTest {
    private static final Pattern CSRF = Pattern.compile("name=\"X-Uaa-Csrf\" value=\"(.*)\"");
    private final RunningUaa uaa;
    private final String name = "user-" + UUID.randomUUID();

    AuthorizeTest(RunningUaa.Db db) {
        this.uaa = RunningUaa.on(db);
        uaa.createUser(name, "p");
    }

    /** {@code cf ssh-code}, and what the SSH proxy does with it. */
    @Test
    void aBearerTokenBuysACodeForSsh() {
        String token = uaa.login(name, "p").text("access_token");

        var reply = uaa.getAs(token, "/oauth/authorize?client_id=ssh-proxy&response_type=code");

        assertThat(reply.status()).isEqualTo(302);
        assertThat(reply.header("location")).matches("https://uaa\\.sys\\.example\\.com/login\\?code=[\\w-]{32}");
        String code = reply.header("location").replaceFirst(".*code=", "");
        var exchanged = uaa.token("ssh-proxy", "ssh-proxy-secret", "grant_type=authorization_code&code=" + code);
        assertThat(exchanged.status()).isEqualTo(200);
        assertThat(exchanged.text("token_type")).isEqualTo("bearer");
        assertThat(RunningUaa.claims(exchanged.text("access_token"))
                        .path("user_name")
                        .asString())
                .isEqualTo(name);

        var again = uaa.token("ssh-proxy", "ssh-proxy-secret", "grant_type=authorization_code&code=" + code);
        assertThat(again.status()).isEqualTo(400);
        assertThat(again.text("error")).isEqualTo("invalid_grant");
    }

    @Test
    void codesDieAfterFiveMinutes() {
        String token = uaa.login(name, "p").text("access_token");
        String code = uaa.getAs(token, "/oauth/authorize?client_id=ssh-proxy&response_type=code")
                .header("location")
                .replaceFirst(".*code=", "");
        uaa.clock.advance(Duration.ofSeconds(301));

        var late = uaa.token("ssh-proxy", "ssh-proxy-secret", "grant_type=authorization_code&code=" + code);

        assertThat(late.status()).isEqualTo(400);
        assertThat(late.text("error")).isEqualTo("invalid_grant");
    }

    @Test
    void anAddressThatIsNotRegisteredGetsNothing() {
        String token = uaa.login(name, "p").text("access_token");

        var reply = uaa.getAs(
                token,
                "/oauth/authorize?client_id=ssh-proxy&response_type=code&redirect_uri=https%3A%2F%2Fevil%2Flogin");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.header("location")).isEmpty();
        assertThat(uaa.getAs("no.such.token", "/oauth/authorize?client_id=ssh-proxy&response_type=code")
                        .status())
                .isEqualTo(401);
        assertThat(uaa.getAs(token, "/oauth/authorize?client_id=nobody&response_type=code")
                        .status())
                .isEqualTo(401);
    }

    /** The steps of the acceptance tests' single sign-on of a service dashboard. */
    @Test
    void aBrowserLogsInConsentsAndComesBackWithACode() {
        String client = "dashboard-" + name;
        uaa.sendAs(uaa.admin(), "POST", "/oauth/clients", """
                {"client_id":"%s","client_secret":"s","redirect_uri":["http://dash.example.com"],
                 "scope":["openid","cloud_controller_service_permissions.read"],
                 "authorized_grant_types":["authorization_code"]}""".formatted(client));
        String session = browserLogin();
        String authorize = "/oauth/authorize?client_id=" + client
                + "&response_type=code&redirect_uri=http%3A%2F%2Fdash.example.com&state=xyz"
                + "&scope=openid+cloud_controller_service_permissions.read";

        var consent = uaa.get(authorize, "Cookie", session);
        assertThat(consent.status()).isEqualTo(200);
        assertThat(consent.body()).contains("scope.cloud_controller_service_permissions.read");

        var decided = uaa.form(
                "/oauth/authorize",
                "scope.0=scope.openid&scope.1=scope.cloud_controller_service_permissions.read"
                        + "&user_oauth_approval=true&X-Uaa-Csrf=123456",
                "Cookie",
                session + "; X-Uaa-Csrf=123456");
        assertThat(decided.status()).isEqualTo(302);
        assertThat(decided.header("location")).matches("http://dash\\.example\\.com\\?code=[\\w-]{32}&state=xyz");
        String code = decided.header("location").replaceFirst(".*code=([^&]*).*", "$1");
        String exchange = "grant_type=authorization_code&code=" + code + "&redirect_uri=http%3A%2F%2Fdash.example.com";
        var token = uaa.token(client, "s", exchange);
        assertThat(token.text("scope")).isEqualTo("cloud_controller_service_permissions.read openid");

        var silent = uaa.get(authorize, "Cookie", session);
        assertThat(silent.status()).isEqualTo(302);
        assertThat(silent.header("location")).contains("?code=");
    }

    private String browserLogin() {
        var page = uaa.get("/login", "Accept", "text/html");
        assertThat(page.status()).isEqualTo(200);
        Matcher csrf = CSRF.matcher(page.body());
        assertThat(csrf.find()).isTrue();
        assertThat(RunningUaa.cookie(page, "X-Uaa-Csrf")).contains(csrf.group(1));

        var login = uaa.form(
                "/login.do",
                "username=%s&password=p&X-Uaa-Csrf=%s".formatted(name, csrf.group(1)),
                "Cookie",
                "X-Uaa-Csrf=" + csrf.group(1));
        assertThat(login.status()).isEqualTo(302);
        assertThat(login.header("location")).isEqualTo("/home");
        return "JSESSIONID=" + RunningUaa.cookie(login, "JSESSIONID").orElseThrow();
    }

    @Test
    void formsOfOtherSitesAndWrongPasswordsDoNotLogIn() {
        var forged = uaa.form("/login.do", "username=%s&password=p&X-Uaa-Csrf=a".formatted(name));
        assertThat(forged.header("location")).isEqualTo("/login?error=invalid_login_request");
        assertThat(RunningUaa.cookie(forged, "JSESSIONID")).isEmpty();

        var wrong = uaa.form(
                "/login.do", "username=%s&password=x&X-Uaa-Csrf=12345".formatted(name), "Cookie", "X-Uaa-Csrf=12345");
        assertThat(wrong.header("location")).isEqualTo("/login?error=login_failure");
        var consent = uaa.form(
                "/oauth/authorize",
                "user_oauth_approval=true&X-Uaa-Csrf=1",
                "Cookie",
                browserLogin() + "; X-Uaa-Csrf=2");
        assertThat(consent.status()).isEqualTo(403);
    }

    /** {@code cf login --sso}. */
    @Test
    void aPasscodeLogsInOnce() {
        String session = browserLogin();
        var first = uaa.get("/passcode", "Cookie", session, "Accept", "application/json");
        var second = uaa.get("/passcode", "Cookie", session);
        assertThat(uaa.get("/passcode").header("location")).isEqualTo("/login?continue=%2Fpasscode");
        Matcher shown = Pattern.compile("<h2>([\\w-]{32})</h2>").matcher(second.body());
        assertThat(shown.find()).isTrue();

        var cancelled = passcode(first.json().asString());
        assertThat(cancelled.status()).isEqualTo(401);
        assertThat(cancelled.body())
                .isEqualTo("{\"error\":\"unauthorized\",\"error_description\":\"Invalid passcode\"}");
        var good = passcode(shown.group(1));
        assertThat(good.status()).isEqualTo(200);
        assertThat(RunningUaa.claims(good.text("access_token"))
                        .path("user_name")
                        .asString())
                .isEqualTo(name);
        assertThat(passcode(shown.group(1)).status()).isEqualTo(401);
    }

    private RunningUaa.Reply passcode(String code) {
        return uaa.form("/oauth/token", "grant_type=password&passcode=" + code, "Authorization", "Basic Y2Y6");
    }

    @Test
    void loggingOutEndsTheSession() {
        String session = browserLogin();
        assertThat(uaa.get("/home", "Cookie", session).status()).isEqualTo(200);

        var out = uaa.get("/logout.do?redirect=https%3A%2F%2Fevil.example.com", "Cookie", session);

        assertThat(out.header("location")).isEqualTo("/login");
        assertThat(uaa.get("/home", "Cookie", session).status()).isEqualTo(302);
    }

    @Test
    void aPublicClientNeedsTheProofKeyAndItsRefreshTokensRotate() {
        String client = "public-" + name;
        uaa.sendAs(uaa.admin(), "POST", "/oauth/clients", """
                {"client_id":"%s","allowpublic":true,"autoapprove":true,"redirect_uri":["http://localhost/cb"],
                 "scope":["openid","uaa.user"],"authorized_grant_types":["authorization_code"]}""".formatted(client));
        String session = browserLogin();
        String verifier = "v".repeat(43);
        String challenge = Randoms.base64Url(Randoms.sha256(verifier.getBytes(StandardCharsets.US_ASCII)));
        String authorize = "/oauth/authorize?response_type=code&client_id=" + client;

        String code = code(authorize + "&code_challenge_method=S256&code_challenge=" + challenge, session);
        var wrong = uaa.form(
                "/oauth/token",
                "grant_type=authorization_code&client_id=%s&code=%s&code_verifier=%s"
                        .formatted(client, code, "w".repeat(43)));
        assertThat(wrong.text("error")).isEqualTo("invalid_grant");
        String next = code(authorize + "&code_challenge_method=S256&code_challenge=" + challenge, session);
        var good = uaa.form(
                "/oauth/token",
                "grant_type=authorization_code&client_id=%s&code=%s&code_verifier=%s"
                        .formatted(client, next, verifier));
        assertThat(good.status()).isEqualTo(200);
        assertThat(RunningUaa.claims(good.text("access_token"))
                        .path("client_auth_method")
                        .asString())
                .isEqualTo("none");
        var without = uaa.form(
                "/oauth/token",
                "grant_type=authorization_code&client_id=%s&code=%s&code_verifier=%s"
                        .formatted(client, code(authorize, session), verifier));
        assertThat(without.text("error")).isEqualTo("invalid_grant");

        String first = good.text("refresh_token");
        String second = refresh(client, first).text("refresh_token");
        assertThat(second).isNotEmpty().isNotEqualTo(first);
        assertThat(refresh(client, first).status())
                .as("within the grace period")
                .isEqualTo(200);
        uaa.clock.advance(Duration.ofSeconds(61));
        assertThat(refresh(client, first).status()).as("used twice").isEqualTo(401);
        assertThat(refresh(client, second).status()).as("the session is over").isEqualTo(401);
    }

    private RunningUaa.Reply refresh(String client, String token) {
        return uaa.form(
                "/oauth/token", "grant_type=refresh_token&client_id=%s&refresh_token=%s".formatted(client, token));
    }

    private String code(String authorize, String session) {
        String location = uaa.get(authorize, "Cookie", session).header("location");
        assertThat(location).contains("code=");
        return location.replaceFirst(".*code=([^&]*).*", "$1");
    }

    @Test
    void anImplicitAnswerIsInTheFragment() {
        String client = "implicit-" + name;
        uaa.sendAs(uaa.admin(), "POST", "/oauth/clients", """
                {"client_id":"%s","autoapprove":true,"redirect_uri":["http://localhost/cb"],
                 "scope":["openid"],"authorized_grant_types":["implicit"]}""".formatted(client));
        String session = browserLogin();

        String location = uaa.get(
                        "/oauth/authorize?response_type=token%20id_token&nonce=n1&state=s1&client_id=" + client,
                        "Cookie",
                        session)
                .header("location");

        assertThat(location)
                .startsWith("http://localhost/cb#token_type=bearer&access_token=")
                .contains("&state=s1");
        String idToken = location.replaceFirst(".*id_token=([^&]*).*", "$1");
        assertThat(RunningUaa.claims(idToken).path("nonce").asString()).isEqualTo("n1");
        var refused = uaa.get("/oauth/authorize?response_type=code&client_id=" + client, "Cookie", session);
        assertThat(refused.header("location")).startsWith("http://localhost/cb?error=unauthorized_client");
        var nobody = uaa.get("/oauth/authorize?response_type=token&prompt=none&client_id=" + client);
        assertThat(nobody.header("location")).startsWith("http://localhost/cb#error=login_required");
    }
}
