package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.cupola.launcher.demo.CloudFoundryApi;
import org.cupola.launcher.demo.Deployment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The state-and-recovery table: each component is stopped and started again while an app serves. */
@ParameterizedClass
@EnumSource(PlatformMode.class)
class RecoveryTest {
    private static final String NAME = "steady";
    private static final int CONNECTIONS = 10;
    private static final Duration ONE_EMIT_INTERVAL = Duration.ofSeconds(25);

    @TempDir
    private static Path data;

    private static RunningPlatform platform;
    private static CloudFoundryApi api;
    private static String app;
    private static int echoPort;

    @Parameter
    private PlatformMode mode;

    @BeforeParameterizedClassInvocation
    static void start(PlatformMode mode) throws Exception {
        platform = mode.start(Files.createDirectory(data.resolve(mode.name())));
        api = platform.login();
        app = platform.deployHello(api, NAME, 2);
        echoPort = platform.deployEcho(api, "steady-echo");
    }

    @AfterParameterizedClassInvocation
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
        try (HttpLoad load = platform.load(NAME, CONNECTIONS)) {
            await().atMost(Duration.ofSeconds(60)).until(() -> load.answered() > 100);

            platform.stop(component);
            long whileAway = load.answered();
            await().atMost(Duration.ofSeconds(60)).until(() -> load.answered() > whileAway + 500);
            platform.start(component);
            long afterwards = load.answered();
            await().atMost(Duration.ofSeconds(60)).until(() -> load.answered() > afterwards + 500);

            assertThat(load.failures()).isEmpty();
        }
        aNewInstanceIsRouted();
    }

    /** There is one of each here, so requests fail while it is away; its routes must be back with it. */
    @ParameterizedTest
    @ValueSource(strings = {"gorouter", "tcp-router", "load-balancer"})
    void requestsComeBackWithinOneEmitIntervalAfterARouterCrashed(String component) throws Exception {
        platform.crash(component);
        platform.start(component);

        await().atMost(ONE_EMIT_INTERVAL)
                .ignoreException(UncheckedIOException.class)
                .until(() -> platform.get(platform.host(NAME), "/").status() == 200);
        await().atMost(ONE_EMIT_INTERVAL)
                .ignoreExceptions()
                .until(() -> Echo.echo(echoPort, "back").equals("back"));
        aNewInstanceIsRouted();
    }

    @Test
    void aKilledInstanceComesBackAndCostsNoFurtherRequest() throws Exception {
        try (HttpLoad load = platform.load(NAME, CONNECTIONS)) {
            await().atMost(Duration.ofSeconds(60)).until(() -> load.bodies().size() == 2);
            long pid = Long.parseLong(platform.get(platform.host(NAME), "/pid").body());
            ProcessHandle instance = ProcessHandle.of(pid).orElseThrow();

            instance.destroyForcibly();
            while (instance.isAlive()) {
                Thread.onSpinWait(); // for the very moment; being told takes longer, and would excuse more
            }
            long noticed = System.nanoTime();

            long before = load.answered();
            await().atMost(Duration.ofSeconds(60)).until(() -> load.answered() > before + 1_000);
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(
                                    platform.get(platform.host(NAME), "/pid").body())
                            .isNotEqualTo(Long.toString(pid)));
            new Deployment(api, Clock.systemUTC()).awaitRunning(app, 2);
            long recovered = load.answered();
            await().atMost(Duration.ofSeconds(60)).until(() -> load.answered() > recovered + 1_000);

            // What was inside the instance when it died cannot be answered: at most one request per connection.
            assertThat(load.failures())
                    .hasSizeLessThanOrEqualTo(CONNECTIONS)
                    .as("sent after the instance had died")
                    .noneMatch(failure -> failure.sentAt() - noticed > 0);
        }
    }

    private static void aNewInstanceIsRouted() {
        var deployment = new Deployment(api, Clock.systemUTC());
        deployment.scale(app, 3, 128);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(platform.get(platform.host(NAME), "/").body())
                                .isEqualTo("hello from instance 2\n"));
        deployment.scale(app, 2, 128);
        deployment.awaitRunning(app, 2);
    }
}
