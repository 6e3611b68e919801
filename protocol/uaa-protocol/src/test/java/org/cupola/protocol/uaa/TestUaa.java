package org.cupola.protocol.uaa;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.json.Json;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/** A UAA as far as these tests need one: keys that can be rotated, a token endpoint that can fail. */
final class TestUaa implements AutoCloseable {
    final AtomicInteger keyRequests = new AtomicInteger();
    final AtomicInteger failuresToCome = new AtomicInteger();
    final List<AggregatedHttpRequest> tokenRequests = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private final boolean tls;
    private volatile Map<String, KeyPair> keys;

    TestUaa(@Nullable TlsIdentity identity) throws Exception {
        keys = Map.of("key-1", FIRST);
        tls = identity != null;
        var loopback = new InetSocketAddress("127.0.0.1", 0);
        server = new HttpServer(
                "test-uaa",
                identity == null ? HttpListener.plain(loopback) : HttpListener.tls(loopback, identity),
                services -> services.service(
                                "/token_keys",
                                new BlockingService((ctx, request) -> json(Map.of("keys", listedKeys()))))
                        .service("/token_key", new BlockingService((ctx, request) -> json(activeKey())))
                        .service(
                                "/.well-known/openid-configuration",
                                new BlockingService(
                                        (ctx, request) -> json(Map.of("issuer", "https://uaa/oauth/token"))))
                        .service("/oauth/token", new BlockingService((ctx, request) -> token(request))));
        server.start();
    }

    URI url() {
        return URI.create((tls ? "https" : "http") + "://127.0.0.1:" + server.port());
    }

    /** From now on only this key is shown. */
    void rotateTo(String keyId, KeyPair pair) {
        keys = Map.of(keyId, pair);
    }

    /** Two keys are enough for all tests, and making one takes half a second. */
    private static final KeyPair FIRST = newRsa();

    private static final KeyPair SECOND = newRsa();

    /** A key that is not the one a new UAA begins with. */
    static KeyPair otherRsa() {
        return SECOND;
    }

    private static KeyPair newRsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair elliptic() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new java.security.spec.ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    String sign(JWTClaimsSet claims) throws JOSEException {
        var entry = keys.entrySet().iterator().next();
        return sign(claims, entry.getKey(), entry.getValue());
    }

    static String sign(JWTClaimsSet claims, String keyId, KeyPair pair) throws JOSEException {
        boolean elliptic = pair.getPrivate() instanceof ECPrivateKey;
        JWSSigner signer =
                elliptic ? new ECDSASigner((ECPrivateKey) pair.getPrivate()) : new RSASSASigner(pair.getPrivate());
        var jwt = new SignedJWT(
                new JWSHeader.Builder(elliptic ? JWSAlgorithm.ES256 : JWSAlgorithm.RS256)
                        .keyID(keyId)
                        .build(),
                claims);
        jwt.sign(signer);
        return jwt.serialize();
    }

    static JWTClaimsSet.Builder claims(Instant expiry) {
        return new JWTClaimsSet.Builder()
                .subject("user-guid")
                .issuer("https://uaa/oauth/token")
                .audience(List.of("cloud_controller", "cf"))
                .claim("client_id", "cf")
                .claim("user_id", "user-guid")
                .claim("user_name", "admin")
                .claim("scope", List.of("cloud_controller.admin", "openid"))
                .expirationTime(Date.from(expiry));
    }

    private List<Map<String, String>> listedKeys() {
        keyRequests.incrementAndGet();
        List<Map<String, String>> listed = new ArrayList<>();
        keys.forEach((id, pair) -> {
            if (pair.getPublic().getAlgorithm().equals("RSA")) {
                listed.add(shown(id, pair));
            }
        });
        return listed;
    }

    private Map<String, String> activeKey() {
        var entry = keys.entrySet().iterator().next();
        return shown(entry.getKey(), entry.getValue());
    }

    private static Map<String, String> shown(String id, KeyPair pair) {
        return Map.of(
                "kty", pair.getPublic().getAlgorithm(), "use", "sig", "kid", id, "value", Pem.write(pair.getPublic()));
    }

    private HttpResponse token(AggregatedHttpRequest request) {
        tokenRequests.add(request);
        if (failuresToCome.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            return HttpResponse.of(HttpStatus.SERVICE_UNAVAILABLE);
        }
        if (request.contentUtf8().contains("password=wrong")
                || request.headers().get("authorization", "").endsWith("d3Jvbmc=")) {
            return HttpResponse.of(
                    HttpStatus.UNAUTHORIZED,
                    MediaType.JSON,
                    "{\"error\":\"invalid_client\",\"error_description\":\"Bad credentials\"}");
        }
        return json(Map.of(
                "access_token", "token-" + tokenRequests.size(),
                "token_type", "bearer",
                "expires_in", 120,
                "scope", "routing.routes.read routing.routes.write",
                "jti", "x"));
    }

    private static HttpResponse json(Object value) {
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON, Json.bytes(value));
    }

    @Override
    public void close() {
        server.close();
    }
}
