package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.cupola.launcher.demo.CloudFoundryApi;
import org.cupola.launcher.demo.Deployment;
import org.cupola.launcher.demo.SampleApps;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests reach the instances of an app, however these come and go. */
class RoutingTest {
    @TempDir
    private static Path data;

    private static RunningPlatform platform;
    private static CloudFoundryApi api;

    @BeforeAll
    static void start() throws Exception {
        platform = RunningPlatform.start(data);
        api = platform.login();
    }

    @AfterAll
    static void stop() {
        api.close();
        platform.close();
    }

    @Test
    void allInstancesOfAnHttpAppAnswer() {
        platform.deployHello(api, "three", 3);

        Set<String> answers = new HashSet<>();
        for (int i = 0; i < 12; i++) {
            HttpLoad.Answer answer = platform.get("three.apps.localhost", "/");
            assertThat(answer.status()).isEqualTo(200);
            answers.add(answer.body());
        }

        assertThat(answers)
                .containsExactlyInAnyOrder(
                        "hello from instance 0\n", "hello from instance 1\n", "hello from instance 2\n");
    }

    @Test
    void bytesAreEchoedThroughTheTcpRouter() throws Exception {
        var deployment = new Deployment(api, Clock.systemUTC());
        String space = deployment.space("acceptance", "tests");
        String app = deployment.app(space, "echo", SampleApps.tcp());
        deployment.healthCheckByPort(app);
        deployment.scale(app, 1, 128);
        String url = deployment.tcpRoute(space, app, platform.endpoints().tcpDomain());
        deployment.start(app, 1);

        int port = Integer.parseInt(url.substring(url.indexOf(':') + 1));
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(echo(port, "round trip")).isEqualTo("round trip"));
    }

    @Test
    void scalingUnderLoadFailsNoRequest() throws Exception {
        String app = platform.deployHello(api, "elastic", 3);
        var deployment = new Deployment(api, Clock.systemUTC());
        try (HttpLoad load = platform.load("elastic.apps.localhost", 50)) {
            await().atMost(Duration.ofSeconds(20)).until(() -> load.bodies().size() == 3);

            deployment.scale(app, 5, 128);
            await().atMost(Duration.ofSeconds(60)).until(() -> load.bodies().size() == 5);
            deployment.scale(app, 1, 128);
            deployment.awaitRunning(app, 1);
            long seen = load.answered();
            await().atMost(Duration.ofSeconds(30)).until(() -> load.answered() > seen + 2_000);

            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void anUnknownHostIsToldSo() {
        HttpLoad.Answer answer = platform.get("nobody.apps.localhost", "/");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.headers()).containsEntry("x-cf-routererror", "unknown_route");
    }

    @Test
    void theApiAndTheUaaAreReachableThroughTheRouterToo() {
        String system = platform.endpoints().systemDomain();

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(platform.get("api." + system, "/v3/info").status()).isEqualTo(200);
            assertThat(platform.get("uaa." + system, "/token_keys").status()).isEqualTo(200);
        });
    }

    private static String echo(int port, String text) throws IOException {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
