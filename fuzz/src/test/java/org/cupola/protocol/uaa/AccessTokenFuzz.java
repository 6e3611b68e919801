package org.cupola.protocol.uaa;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a stranger calls a token is refused, and never fails otherwise; what our key has signed is taken only when its header
 * and its times say so to another parser too.
 */
class AccessTokenFuzz {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
    private static final KeyPair KEY = key();
    private static final TokenValidator VALIDATOR = validator();

    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void refusesWhatIsNotSigned(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        String header = "{\"alg\":\"RS256\",\"kid\":\"k\",\"typ\":\"JWT\"}\n";
        return Damage.latin1(
                header + "{\"jti\":\"j\",\"sub\":\"s\",\"scope\":[\"a.b\",\"c\"],\"client_id\":\"c\",\"iss\":\"i\","
                        + "\"aud\":[\"x\",\"y\"],\"exp\":1800000060,\"nbf\":1799999999,\"user_name\":\"u\"}",
                header + "{\"aud\":[null]}",
                header + "{\"aud\":[null],\"scope\":[null,1,{}],\"exp\":1.8e9,\"iss\":{}}",
                "{\"alg\":\"none\",\"crit\":[\"b64\"],\"b64\":false}\n{}",
                "bearer eyJhbGciOiJSUzI1NiJ9.e30.AA",
                "eyJhbGciOiJIUzI1NiIsImtpZCI6bnVsbH0.eyJleHAiOi0xfQ.",
                "a.b.c.d.e");
    }

    @Test
    void readsDamagedExamples() {
        Damage.each(1_000, AccessTokenFuzz::check, examples());
    }

    static void check(byte[] input) {
        String text = new String(input, ISO_8859_1);
        refuse(text);
        int end = text.indexOf('\n');
        if (end < 0) {
            return;
        }
        byte[] header = text.substring(0, end).getBytes(ISO_8859_1);
        byte[] claims = text.substring(end + 1).getBytes(ISO_8859_1);
        String unsigned = BASE64.encodeToString(header) + "." + BASE64.encodeToString(claims);
        refuse(unsigned + "." + BASE64.encodeToString(new byte[128]));
        AccessToken token;
        try {
            token = VALIDATOR.validate(unsigned + "." + BASE64.encodeToString(signature(unsigned)));
        } catch (TokenException e) {
            assertThat(e.getMessage()).isNotEmpty();
            return;
        }
        assertThat(Json.tree(new String(header, UTF_8)).path("alg").asString(""))
                .isEqualTo("RS256");
        assertThat(Json.tree(new String(claims, UTF_8)).isObject()).isTrue();
        Instant expiry = token.expiresAt();
        if (expiry != null) {
            assertThat(expiry).isAfter(NOW);
        }
        assertThat(token.hasScope("a.b")).isEqualTo(token.scopes().contains("a.b"));
    }

    private static void refuse(String text) {
        for (boolean whole : List.of(true, false)) {
            try {
                AccessToken token = whole ? VALIDATOR.validateHeader(text) : VALIDATOR.validate(text);
                throw new AssertionError("taken for a token: " + token);
            } catch (TokenException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    private static byte[] signature(String unsigned) {
        try {
            Signature rsa = Signature.getInstance("SHA256withRSA");
            rsa.initSign(KEY.getPrivate());
            rsa.update(unsigned.getBytes(UTF_8));
            return rsa.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Small, for many signatures a second. */
    private static KeyPair key() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(1024);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With the keys of a UAA that is gone; the clock stands, so it is not asked again. */
    private static TokenValidator validator() {
        var key = (RSAPublicKey) KEY.getPublic();
        byte[] answer = Json.bytes(
                Map.of("kty", "RSA", "kid", "k", "n", number(key.getModulus()), "e", number(key.getPublicExponent())));
        try (var clients = HttpClients.create(null, List.of());
                var server = new HttpServer(
                        "uaa",
                        HttpListener.plain(new InetSocketAddress("127.0.0.1", 0)),
                        services -> services.service("/token_key", new KeyAnswer(answer)))) {
            server.start();
            var uaa =
                    new UaaConnection(URI.create("http://127.0.0.1:" + server.port()), clients, Duration.ofSeconds(60));
            var validator = new TokenValidator(uaa, TokenRules.lenient(), () -> NOW);
            validator.loadKeys();
            return validator;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String number(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int signBytes = bytes[0] == 0 ? 1 : 0;
        return BASE64.encodeToString(Arrays.copyOfRange(bytes, signBytes, bytes.length));
    }

    /** A class of its own, for it answers while the class around it is still being initialized. */
    private record KeyAnswer(byte[] json) implements HttpService {
        @Override
        public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
            return HttpResponse.of(HttpStatus.OK, MediaType.JSON_UTF_8, json);
        }
    }
}
