package org.cupola.protocol.uaa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.cupola.platform.config.Secret;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.tls.CertificateAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenClientTest {
    private static final TokenClient.Settings FAST =
            new TokenClient.Settings(Duration.ofSeconds(30), 4, Duration.ofMillis(1));

    private final TickingClock clock = new TickingClock();
    private final HttpClients clients = HttpClients.create(null, List.of());
    private TestUaa uaa;

    @BeforeEach
    void start() throws Exception {
        uaa = new TestUaa(null);
    }

    @AfterEach
    void stop() {
        uaa.close();
        clients.close();
    }

    @Test
    void sendsTheClientsCredentialsPercentEncoded() throws Exception {
        assertThat(client("routing api", "s+:%").token()).isEqualTo("token-1");

        var request = uaa.tokenRequests.getFirst();
        assertThat(request.contentUtf8()).isEqualTo("grant_type=client_credentials&token_format=jwt");
        assertThat(request.contentType()).hasToString("application/x-www-form-urlencoded");
        // routing+api:s%2B%3A%25
        assertThat(request.headers().get("authorization")).isEqualTo("Basic cm91dGluZythcGk6cyUyQiUzQSUyNQ==");
    }

    @Test
    void keepsATokenUntilThirtySecondsBeforeItExpires() throws Exception {
        TokenClient client = client("a", "b");
        assertThat(client.token()).isEqualTo("token-1");

        clock.advance(Duration.ofSeconds(89));
        assertThat(client.token()).isEqualTo("token-1");

        clock.advance(Duration.ofSeconds(1));
        assertThat(client.token()).isEqualTo("token-2");
    }

    @Test
    void renewsAtOnceWhenAsked() throws Exception {
        TokenClient client = client("a", "b");
        client.token();

        assertThat(client.renewed()).isEqualTo("token-2");
        assertThat(client.token()).isEqualTo("token-2");
    }

    @Test
    void fetchesOnceForManyThreads() throws Exception {
        TokenClient client = client("a", "b");

        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var tokens = IntStream.range(0, 50)
                    .mapToObj(i -> executor.submit(client::token))
                    .toList();
            for (var token : tokens) {
                assertThat(token.get()).isEqualTo("token-1");
            }
        }
        assertThat(uaa.tokenRequests).hasSize(1);
    }

    @Test
    void triesAgainWhenTheUaaFails() throws Exception {
        uaa.failuresToCome.set(3);

        assertThat(client("a", "b").token()).isEqualTo("token-4");
    }

    @Test
    void givesUpAfterTheLastAttempt() {
        uaa.failuresToCome.set(4);

        assertThatThrownBy(() -> client("a", "b").token())
                .isInstanceOfSatisfying(
                        UaaException.class, e -> assertThat(e.kind()).isEqualTo(UaaException.Kind.UNUSABLE_ANSWER))
                .hasMessageContaining("status 503");
        assertThat(uaa.tokenRequests).hasSize(4);
    }

    @Test
    void doesNotRepeatRefusedCredentials() {
        assertThatThrownBy(() -> client("a", "b")
                        .grant(new TokenGrant.Password("admin", new Secret("wrong")), List.of("openid", "x.y")))
                .isInstanceOfSatisfying(
                        UaaException.class, e -> assertThat(e.kind()).isEqualTo(UaaException.Kind.REFUSED))
                .hasMessageContaining("401 invalid_client: Bad credentials");
        assertThat(uaa.tokenRequests).hasSize(1);
        assertThat(uaa.tokenRequests.getFirst().contentUtf8())
                .isEqualTo("grant_type=password&username=admin&password=wrong&token_format=jwt&scope=openid+x.y");
    }

    @Test
    void saysWhenNobodyAnswers() {
        var nobody =
                new UaaConnection(URI.create("http://127.0.0.1:" + FreePorts.next()), clients, Duration.ofSeconds(2));

        assertThatThrownBy(nobody::issuer)
                .isInstanceOfSatisfying(
                        UaaException.class, e -> assertThat(e.kind()).isEqualTo(UaaException.Kind.UNREACHABLE));
    }

    @Test
    void trustsOnlyTheGivenAuthority() throws Exception {
        var authority = CertificateAuthority.create("ca", Duration.ofDays(1), Clock.systemUTC());
        try (var secure = new TestUaa(authority.issue("uaa", List.of("127.0.0.1"), Duration.ofDays(1)));
                var trusting = HttpClients.create(null, List.of(authority.certificate()))) {
            var good = new UaaConnection(secure.url(), trusting, Duration.ofSeconds(10));
            var bad = new UaaConnection(secure.url(), clients, Duration.ofSeconds(10));

            assertThat(good.issuer()).isEqualTo("https://uaa/oauth/token");
            assertThatThrownBy(bad::issuer)
                    .isInstanceOfSatisfying(
                            UaaException.class, e -> assertThat(e.kind()).isEqualTo(UaaException.Kind.UNREACHABLE));
        }
    }

    private TokenClient client(String id, String secret) {
        return new TokenClient(
                new UaaConnection(uaa.url(), clients, Duration.ofSeconds(10)), id, new Secret(secret), FAST, clock);
    }
}
