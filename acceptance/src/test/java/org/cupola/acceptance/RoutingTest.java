package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.cupola.launcher.demo.CloudFoundryApi;
import org.cupola.launcher.demo.Deployment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests reach the instances of an app, however these come and go and however the platform runs. */
@ParameterizedClass
@EnumSource(PlatformMode.class)
class RoutingTest {
    @TempDir
    private static Path data;

    private static RunningPlatform platform;
    private static CloudFoundryApi api;

    @Parameter
    private PlatformMode mode;

    @BeforeParameterizedClassInvocation
    static void start(PlatformMode mode) throws Exception {
        platform = mode.start(Files.createDirectory(data.resolve(mode.name())));
        api = platform.login();
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        api.close();
        platform.close();
    }

    @Test
    void allInstancesOfAnHttpAppAnswer() {
        String app = platform.deployHello(api, "three", 3);

        Set<String> answers = new HashSet<>();
        for (int i = 0; i < 12; i++) {
            HttpLoad.Answer answer = platform.get(platform.host("three"), "/");
            assertThat(answer.status()).isEqualTo(200);
            answers.add(answer.body());
        }

        assertThat(answers)
                .containsExactlyInAnyOrder(
                        "hello from instance 0\n", "hello from instance 1\n", "hello from instance 2\n");
        // What the cell measured has come to the API by way of Log Cache.
        await().atMost(Duration.ofSeconds(60))
                .until(() -> api.get("/v3/apps/" + app + "/processes/web/stats")
                        .path("resources")
                        .valueStream()
                        .allMatch(instance -> instance.path("usage").path("mem").asLong(0) > 0));
    }

    @Test
    void bytesAreEchoedThroughTheTcpRouter() throws Exception {
        int port = platform.deployEcho(api, "echo");

        // Until the TCP router knows the route, the load balancer can only reset the connection.
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> assertThat(Echo.echo(port, "round trip")).isEqualTo("round trip"));
    }

    @Test
    void scalingUnderLoadFailsNoRequest() throws Exception {
        String app = platform.deployHello(api, "elastic", 3);
        var deployment = new Deployment(api, Clock.systemUTC());
        try (HttpLoad load = platform.load("elastic", 50)) {
            await().atMost(Duration.ofSeconds(60)).until(() -> load.bodies().size() == 3);

            deployment.scale(app, 5, 128);
            await().atMost(Duration.ofSeconds(60)).until(() -> load.bodies().size() == 5);
            deployment.scale(app, 1, 128);
            deployment.awaitRunning(app, 1);
            long seen = load.answered();
            await().atMost(Duration.ofSeconds(60)).until(() -> load.answered() > seen + 2_000);

            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void anUnknownHostIsToldSo() {
        HttpLoad.Answer answer = platform.get(platform.host("nobody"), "/");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.headers()).containsEntry("x-cf-routererror", "unknown_route");
    }

    @Test
    void theApiTheUaaAndTheLogsAreReachableThroughTheRouterToo() {
        String system = platform.reach().systemDomain();

        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            assertThat(platform.get("api." + system, "/v3/info").status()).isEqualTo(200);
            assertThat(platform.get("uaa." + system, "/token_keys").status()).isEqualTo(200);
            assertThat(platform.get("log-cache." + system, "/api/v1/info").body())
                    .contains("vm_uptime");
            assertThat(platform.get("log-stream." + system, "/v2/read").status())
                    .isEqualTo(400);
            assertThat(platform.get("doppler." + system, "/firehose/x").status())
                    .isEqualTo(401);
        });
    }
}
