package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.cupola.launcher.demo.CloudFoundryApi;
import org.cupola.launcher.demo.Deployment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The state-and-recovery table: each component is stopped and started again while an app serves. */
class RecoveryTest {
    private static final String HOST = "steady.apps.localhost";
    private static final Duration ONE_EMIT_INTERVAL = Duration.ofSeconds(25);

    @TempDir
    private static Path data;

    private static RunningPlatform platform;
    private static CloudFoundryApi api;
    private static String app;

    @BeforeAll
    static void start() throws Exception {
        platform = RunningPlatform.start(data);
        api = platform.login();
        app = platform.deployHello(api, "steady", 2);
    }

    @AfterAll
    static void stop() {
        api.close();
        platform.close();
    }

    /** These are not in a request's way: not one may fail while they are away, and a change gets through afterwards. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "nats",
                "locket",
                "bbs",
                "auctioneer",
                "route-emitter",
                "routing-api",
                "uaa",
                "blobstore",
                "tcp-router",
                "cloud-controller",
                "route-registrar"
            })
    void requestsGoOnWhileAControlComponentRestarts(String component) throws Exception {
        try (HttpLoad load = platform.load(HOST, 10)) {
            await().atMost(Duration.ofSeconds(20)).until(() -> load.answered() > 100);

            platform.platform().stop(component);
            long whileAway = load.answered();
            await().atMost(Duration.ofSeconds(20)).until(() -> load.answered() > whileAway + 500);
            platform.platform().start(component);
            long afterwards = load.answered();
            await().atMost(Duration.ofSeconds(20)).until(() -> load.answered() > afterwards + 500);

            assertThat(load.failures()).isEmpty();
        }
        aNewInstanceIsRouted();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gorouter", "load-balancer"})
    void requestsComeBackWithinOneEmitIntervalAfterARouterRestart(String component) throws Exception {
        platform.platform().stop(component);
        platform.platform().start(component);

        await().atMost(ONE_EMIT_INTERVAL)
                .ignoreException(UncheckedIOException.class)
                .until(() -> platform.get(HOST, "/").status() == 200);
        aNewInstanceIsRouted();
    }

    @Test
    void aKilledInstanceComesBackAndCostsNoFurtherRequest() throws Exception {
        try (HttpLoad load = platform.load(HOST, 10)) {
            await().atMost(Duration.ofSeconds(20)).until(() -> load.bodies().size() == 2);

            long pid = Long.parseLong(platform.get(HOST, "/pid").body());
            ProcessHandle instance = ProcessHandle.of(pid).orElseThrow();
            instance.destroyForcibly();
            instance.onExit().join();
            // What was inside the instance when it died cannot be answered; everything after must be.
            int lost = load.failures().size();
            long noticed = load.answered();
            await().atMost(Duration.ofSeconds(20)).until(() -> load.answered() > noticed + 1_000);
            new Deployment(api, Clock.systemUTC()).awaitRunning(app, 2);
            long recovered = load.answered();
            await().atMost(Duration.ofSeconds(20)).until(() -> load.answered() > recovered + 1_000);

            assertThat(lost).isLessThanOrEqualTo(10);
            assertThat(load.failures().subList(lost, load.failures().size())).hasSizeLessThanOrEqualTo(10 - lost);
        }
    }

    private static void aNewInstanceIsRouted() {
        var deployment = new Deployment(api, Clock.systemUTC());
        deployment.scale(app, 3, 128);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(platform.get(HOST, "/").body()).isEqualTo("hello from instance 2\n"));
        deployment.scale(app, 2, 128);
        deployment.awaitRunning(app, 2);
    }
}
