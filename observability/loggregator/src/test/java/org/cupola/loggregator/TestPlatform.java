package org.cupola.loggregator;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.json.Json;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;

/** The UAA and the Cloud Controller as far as Loggregator sees them, one app that one user sees, and certificates for all. */
final class TestPlatform implements AutoCloseable {
    static final String APP = "6f1a4a1c-0d0b-4b5e-9a63-0c5f2f0b6d11";
    static final String HIDDEN_APP = "00000000-0d0b-4b5e-9a63-0c5f2f0b6d11";

    private final CertificateAuthority authority =
            CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
    private final RSAKey key;
    private final HttpServer open;
    private final HttpServer internal;
    private final Path folder;
    final AtomicInteger accessQuestions = new AtomicInteger();

    TestPlatform(Path folder) throws Exception {
        this.folder = folder;
        this.key = new RSAKeyGenerator(2048).keyID("key-1").generate();
        var identity = authority.issue("loggregator", List.of("127.0.0.1"), Duration.ofDays(1));
        Files.writeString(folder.resolve("ca.crt"), Pem.write(authority.certificate()));
        Files.writeString(folder.resolve("own.crt"), Pem.write(identity.certificate()));
        Files.writeString(folder.resolve("own.key"), Pem.write(identity.key()));
        var here = new InetSocketAddress("127.0.0.1", 0);
        open = new HttpServer(
                "test-uaa-and-api",
                HttpListener.plain(here),
                server -> server.service(
                                "/token_keys",
                                (_, _) -> json(
                                        Map.of("keys", List.of(key.toPublicJWK().toJSONObject()))))
                        .service(
                                "/v3/apps",
                                (ctx, _) -> json(Map.of(
                                        "resources",
                                        List.of(Map.of("guid", ctx.queryParams().contains("page") ? APP : "another")),
                                        "pagination",
                                        ctx.queryParams().contains("page")
                                                ? Map.of()
                                                : Map.of("next", Map.of("href", "http://elsewhere/v3/apps?page=2")))))
                        .service("/v3/service_instances", (_, _) -> json(Map.of("resources", List.of()))));
        internal = new HttpServer(
                "test-internal",
                HttpListener.mutualTls(here, identity, List.of(authority.certificate())),
                server -> server.service("/internal/v4/log_access/{guid}", (ctx, request) -> {
                    accessQuestions.incrementAndGet();
                    return HttpResponse.of(APP.equals(ctx.pathParam("guid")) ? HttpStatus.OK : HttpStatus.NOT_FOUND);
                }));
        open.start();
        internal.start();
    }

    private static HttpResponse json(Object document) {
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON_UTF_8, Json.text(document));
    }

    LoggregatorConfig config(String moreYaml) throws Exception {
        return LoggregatorConfig.parse("test", """
                tls: {ca_cert: %1$s/ca.crt, cert: %1$s/own.crt, key: %1$s/own.key}
                agent: {grpc: "127.0.0.1:0", udp: "127.0.0.1:0", tags: {deployment: test}}
                log_cache: {grpc: "127.0.0.1:0", http: "127.0.0.1:0", memory_limit_mb: 8}
                traffic_controller: {http: "127.0.0.1:0"}
                access:
                  uaa_url: http://127.0.0.1:%2$d
                  cc_api_url: http://127.0.0.1:%2$d
                  cc_internal_url: https://127.0.0.1:%3$d
                %4$s
                """.formatted(folder, open.port(), internal.port(), moreYaml));
    }

    HttpClients clients() {
        return HttpClients.create(
                authority.issue("client", List.of(), Duration.ofDays(1)), List.of(authority.certificate()));
    }

    String bearer(String... scopes) {
        try {
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("key-1").build(),
                    new JWTClaimsSet.Builder()
                            .issuer("test")
                            .claim("scope", List.of(scopes))
                            .claim("client_id", "cf")
                            .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                            .build());
            jwt.sign(new RSASSASigner(key));
            return "bearer " + jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        open.close();
        internal.close();
    }
}
