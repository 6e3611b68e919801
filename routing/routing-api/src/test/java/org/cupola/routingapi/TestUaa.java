package org.cupola.routingapi;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.json.Json;
import org.cupola.platform.tls.Pem;

/** As much of a UAA as the Routing API asks for, and a way to make tokens. */
final class TestUaa implements AutoCloseable {
    static final String ISSUER = "https://uaa.example.org/oauth/token";
    private static final KeyPair FIRST = newKey();
    private static final KeyPair SECOND = newKey();

    private final HttpServer server;
    private volatile KeyPair key = FIRST;
    private volatile String shownKey = Pem.write(FIRST.getPublic());

    TestUaa() throws Exception {
        server = new HttpServer(
                "test-uaa",
                HttpListener.plain(new InetSocketAddress("127.0.0.1", 0)),
                services -> services.service(
                                "/.well-known/openid-configuration", (ctx, request) -> json(Map.of("issuer", ISSUER)))
                        .service(
                                "/token_key",
                                (ctx, request) -> json(Map.of("kty", "RSA", "kid", "key", "value", shownKey)))
                        .service(
                                "/oauth/token",
                                (ctx, request) -> json(Map.of(
                                        "access_token",
                                        token(
                                                "routing.routes.read",
                                                "routing.routes.write",
                                                "routing.router_groups.read",
                                                "routing.router_groups.write"),
                                        "token_type",
                                        "bearer",
                                        "expires_in",
                                        600))));
        server.start();
    }

    int port() {
        return server.port();
    }

    void rotateKey() {
        key = SECOND;
        shownKey = Pem.write(SECOND.getPublic());
    }

    void showAsKey(String text) {
        shownKey = text;
    }

    String token(String... scopes) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", ISSUER);
        claims.put("exp", Instant.now().plusSeconds(600).getEpochSecond());
        claims.put("scope", List.of(scopes));
        return sign(Map.of("alg", "RS256", "kid", "key"), claims);
    }

    String sign(Map<String, Object> header, Map<String, Object> claims) {
        String signed = base64(Json.bytes(header)) + "." + base64(Json.bytes(claims));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key.getPrivate());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse json(Object value) {
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON, Json.bytes(value));
    }

    @Override
    public void close() {
        server.close();
    }
}
