package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.json.Json;

/** A UAA as far as the Cloud Controller sees it: keys, issuer, user names; it signs whatever token a test wants. */
final class TestUaa implements AutoCloseable {
    private static final Pattern USERNAME = Pattern.compile("username eq \"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile("id eq \"([^\"]*)\"");

    /** Making one takes long; it is no secret. */
    private static final RSAKey KEY = newKey();

    private final HttpServer server;
    private final Map<String, String> users = new ConcurrentHashMap<>();

    TestUaa() throws Exception {
        server = new HttpServer(
                "test-uaa",
                HttpListener.plain(new InetSocketAddress("127.0.0.1", 0)),
                builder -> builder.service(
                                "/.well-known/openid-configuration", (_, _) -> json(Map.of("issuer", issuer())))
                        .service("/token_keys", (_, _) -> json(Map.of("keys", List.of(jwk()))))
                        .service("/token_key", (_, _) -> json(jwk()))
                        .service(
                                "/oauth/token",
                                (_, _) -> json(Map.of(
                                        "access_token",
                                        token("cc-client", "", List.of("scim.userids"), 600),
                                        "token_type",
                                        "bearer",
                                        "expires_in",
                                        600,
                                        "scope",
                                        "scim.userids")))
                        .service("/ids/Users", new BlockingService((ctx, _) -> users(ctx.queryParam("filter")))));
        server.start();
    }

    private static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2048).keyID("key-1").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.port();
    }

    private String issuer() {
        return url() + "/oauth/token";
    }

    private Map<String, Object> jwk() {
        return KEY.toPublicJWK().toJSONObject();
    }

    private static HttpResponse json(Object document) {
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON_UTF_8, Json.text(document));
    }

    /** Makes the name known; its id is {@code <name>-id}. */
    void addUser(String name) {
        users.put(name + "-id", name);
    }

    private HttpResponse users(String filter) {
        Matcher byName = USERNAME.matcher(filter);
        Matcher byId = ID.matcher(filter);
        List<Map<String, String>> found = new ArrayList<>();
        while (byId.find()) {
            String id = byId.group(1);
            if (users.containsKey(id)) {
                found.add(Map.of("id", id, "username", users.get(id), "origin", "uaa"));
            }
        }
        while (byName.find()) {
            String name = byName.group(1);
            if (users.containsValue(name)) {
                found.add(Map.of("id", name + "-id", "username", name, "origin", "uaa"));
            }
        }
        return json(Map.of("resources", found));
    }

    String admin() {
        addUser("admin");
        return token(
                "cf",
                "admin",
                List.of("cloud_controller.read", "cloud_controller.write", "cloud_controller.admin"),
                600);
    }

    String user(String name, String... scopes) {
        addUser(name);
        return token(
                "cf",
                name,
                scopes.length == 0 ? List.of("cloud_controller.read", "cloud_controller.write") : List.of(scopes),
                600);
    }

    String expired() {
        return token("cf", "admin", List.of("cloud_controller.admin"), -10);
    }

    /** @param user empty for a client's own token */
    private String token(String client, String user, List<String> scopes, int seconds) {
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .jwtID(UUID.randomUUID().toString().replace("-", ""))
                .issuer(issuer())
                .audience(List.of("cf", "cloud_controller", "openid"))
                .claim("scope", scopes)
                .claim("client_id", client)
                .claim("cid", client)
                .expirationTime(Date.from(Instant.now().plusSeconds(seconds)));
        if (!user.isEmpty()) {
            claims.subject(user + "-id")
                    .claim("user_id", user + "-id")
                    .claim("user_name", user)
                    .claim("email", user + "@example.com")
                    .claim("origin", "uaa");
        }
        try {
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID(KEY.getKeyID())
                            .build(),
                    claims.build());
            jwt.sign(new RSASSASigner(KEY));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
